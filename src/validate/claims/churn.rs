//! L: lives of peers, who is up, whose contacts are dead.

use super::{Room, Source, column, per_seed};
use crate::churn::{
    Choice, Churn, ChurnConfig, ChurnPreset, ExponentialLife, Known, Lifetime, ParetoLife,
    WeibullLife, stale_share,
};
use crate::engine::{Context, Idle, Message, Protocol, Setup, World};
use crate::input::Files;
use crate::math::exp;
use crate::math::fit::kolmogorov_smirnov;
use crate::math::stats::{Summary, quantile};
use crate::network::Network;
use crate::peer::PeerId;
use crate::random::{Draw, Purpose, Streams};
use crate::time::{Duration, Instant};
use crate::validate::Rule;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

const L1: Source = Source {
    id: "L1",
    text: "Steiner et al. 2007, as in PeerfactSim (Weibull fits of KAD); 400 000 samples",
};
const L2: Source = Source {
    id: "L2",
    text: "Weibull moments and renewal theory, of the fits of L1; minutes, means of samples",
};
const L3: Source = Source {
    id: "L3",
    text: "Stutzbach & Rejaie, IMC 2006 (shape only: not exponential, p of a KS test)",
};
const L4: Source = Source {
    id: "L4",
    text: "Stutzbach & Rejaie, IMC 2006, as notes on it say (Weibull fits of BitTorrent)",
};
const L7: Source = Source {
    id: "L7",
    text: "OverSim, default.ini, LifetimeChurn: lives and absences of 10 000 s",
};
const L9: Source = Source {
    id: "L9",
    text: "elementary: 1 - (1 - exp(-r))/r, r = T / mean life; lives of 1 h",
};

const L10: Source = Source {
    id: "L10",
    text: "elementary, of n peers met at a random time: Pareto lives (shape 2) by age; cf. Godfrey et al. 2006",
};

/// Name, shape, scale in minutes; mean, median and mean residual life in minutes.
type Fit = (&'static str, f64, f64, [f64; 3]);
const KAD: [Fit; 3] = [
    (
        "session, first crawl",
        0.54512,
        357.7152,
        [617.5, 182.6, 1529.0],
    ),
    (
        "session, later crawls",
        0.61511,
        169.5385,
        [247.1, 93.43, 482.7],
    ),
    ("absence", 0.47648, 413.6765, [908.0, 191.7, 3058.0]),
];
const BITTORRENT: [(&str, f64, f64, f64); 3] = [
    ("Red Hat", 0.34, 21.3, 118.8),
    ("Debian", 0.38, 42.4, 163.4),
    ("FlatOut", 0.59, 41.9, 64.46),
];
/// The chance that the oldest of 8 stays, of L10.
const OLDEST: f64 = 0.827_172;
/// Lives drawn in a run.
const LIVES: usize = 10_000;

fn weibull(shape: f64, minutes: f64) -> Lifetime {
    let scale = Duration::from_millis((minutes * 60_000.0).round() as u64);
    Lifetime::Weibull(WeibullLife { shape, scale })
}

fn stream(seed: u64, what: u64) -> ChaCha8Rng {
    Streams::new(seed).chacha(Purpose::Analysis, 10 + what)
}

/// Minutes, ascending.
fn drawn(count: usize, life: Lifetime, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let minutes = |_| life.sample(rng).as_secs_f64() / 60.0;
    let mut lives: Vec<f64> = (0..count).map(minutes).collect();
    lives.sort_by(f64::total_cmp);
    lives
}

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("churn: lives (L1 to L4)");
    for (name, shape, scale, _) in KAD {
        let life = weibull(shape, scale);
        let cdf = |x: f64| 1.0 - life.survival(Duration::from_secs_f64(x * 60.0));
        let lives = drawn(400_000, life, &mut stream(1, 0));
        let distance = kolmogorov_smirnov(&lives, cdf).statistic;
        let what = format!("KS distance, {name}");
        room.judge(L1.claim(what, 0.01), &[distance], Rule::Below);
    }
    moments(room);
    not_exponential(room);
    for (name, shape, scale, mean) in BITTORRENT {
        let what = format!("mean session in min, {name}");
        let ours = weibull(shape, scale).mean() / 60.0;
        room.judge(L4.claim(what, mean), &[ours], Rule::Reported(0.02));
    }
    room.say("churn: who is up, whose contacts are dead (L7, L9)");
    let seeds = room.seeds(40, 400);
    let shares = per_seed(seeds, |seed| {
        shares_online(1000, &[0, 10], seed).unwrap_or_default()
    });
    for (at, hours) in [0, 10].into_iter().enumerate() {
        let what = format!("share online after {hours} h");
        let values = column(&shares, |s| s.get(at).copied().unwrap_or(f64::NAN));
        room.judge(L7.claim(what, 0.5), &values, Rule::Points(0.01));
    }
    stale(room);
    by_age(room);
}

