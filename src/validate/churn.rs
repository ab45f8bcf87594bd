//! Lives of peers.

use super::judge::{Claim, Row, Verdict};
use crate::churn::{Churn, ChurnConfig, Lifetime};
use crate::engine::{Context, Message, Protocol, Setup, World};
use crate::input::Files;
use crate::math::exp;
use crate::math::fit::kolmogorov_smirnov;
use crate::math::stats::Summary;
use crate::network::Network;
use crate::peer::PeerId;
use crate::random::{Draw, Purpose, Streams};
use crate::time::{Duration, Instant};
use std::sync::Arc;

const STEINER: &str = "Steiner et al. 2007, as in PeerfactSim (Weibull fits of KAD)";

/// Shape, scale in minutes, mean, median, mean residual life.
const FITS: [(&str, f64, f64, f64, f64, f64); 3] = [
    (
        "session, first crawl",
        0.54512,
        357.7152,
        617.5,
        182.6,
        1529.0,
    ),
    (
        "session, later crawls",
        0.61511,
        169.5385,
        247.1,
        93.43,
        482.7,
    ),
    ("absence", 0.47648, 413.6765, 908.0, 191.7, 3058.0),
];

pub(super) fn lives(quick: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    // The median of the absences, of shape 0.48, has a standard error of 0.5 % with so many.
    let samples = 400_000;
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, 2);
    let l1 = Claim {
        id: "L1",
        source: STEINER,
    };
    let l2 = Claim {
        id: "L2",
        source: "Weibull moments and renewal theory, of the fits of L1",
    };
    for (name, shape, minutes, mean, median, residual) in FITS {
        let Some(life) = weibull(shape, minutes) else {
            rows.push(l1.exact(name.to_owned(), 0.0, f64::NAN));
            continue;
        };
        let mut drawn: Vec<f64> = (0..samples)
            .map(|_| life.sample(&mut rng).as_secs_f64() / 60.0)
            .collect();
        drawn.sort_by(f64::total_cmp);
        let cdf = |x: f64| 1.0 - life.survival(Duration::from_secs_f64(x * 60.0));
        let distance = kolmogorov_smirnov(&drawn, cdf).statistic;
        let row = l1.within(
            format!("KS distance of samples, {name}"),
            0.0,
            distance,
            0.01,
        );
        rows.push(Row { n: samples, ..row });
        rows.push(l2.near(
            format!("mean in min, {name}"),
            mean,
            &[life.mean() / 60.0],
            0.02,
        ));
        let middle = drawn[drawn.len() / 2];
        rows.push(l2.near(
            format!("median of samples in min, {name}"),
            median,
            &[middle],
            0.02,
        ));
        let of_formula = life.mean_residual() / 60.0;
        rows.push(l2.near(
            format!("mean residual in min, {name}"),
            residual,
            &[of_formula],
            0.02,
        ));
    }
    rows.extend(bittorrent());
    rows.push(availability(l2));
    rows.push(not_exponential());
    rows.push(oversim(quick));
    rows.extend(stale(samples, &mut rng));
    rows
}

/// L4: fits of `BitTorrent` sessions, quoted from memory: shown, not counted.
fn bittorrent() -> Vec<Row> {
    let claim = Claim {
        id: "L4",
        source: "Stutzbach & Rejaie, IMC 2006 (parameters from memory)",
    };
    let fits = [
        ("Red Hat", 0.38, 42.4, 163.4),
        ("Debian", 0.34, 21.3, 118.8),
        ("FlatOut", 0.59, 41.9, 64.46),
    ];
    let rows = fits.into_iter().map(|(name, shape, minutes, mean)| {
        let measured = weibull(shape, minutes).map_or(f64::NAN, |life| life.mean() / 60.0);
        claim
            .near(
                format!("mean session in min, {name}"),
                mean,
                &[measured],
                0.02,
            )
            .unverified()
    });
    rows.collect()
}

fn weibull(shape: f64, minutes: f64) -> Option<Lifetime> {
    let seconds = minutes * 60.0;
    let text = format!(
        "weibull = {{ shape = {shape}, scale = \"{} ms\" }}",
        (seconds * 1e3).round()
    );
    toml::from_str(&text).ok()
}

