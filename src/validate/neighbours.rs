//! What neighbours that peers keep are measured by: closed forms, and one function from a seed to what a
//! run comes to. Ids are L11 to L13.
//!
//! Lives are of a shifted Pareto law, `P[life > t] = (1 + t / scale)^-shape`. In a population whose lives are
//! stationary the age A of a peer met at a random time has `P[A > a] = (1 + a / scale)^-(shape - 1)`, and what
//! remains of the life of one of age a has `P[R > r] = (1 + r / (scale + a))^-shape`, so a mean of
//! (scale + a) / (shape - 1) (renewal theory; Leonard, Rai & Loguinov, SIGMETRICS 2005). Times here are in
//! units of the scale, and x is 1 + a, which has a Pareto law from 1 on.

use super::finite::binomial;
use crate::churn::{Choice, Churn, ChurnConfig, ExponentialLife, Lifetime, ParetoLife};
use crate::engine::Setup;
use crate::input::Files;
use crate::math::{exp, gamma, pow};
use crate::network::{Network, NetworkConfig, RegionPreset, RegionsConfig};
use crate::observe::record::Record;
use crate::protocols::gossip::{Broadcasts, Gossip, Kept, Push, Strategy, Whom, neighbours};
use crate::time::Duration;
use std::sync::Arc;

/// How neighbours are chosen and what lives peers have.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Whom peers prefer.
    pub choice: Choice,
    /// How many they keep.
    pub count: u8,
    /// How many they ask.
    pub candidates: u8,
    /// How often they ask those they keep.
    pub ping: Duration,
    /// The shape of Pareto lives; exponential ones if there is none.
    pub shape: Option<f64>,
}

/// The scale of Pareto lives, and the mean of exponential ones.
pub const SCALE: Duration = Duration::from_hours(1);
/// The mean of absences, which are exponential.
const ABSENCE: Duration = Duration::from_mins(2);
/// Short against all else.
const TIMEOUT: Duration = Duration::from_secs(1);
/// Peers expected to be up.
const PEERS: u32 = 100;
/// Before the measurement, where lives are Pareto: an age counts from the start of the run. The mean age of the
/// oldest of 4 of shape 4 lacks what is beyond, 2 / 31^2 or 0.2 % of the scale.
const WARM_UP: Duration = Duration::from_hours(30);
/// The measurement there.
const MEASURED: Duration = Duration::from_hours(60);
/// Both where lives are exponential, and ages do not matter.
const SHORT: [Duration; 2] = [Duration::from_hours(5), Duration::from_hours(20)];

impl Case {
    fn life(self) -> Lifetime {
        match self.shape {
            Some(shape) => Lifetime::Pareto(ParetoLife {
                shape,
                scale: SCALE,
            }),
            None => Lifetime::Exponential(ExponentialLife { mean: SCALE }),
        }
    }

    /// The share of time that a peer is up.
    pub fn online(self) -> f64 {
        let up = self.life().mean();
        up / (up + ABSENCE.as_secs_f64())
    }

    /// A run of it.
    ///
    /// # Panics
    /// Never: these lives and latencies need no file.
    pub fn run(self, seed: u64) -> Record {
        let absence = Lifetime::Exponential(ExponentialLife { mean: ABSENCE });
        let churn = ChurnConfig::of_lives(self.life(), absence);
        let files = Files::default();
        let population = churn.population_for(PEERS, &files);
        let population = population.expect("lives in closed form have a mean");
        let still = Network::constant(Duration::from_millis(50));
        let [warm_up, measured] = self.shape.map_or(SHORT, |_| [WARM_UP, MEASURED]);
        let mut setup = Setup::new(population, still, seed, measured);
        setup.phases.warm_up = warm_up;
        let regions = NetworkConfig {
            constant: None,
            regions: Some(RegionsConfig {
                preset: Some(RegionPreset::Bitcoin2019),
                names: Vec::new(),
                shares: Vec::new(),
                rtt: Vec::new(),
            }),
            ..NetworkConfig::default()
        };
        let network = Network::build(&regions, &files, &setup.population, &setup.streams);
        setup.network = Arc::new(network.expect("a preset needs no file"));
        let churn = Churn::build(&churn, &files, &setup.population, &setup.streams);
        setup.churn = Arc::new(churn.expect("lives in closed form need no file"));
        let gossip = Gossip {
            strategy: Strategy::Push(Push { fanout: 1 }),
            targets: Whom::Kept(Kept {
                count: self.count,
                candidates: self.candidates,
                choice: self.choice,
                ping: self.ping,
                timeout: TIMEOUT,
                both_ways: false,
            }),
            broadcasts: Broadcasts::Count(1),
            ..Gossip::default()
        };
        gossip.run(&setup)
    }
}

