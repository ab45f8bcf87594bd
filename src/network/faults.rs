//! Faults on a schedule: partitions cut the network, crashes take peers down.

use crate::input::BuildError;
use crate::network::config::{Problem, problem};
use crate::peer::{PeerId, Population};
use crate::quantity::Share;
use crate::random::{Draw, Purpose, Streams};
use crate::time::{Duration, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One `[[fault]]`: `partition` or `crash`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum FaultConfig {
    /// For a while, a share of the peers cannot talk with the rest.
    Partition(PartitionFault),
    /// A share of the peers goes down at once, without a farewell.
    Crash(CrashFault),
}

/// `partition = { at, heal, share }`: between `at` and `heal` nothing passes between a share of the
/// peers and the rest. What was sent before `at` still arrives.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PartitionFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run.
    pub heal: Duration,
    /// The share of each class of peers on one side, to the nearest peer; who is random.
    pub share: Share,
}

/// `crash = { at, share, rejoin_after }`: a share of the peers goes down at one time.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CrashFault {
    /// When they go down, since the start of the run.
    pub at: Duration,
    /// The share of each class of peers that goes down, to the nearest peer; who is random.
    pub share: Share,
    /// How much later they come back, all at once. Left out: they stay down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejoin_after: Option<Duration>,
}

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

/// A partition under way: who is on which side, from when until when.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    from: Instant,
    until: Instant,
    /// A bit per peer.
    side: Vec<u64>,
}

impl Cut {
    #[inline]
    pub(super) fn separates(&self, now: Instant, one: PeerId, other: PeerId) -> bool {
        self.from <= now && now < self.until && self.side(one) != self.side(other)
    }

    #[inline]
    fn side(&self, peer: PeerId) -> bool {
        let word = self.side.get(peer.index() / 64).copied().unwrap_or(0);
        word >> (peer.0 % 64) & 1 == 1
    }
}

impl FaultConfig {
    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        if let Self::Partition(partition) = self
            && partition.heal <= partition.at
        {
            let message = format!("heals at {}, not after {}", partition.heal, partition.at);
            let help = "`heal` is a time since the start of the run, like `at`";
            problem(problems, "partition.heal", &message, help);
        }
    }
}

/// Who is cut off and who crashes. Draws are keyed by fault and class.
pub(super) fn plan(
    faults: &[FaultConfig],
    population: &Population,
    streams: &Streams,
) -> Result<(Vec<Cut>, Vec<Crash>), BuildError> {
    let (mut cuts, mut crashes) = (Vec::new(), Vec::new());
    for (number, fault) in faults.iter().enumerate() {
        let mut problems = Vec::new();
        fault.validate(&mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("fault.{number}.{key}");
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let instant = |time: Duration| Instant::ZERO + time;
        match fault {
            FaultConfig::Partition(partition) => {
                let mut side = vec![0; population.len().div_ceil(64) as usize];
                for peer in struck(partition.share, number, population, streams) {
                    side[peer.index() / 64] |= 1 << (peer.0 % 64);
                }
                cuts.push(Cut {
                    from: instant(partition.at),
                    until: instant(partition.heal),
                    side,
                });
            }
            FaultConfig::Crash(crash) => {
                let down = instant(crash.at);
                let up = crash.rejoin_after.map(|after| down.saturating_add(after));
                let peers = struck(crash.share, number, population, streams);
                crashes.extend(peers.into_iter().map(|peer| Crash { down, peer, up }));
            }
        }
    }
    crashes.sort_unstable();
    Ok((cuts, crashes))
}

/// The peers a fault strikes: the share of each class, to the nearest peer.
fn struck(share: Share, fault: usize, population: &Population, streams: &Streams) -> Vec<PeerId> {
    let mut first = 0;
    let mut peers = Vec::new();
    for (number, class) in population.classes().iter().enumerate() {
        let mut rng = streams.chacha(Purpose::Faults, (fault << 16 | number) as u64);
        let count = (share.0 * f64::from(class.count)).round() as usize;
        let indices = rng.sample_indices(class.count as usize, count);
        peers.extend(indices.into_iter().map(|i| PeerId(first + i as u32)));
        first += class.count;
    }
    peers
}
