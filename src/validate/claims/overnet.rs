//! L6: what a week of the preset `overnet-2003` looks like to who counts its hosts.

use super::{Room, Source, column, per_seed};
use crate::churn::{Churn, ChurnConfig, ChurnPreset};
use crate::input::Files;
use crate::math::{cos, sin};
use crate::peer::{PeerId, Population};
use crate::random::{Purpose, Streams};
use crate::time::{Duration, Instant};
use crate::validate::Rule;
use std::f64::consts::TAU;

const L6: Source = Source {
    id: "L6",
    text: "Bhagwan, Savage & Voelker, IPTPS 2003, as notes on it say (a week of 1468 hosts of Overnet)",
};
/// The hosts that answered.
const HOSTS: u32 = 1468;
/// The rhythm sets in before the first.
const HOURS: std::ops::Range<u64> = 24..8 * 24;

/// What was counted.
struct Week {
    /// How often a host comes, a day.
    joins: f64,
    /// The share of time that it is up.
    up: f64,
    /// By how many the hosts online at the best hour are more than at the worst.
    swing: f64,
}

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("churn: a week of Overnet (L6)");
    let weeks = per_seed(room.seeds(30, 200), |seed| {
        let week = week(seed);
        [week.joins, week.up, week.swing]
    });
    for (at, (what, published, rule)) in [
        ("times a host comes a day", 6.4, Rule::Reported(0.02)),
        ("share of time a host is up", 0.3, Rule::Reported(0.02)),
        // "Roughly".
        (
            "hosts more at the best time of the day",
            100.0,
            Rule::Reported(0.1),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        room.judge(
            L6.claim(what, published),
            &column(&weeks, |week| week[at]),
            rule,
        );
    }
}

/// Counts a week, hour by hour.
///
/// # Panics
/// Never: a preset needs no file.
fn week(seed: u64) -> Week {
    let (population, streams) = (Population::uniform(HOSTS), Streams::new(seed));
    let config = ChurnConfig::of_preset(ChurnPreset::Overnet2003);
    let churn = Churn::build(&config, &Files::default(), &population, &streams);
    let churn = churn.expect("a preset needs no file");
    let mut online = vec![0.0; (HOURS.end - HOURS.start) as usize];
    let mut joins = 0.0;
    for host in (0..HOSTS).map(PeerId) {
        let mut rng = streams.peer(Purpose::Churn, 0, host.0);
        let (mut up, mut next) = churn.initial(host, &mut rng);
        for hour in 0..HOURS.end {
            let now = Instant::ZERO + Duration::from_hours(hour);
            while let Some(change) = next.filter(|&change| change <= now) {
                up = !up;
                joins += f64::from(u8::from(up && hour > HOURS.start));
                next = churn.next(host, change, up, &mut rng);
            }
            if HOURS.contains(&hour) {
                online[(hour - HOURS.start) as usize] += f64::from(u8::from(up));
            }
        }
    }
    let hours = online.len() as f64;
    // The first harmonic of a day: the difference of two hours alone would have their chance in it.
    let (mut east, mut north) = (0.0, 0.0);
    for (hour, &count) in (0u32..).zip(&online) {
        let turn = TAU * f64::from(hour) / 24.0;
        east += count * cos(turn);
        north += count * sin(turn);
    }
    Week {
        joins: joins / f64::from(HOSTS) / ((hours - 1.0) / 24.0),
        up: online.iter().sum::<f64>() / hours / f64::from(HOSTS),
        swing: 2.0 * (2.0 / hours) * (east * east + north * north).sqrt(),
    }
}