/// The mean time that neighbours stay, where one that stays for longer than `limit` (in seconds) counts as
/// `limit`: an area under the survival curve, which those whose keeper goes first do not bias as long as
/// some are seen for longer (Kaplan & Meier; the restricted mean of Irwin, J. Hygiene 47, 1949).
pub fn restricted_stay(record: &Record, limit: f64) -> f64 {
    let stays = record.samples.iter();
    let Some(stays) = stays.into_iter().find(|s| s.name == neighbours::STAYS) else {
        return f64::NAN;
    };
    let seen: f64 = stays.values.iter().map(|stay| stay.min(limit)).sum();
    let longer = stays.censored as f64;
    (seen + longer * limit) / (stays.values.len() as f64 + longer)
}

/// The chance that so many of `asked` answer, from none to all, and how many of them are taken.
fn answers(asked: u8, online: f64, count: u8) -> impl Iterator<Item = (f64, u8, u8)> {
    let chances = binomial(usize::from(asked), online);
    (0..=asked).map(move |of| {
        let chance = chances.get(usize::from(of)).copied().unwrap_or(0.0);
        (chance, of, of.min(count))
    })
}

/// The mean of x over the `take` oldest of `of` peers: of n Pareto variables of shape k the j-th largest has
/// the mean `Gamma(n + 1) Gamma(j - 1/k) / (Gamma(n + 1 - 1/k) Gamma(j))` (David & Nagaraja, *Order
/// Statistics*, 3rd ed. 2003, chapter 3), and here k is `shape - 1`.
fn mean_of_oldest(shape: f64, take: u8, of: u8) -> f64 {
    let (n, share) = (f64::from(of), 1.0 / (shape - 1.0));
    let scale = gamma(n + 1.0) / gamma(n + 1.0 - share);
    let ranks = (1..=take).map(f64::from);
    let sum: f64 = ranks.map(|j| gamma(j - share) / gamma(j)).sum();
    scale * sum / f64::from(take)
}

/// The mean age, in units of the scale, of those a peer takes: any of those that answer, or the oldest.
pub fn age_when_taken(case: Case, shape: f64) -> f64 {
    if case.choice != Choice::Oldest {
        return 1.0 / (shape - 2.0);
    }
    let (mut sum, mut taken) = (0.0, 0.0);
    for (chance, of, take) in answers(case.candidates, case.online(), case.count) {
        if take > 0 {
            let weight = chance * f64::from(take);
            sum += weight * mean_of_oldest(shape, take, of);
            taken += weight;
        }
    }
    sum / taken - 1.0
}

/// The mean stay up to `limit`, in units of the scale, of one of age `x - 1`: the integral of
/// `(1 + r / x)^-shape` over r up to `limit`.
fn stay_at_age(shape: f64, x: f64, limit: f64) -> f64 {
    let k = shape - 1.0;
    x / k * (1.0 - pow(1.0 + limit / x, -k))
}

/// The mean stay up to `limit` of those a peer takes, in units of the scale: over the law of the ages of the
/// oldest of those that answer. The j-th oldest of n has an `x^-(shape - 1)` that is the j-th smallest of n
/// uniform variables.
pub fn stay_when_taken(case: Case, shape: f64, limit: f64) -> f64 {
    /// Steps of the midpoint rule.
    const STEPS: u32 = 20_000;
    if case.choice != Choice::Oldest {
        return (1.0 - pow(1.0 + limit, 2.0 - shape)) / (shape - 2.0);
    }
    let (mut sum, mut taken) = (0.0, 0.0);
    for (chance, of, take) in answers(case.candidates, case.online(), case.count) {
        taken += chance * f64::from(take);
        // Binomial weights of the ranks, from the first on.
        let mut ways = f64::from(of);
        for rank in 1..=take {
            let (below, above) = (f64::from(rank - 1), f64::from(of - rank));
            let steps = (0..STEPS).map(|step| {
                // Fine steps where the oldest are: u is v^4.
                let v = (f64::from(step) + 0.5) / f64::from(STEPS);
                let u = v * v * v * v;
                let density = ways * pow(u, below) * pow(1.0 - u, above) * 4.0 * v * v * v;
                density * stay_at_age(shape, pow(u, -1.0 / (shape - 1.0)), limit)
            });
            sum += chance * steps.sum::<f64>() / f64::from(STEPS);
            ways *= above / f64::from(rank);
        }
    }
    sum / taken
}