/// L2.
fn moments(room: &mut Room<'_>) {
    let seeds = room.seeds(40, 400);
    for (index, (name, shape, scale, published)) in KAD.into_iter().enumerate() {
        let life = weibull(shape, scale);
        let runs = per_seed(seeds, |seed| {
            let mut rng = stream(seed, 1 + index as u64);
            let lives = drawn(LIVES, life, &mut rng);
            let left = (0..LIVES).map(|_| life.residual(&mut rng).as_secs_f64() / 60.0);
            let residual = left.sum::<f64>() / LIVES as f64;
            [Summary::of(&lives).mean, quantile(&lives, 0.5), residual]
        });
        for (at, what) in ["mean", "median", "mean residual"].into_iter().enumerate() {
            let target = L2.claim(format!("{what}, {name}"), published[at]);
            room.judge(
                target,
                &column(&runs, |run| run[at]),
                Rule::ClosedForm(0.02),
            );
        }
    }
    let (session, absence) = ChurnPreset::Kad2007.lives();
    let up = per_seed(seeds, |seed| {
        let mut rng = stream(seed, 4);
        let mut mean = |life| Summary::of(&drawn(LIVES, life, &mut rng)).mean;
        let (up, down) = (mean(session), mean(absence));
        up / (up + down)
    });
    let target = L2.claim("share of time a KAD peer is up", 0.213_952);
    room.judge(target, &up, Rule::ClosedForm(0.02));
}

/// L3 is about the shape: the sessions are not exponential, and a test must be able to see it.
fn not_exponential(room: &mut Room<'_>) {
    let (session, _) = ChurnPreset::Kad2007.lives();
    let values = per_seed(room.seeds(10, 100), |seed| {
        let lives = drawn(2000, session, &mut stream(seed, 5));
        let mean = Summary::of(&lives).mean;
        kolmogorov_smirnov(&lives, |x| 1.0 - exp(-x / mean)).p
    });
    let what = "p of 2000 KAD sessions";
    room.judge(L3.claim(what, 0.001), &values, Rule::Below);
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

/// L7: the share of peers that is online at each of these hours, in a run of the engine.
fn shares_online(peers: u32, hours: &[u64], seed: u64) -> Option<Vec<f64>> {
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(peers, network, seed, Duration::from_hours(11));
    let churn = Churn::build(
        &ChurnConfig::of_preset(ChurnPreset::Oversim),
        &Files::default(),
        &setup.population,
        &setup.streams,
    );
    setup.churn = Arc::new(churn.ok()?);
    let mut world = World::new(&setup, |_| Still, &Idle);
    let shares = hours.iter().map(|&hour| {
        // An instant later, so that who is up from the start is.
        let at = Instant::ZERO + Duration::from_hours(hour) + Duration::from_nanos(1);
        world.advance(at, &mut ());
        let up = (0..peers).filter(|&peer| world.is_up(PeerId(peer))).count();
        up as f64 / f64::from(peers)
    });
    Some(shares.collect())
}

/// L9: the share of dead contacts among those refreshed every T.
fn stale(room: &mut Room<'_>) {
    let life = Duration::from_hours(1);
    for (index, secs) in [600, 3600, 36_000].into_iter().enumerate() {
        let refresh = Duration::from_secs(secs);
        let values = per_seed(room.seeds(40, 400), |seed| {
            let mut rng = stream(seed, 6 + index as u64);
            // A contact of random age within the period is dead if it did not live so long.
            let dead = (0..LIVES).filter(|_| {
                let age = rng.between(Duration::ZERO, refresh);
                rng.exp(life) < age
            });
            dead.count() as f64 / LIVES as f64
        });
        let what = format!("dead contacts, T = {refresh}");
        let target = L9.claim(what, stale_share(refresh, life));
        room.judge(target, &values, Rule::ClosedForm(0.02));
    }
}

/// L10: the chance that a neighbour is still up after a time of the law's scale. At a random time the
/// age of a Pareto life of shape 2 is beyond a with probability 1 / (1 + a), and one of age a then stays
/// for another 1 with probability ((1 + a) / (2 + a))^2: 1/2 for any peer, and the integral of
/// n (1 - x)^(n - 1) / (1 + x)^2 over x from 0 to 1 for the oldest of n.
fn by_age(room: &mut Room<'_>) {
    let hour = Duration::from_hours(1);
    let pareto = |scale| Lifetime::Pareto(ParetoLife { shape: 2.0, scale });
    let exponential = Lifetime::Exponential(ExponentialLife { mean: hour });
    let claims = [
        ("any neighbour stays, Pareto", Choice::Random, true, 0.5),
        (
            "the oldest of 8 stays, Pareto",
            Choice::Oldest,
            true,
            OLDEST,
        ),
        (
            "the oldest of 8 stays, exponential",
            Choice::Oldest,
            false,
            exp(-1.0),
        ),
    ];
    for (index, (what, choice, heavy, expected)) in claims.into_iter().enumerate() {
        let values = per_seed(room.seeds(40, 400), |seed| {
            let mut rng = stream(seed, 9 + index as u64);
            let now = Instant::ZERO + Duration::from_hours(10_000);
            let stays = (0..LIVES / 5).filter(|_| {
                let life = if heavy { pareto(hour) } else { exponential };
                // Age and remaining life have the same law at a random time.
                let mut met: Vec<Known> = (0..8)
                    .map(|peer| Known {
                        peer: PeerId(peer),
                        since: Some(now - life.residual(&mut rng).min(now - Instant::ZERO)),
                        round_trip: None,
                    })
                    .collect();
                let chosen = choice.prefer(&mut met, 1, &mut rng)[0];
                let age = now - chosen.since.unwrap_or(now);
                let rest = if heavy {
                    pareto(hour + age)
                } else {
                    exponential
                };
                rest.sample(&mut rng) > hour
            });
            stays.count() as f64 / (LIVES / 5) as f64
        });
        room.judge(L10.claim(what, expected), &values, Rule::ClosedForm(0.02));
    }
}
