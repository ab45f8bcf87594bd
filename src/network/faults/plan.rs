//! From `[[fault]]` to what happens in a run: when each comes and whom it strikes.

use super::Peers;
use super::config::{Again, FaultConfig, FlapFault};
use super::pace::Slumps;
use super::timeline::Spell;
use super::weather::{Effect, Scope, Weather};
use crate::input::BuildError;
use crate::peer::{PeerId, Population};
use crate::quantity::Share;
use crate::random::{Draw, Purpose, Streams};
use crate::time::{Duration, Instant};

/// How often a fault may come in one run.
const MOST: usize = 1000;
/// How many times peers may go down by flapping in one run.
const MOST_FLAPS: u64 = 5_000_000;

/// A peer that a fault takes down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Crash {
    /// When it goes down.
    pub down: Instant,
    /// Who.
    pub peer: PeerId,
    /// When it may come back; nothing if it stays down.
    pub up: Option<Instant>,
}

/// Everything that goes wrong in a run.
#[derive(Clone, Default, Debug)]
pub(in crate::network) struct Plan {
    pub(in crate::network) weather: Weather,
    pub(in crate::network) slumps: Slumps,
    /// In order of time and then of peer.
    pub(in crate::network) crashes: Vec<Crash>,
}

/// What a plan is drawn from.
pub(in crate::network) struct Ground<'a> {
    pub(in crate::network) population: &'a Population,
    pub(in crate::network) streams: &'a Streams,
    /// The names of the regions, and where each peer is; empty without regions.
    pub(in crate::network) regions: &'a [String],
    pub(in crate::network) place: &'a dyn Fn(PeerId) -> Option<usize>,
    /// When the run ends.
    pub(in crate::network) end: Instant,
}