fn availability(claim: Claim) -> Row {
    let config = toml::from_str::<ChurnConfig>("preset = \"kad-2007\"").ok();
    let measured = config.and_then(|config| config.availability(&Files::default()).ok());
    let what = "share of time a KAD peer is up".to_owned();
    claim.near(what, 0.214, &[measured.unwrap_or(f64::NAN)], 0.02)
}

/// L3 is about the shape: the sessions are not exponential, and a test must be able to see it.
fn not_exponential() -> Row {
    let claim = Claim {
        id: "L3",
        source: "Stutzbach & Rejaie, IMC 2006 (shape only)",
    };
    let what = "KS p-value of KAD sessions against an exponential of their mean".to_owned();
    let mut rng = Streams::new(2).chacha(Purpose::Analysis, 3);
    let Some(life) = weibull(0.61511, 169.5385) else {
        return claim.exact(what, 0.0, f64::NAN);
    };
    let mut drawn: Vec<f64> = (0..2000)
        .map(|_| life.sample(&mut rng).as_secs_f64())
        .collect();
    drawn.sort_by(f64::total_cmp);
    let mean = Summary::of(&drawn).mean;
    let p = kolmogorov_smirnov(&drawn, |x| 1.0 - exp(-x / mean)).p;
    let row = claim.within(what, 0.0, p, 0.001);
    Row {
        n: 2000,
        tolerance: "below 0.001".to_owned(),
        ..row
    }
}

/// A peer that does nothing.
struct Still;
struct Nothing;
impl Message for Nothing {
    const KINDS: &'static [&'static str] = &["nothing"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        0
    }
}
impl Protocol for Still {
    type Message = Nothing;
    type Timer = ();
    type Command = ();
    type Event = ();
    fn on_message(&mut self, _from: PeerId, _message: Nothing, _cx: &mut Context<'_, Self>) {}
}

/// L7: half of the peers are online, at the start and later, in a run of the engine.
fn oversim(quick: bool) -> Row {
    let claim = Claim {
        id: "L7",
        source: "OverSim, default.ini, LifetimeChurn",
    };
    let what = "share online, lives and absences of 10 000 s, over 10 h".to_owned();
    let peers = if quick { 5_000 } else { 20_000 };
    let mut setup = Setup::new(
        peers,
        Network::constant(Duration::from_millis(50)),
        1,
        Duration::from_hours(10),
    );
    let config = toml::from_str::<ChurnConfig>("preset = \"oversim\"").ok();
    let churn = config.and_then(|config| {
        Churn::build(
            &config,
            &Files::default(),
            &setup.population,
            &setup.streams,
        )
        .ok()
    });
    let Some(churn) = churn else {
        return claim.exact(what, 0.5, f64::NAN);
    };
    setup.churn = Arc::new(churn);
    let mut world = World::new(&setup, |_| Still, &crate::engine::Idle);
    let mut shares = Vec::new();
    for hour in 1..=10 {
        world.advance(Instant::ZERO + Duration::from_hours(hour), &mut ());
        let up = (0..peers).filter(|&peer| world.is_up(PeerId(peer))).count();
        shares.push(up as f64 / f64::from(peers));
    }
    let row = claim.near(what, 0.5, &shares, 0.02);
    Row {
        tolerance: "1 point".to_owned(),
        ..row
    }
}

/// L9: the share of dead contacts among those refreshed every T.
fn stale(samples: usize, rng: &mut impl Draw) -> Vec<Row> {
    let claim = Claim {
        id: "L9",
        source: "elementary: 1 - (1 - exp(-r)) / r, r = T / mean life",
    };
    let life = Duration::from_hours(1);
    let cases = [(600, 0.0789), (3600, 0.3679), (36_000, 0.9000)];
    let rows = cases.into_iter().map(|(secs, expected)| {
        let refresh = Duration::from_secs(secs);
        // A contact of random age within the period is dead if it did not live so long.
        let dead = (0..samples).filter(|_| {
            let age = rng.between(Duration::ZERO, refresh);
            rng.exp(life) < age
        });
        let share = dead.count() as f64 / samples as f64;
        let what = format!("dead contacts, lives of 1 h, refreshed every {refresh}");
        let row = claim.within(what, expected, share, 0.02 * expected);
        Row {
            n: samples,
            tolerance: "2 %".to_owned(),
            ..row
        }
    });
    let rows: Vec<Row> = rows.collect();
    debug_assert!(rows.iter().all(|row| row.verdict != Verdict::Skipped));
    rows
}