/// The share of neighbours that have gone and have not been missed yet, where lives are exponential: a
/// neighbour was there for sure when the peer last asked, or when it began if that is later, which is a time
/// with the survival `(1 - t / ping) exp(-t / mean)` ago. `timeout` is left out.
pub fn gone(ping: Duration, mean: Duration) -> f64 {
    let twice = 2.0 * ping.as_secs_f64() / mean.as_secs_f64();
    0.5 * (1.0 - (1.0 - exp(-twice)) / twice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::churn::Known;
    use crate::peer::PeerId;
    use crate::random::{Draw, Purpose, Streams};
    use crate::time::Instant;

    fn case(choice: Choice, count: u8) -> Case {
        Case {
            choice,
            count,
            candidates: 4,
            ping: Duration::from_mins(10),
            shape: Some(4.0),
        }
    }

    /// Candidates that are met at a random time, chosen from by `prefer`, and what remains of their lives:
    /// 40 000 choices, four standard errors.
    #[test]
    fn the_closed_forms_are_those_of_a_monte_carlo() {
        for (choice, count) in [
            (Choice::Random, 1),
            (Choice::Oldest, 1),
            (Choice::Oldest, 2),
        ] {
            let case = case(choice, count);
            let mut rng = Streams::new(1).chacha(Purpose::Analysis, 0);
            let now = Instant::ZERO + Duration::from_hours(1_000_000);
            let (mut ages, mut stays) = (Vec::new(), Vec::new());
            for _ in 0..40_000 {
                let met = (0..4).filter(|_| rng.chance(case.online()));
                let met: Vec<u32> = met.collect();
                let mut met: Vec<Known> = met
                    .into_iter()
                    .map(|peer| Known {
                        peer: PeerId(peer),
                        since: Some(now - case.life().residual(&mut rng)),
                        round_trip: None,
                    })
                    .collect();
                for known in choice.prefer(&mut met, usize::from(count), &mut rng) {
                    let age = now.saturating_since(known.since.unwrap_or(now));
                    let rest = Lifetime::Pareto(ParetoLife {
                        shape: 4.0,
                        scale: SCALE + age,
                    });
                    ages.push(age.as_secs_f64() / 3600.0);
                    stays.push((rest.sample(&mut rng).as_secs_f64() / 3600.0).min(2.0));
                }
            }
            for (values, expected) in [
                (ages, age_when_taken(case, 4.0)),
                (stays, stay_when_taken(case, 4.0, 2.0)),
            ] {
                let summary = crate::math::stats::Summary::of(&values);
                // Of one choice the several are alike: as if there were one of each.
                let error = summary.sd / (values.len() as f64 / f64::from(count)).sqrt();
                assert!(
                    (summary.mean - expected).abs() < 4.0 * error,
                    "{choice:?} of {count}: {} {expected}",
                    summary.mean
                );
            }
        }
    }

    /// Without a limit the mean stay is (scale + age) / (shape - 1), and the oldest of all are all.
    #[test]
    fn the_closed_forms_agree_with_one_another() {
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-3, "{a} {b}");
        let oldest = case(Choice::Oldest, 1);
        let whole = stay_when_taken(oldest, 4.0, 1e6);
        near(whole, (1.0 + age_when_taken(oldest, 4.0)) / 3.0);
        let (all, any) = (case(Choice::Oldest, 4), case(Choice::Random, 4));
        near(
            stay_when_taken(all, 4.0, 2.0),
            stay_when_taken(any, 4.0, 2.0),
        );
        near(age_when_taken(all, 4.0), age_when_taken(any, 4.0));
        // The oldest of 16: Gamma(17) Gamma(2/3) / Gamma(17 - 1/3).
        near(mean_of_oldest(4.0, 1, 16), 3.435_86);
    }
}