/// The plan of a run.
///
/// # Errors
/// If a fault is not valid, names a region that does not exist, or comes too often.
pub(in crate::network) fn plan(
    faults: &[FaultConfig],
    ground: &Ground<'_>,
) -> Result<Plan, BuildError> {
    let (mut spells, mut slumps, mut crashes) = (Vec::new(), Vec::new(), Vec::new());
    for (number, fault) in faults.iter().enumerate() {
        let mut problems = Vec::new();
        fault.validate(&mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("fault.{number}.{key}");
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        for (time, (from, until)) in ground.times(number, fault)?.into_iter().enumerate() {
            let whom = || ground.struck(number, time, fault);
            let mut spell = |scope, effect| {
                spells.push(Spell {
                    from,
                    until: until.unwrap_or(Instant::MAX),
                    what: (scope, effect),
                });
            };
            match fault {
                FaultConfig::Partition(_) => spell(Scope::Across(Peers::of(whom()?)), Effect::Cut),
                FaultConfig::Cut(_) => spell(ground.scope(number, time, fault)?, Effect::Cut),
                FaultConfig::Delay(delay) => {
                    spell(ground.scope(number, time, fault)?, Effect::Delay(delay.add));
                }
                FaultConfig::Loss(loss) => {
                    spell(
                        ground.scope(number, time, fault)?,
                        Effect::Loss(loss.loss.0),
                    );
                }
                FaultConfig::Bandwidth(bandwidth) => slumps.push(Spell {
                    from,
                    until: until.unwrap_or(Instant::MAX),
                    what: (Peers::of(whom()?), bandwidth.times),
                }),
                FaultConfig::Crash(_) => {
                    let crash = |peer| Crash {
                        down: from,
                        peer,
                        up: until,
                    };
                    crashes.extend(whom()?.into_iter().map(crash));
                }
                FaultConfig::Flap(flap) => {
                    let until = until.unwrap_or(Instant::MAX).min(ground.end);
                    crashes.extend(ground.flaps(number, flap, &whom()?, from, until)?);
                }
            }
        }
    }
    crashes.sort_unstable();
    Ok(Plan {
        weather: Weather::new(spells),
        slumps: Slumps::new(slumps),
        crashes,
    })
}

impl Ground<'_> {
    /// When a fault begins and ends, each time it comes before the end of the run.
    fn times(
        &self,
        number: usize,
        fault: &FaultConfig,
    ) -> Result<Vec<(Instant, Option<Instant>)>, BuildError> {
        let common = fault.common();
        let lasts = common.end.map(|(_, end)| end - common.at);
        let mut rng = self
            .streams
            .chacha(Purpose::Faults, 1 << 48 | number as u64);
        let mut from = Instant::ZERO.saturating_add(common.at);
        let mut times = Vec::new();
        loop {
            times.push((from, lasts.map(|lasts| from.saturating_add(lasts))));
            let pause = match common.again {
                None => return Ok(times),
                Some(Again::Every(every)) => every,
                Some(Again::After(mean)) => lasts.unwrap_or_default().saturating_add(rng.exp(mean)),
            };
            from = from.saturating_add(pause);
            if from >= self.end {
                return Ok(times);
            }
            if times.len() == MOST {
                let key = format!("fault.{number}.{}.again", fault.name());
                let message = format!("comes more than {MOST} times in a run");
                return Err(BuildError::config(key, message));
            }
        }
    }

    /// The messages that meet a fault.
    fn scope(&self, number: usize, time: usize, fault: &FaultConfig) -> Result<Scope, BuildError> {
        let common = fault.common();
        if let Some([one, other]) = common.between {
            let among = |at: usize, name: &str| {
                let key = format!("fault.{number}.{}.between.{at}", fault.name());
                self.in_region(&key, name).map(Peers::of)
            };
            return Ok(Scope::Between(among(0, one)?, among(1, other)?));
        }
        let peers = self.struck(number, time, fault)?;
        Ok(Scope::Touching(Peers::of(peers)))
    }

    /// The peers that a fault strikes this time: those of a region, or the share of each class, to
    /// the nearest peer.
    fn struck(
        &self,
        number: usize,
        time: usize,
        fault: &FaultConfig,
    ) -> Result<Vec<PeerId>, BuildError> {
        let common = fault.common();
        if let Some(name) = common.region {
            let key = format!("fault.{number}.{}.region", fault.name());
            return self.in_region(&key, name);
        }
        let share = common.share.unwrap_or(Share(0.0));
        let mut first = 0;
        let mut peers = Vec::new();
        for (class, of) in self.population.classes().iter().enumerate() {
            let index = (time << 32 | number << 16 | class) as u64;
            let mut rng = self.streams.chacha(Purpose::Faults, index);
            let count = (share.0 * f64::from(of.count)).round() as usize;
            let indices = rng.sample_indices(of.count as usize, count);
            peers.extend(indices.into_iter().map(|i| PeerId(first + i as u32)));
            first += of.count;
        }
        Ok(peers)
    }

    fn in_region(&self, key: &str, name: &str) -> Result<Vec<PeerId>, BuildError> {
        let Some(region) = self.regions.iter().position(|known| known == name) else {
            return Err(BuildError::config(key, no_region(name, self.regions)));
        };
        let all = (0..self.population.len()).map(PeerId);
        let place = self.place;
        Ok(all.filter(|&peer| place(peer) == Some(region)).collect())
    }

    /// The times at which peers go down and come back, each from a random place in its round.
    fn flaps(
        &self,
        number: usize,
        flap: &FlapFault,
        peers: &[PeerId],
        from: Instant,
        until: Instant,
    ) -> Result<Vec<Crash>, BuildError> {
        let round = flap.up + flap.down;
        let rounds = until.saturating_since(from).as_nanos() / round.as_nanos() + 1;
        if rounds.saturating_mul(peers.len() as u64) > MOST_FLAPS {
            let key = format!("fault.{number}.flap.up");
            let message = format!("{} peers go down {rounds} times each", peers.len());
            let help = "longer rounds, fewer peers, or an earlier `until`";
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let mut rng = self
            .streams
            .chacha(Purpose::Faults, 2 << 48 | number as u64);
        let mut crashes = Vec::new();
        for &peer in peers {
            // When it goes down next: before that it is up for `up`, and before that it was down.
            let ahead = rng.between(Duration::ZERO, round);
            let mut down = from + ahead;
            if ahead > flap.up {
                // It begins down.
                let up = (from + (ahead - flap.up)).min(until);
                crashes.push(Crash {
                    down: from,
                    peer,
                    up: Some(up),
                });
            }
            while down < until {
                let up = (down + flap.down).min(until);
                crashes.push(Crash {
                    down,
                    peer,
                    up: Some(up),
                });
                down = up + flap.up;
            }
        }
        Ok(crashes)
    }
}

/// What is wrong with the name of a region.
fn no_region(name: &str, regions: &[String]) -> String {
    if regions.is_empty() {
        return format!("no region `{name}`: this needs `[network.regions]`");
    }
    let known: Vec<String> = regions.iter().map(|known| format!("`{known}`")).collect();
    format!("no region `{name}`; there are {}", known.join(", "))
}
