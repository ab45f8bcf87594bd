//! Churn: when a peer is up.
//!
//! Each peer alternates between sessions (up) and absences (down), each life drawn for itself. A
//! run begins **stationary**: a peer is up with probability `E[S] / (E[S] + E[D])`, and its first
//! life is what remains of one under way, so that nothing about the peers' lives drifts during a
//! run. Or lives come from a trace. Absences may follow the time of day or end in a flash crowd; outages
//! of many at once are faults (`[[fault]] crash`, of a region or a share).
//!
//! `peers` in a scenario is the expected number online; [`ChurnConfig::population_for`] says how
//! many there have to be in all.

mod attendance;
mod choice;
mod config;
mod empirical;
mod fitted;
mod law;
mod lifetime;
mod published;
mod rhythm;
mod trace;

pub use attendance::Attendance;
pub use choice::{Choice, Known};
pub use config::{Addressing, ChurnConfig, ChurnPreset, Departure, Identity};
pub use empirical::Empirical;
pub use fitted::{FittedLife, MeasuredLife, MeasuredLives, SAMPLES, fit_lives, read_lives};
pub use law::{EmpiricalLife, LifeConfig};
pub use lifetime::{
    ExponentialLife, Lifetime, LogNormalLife, MixtureLife, ParetoLife, WeibullLife, stale_share,
};
pub use published::PublishedSessions;
pub use rhythm::{DiurnalConfig, FlashCrowd};

use crate::input::{BuildError, Files};
use crate::peer::{PeerId, Population};
use crate::random::{Draw, PeerRng, Purpose, Streams};
use crate::time::{Duration, Instant};
use law::Law;
use rhythm::Rhythm;
use trace::Trace;

/// When the peers of one run come and go. Immutable and shared; a peer's draws come from its own
/// generator (`streams.peer(Purpose::Churn, class, index)`), which the engine keeps.
#[derive(Clone, Debug)]
pub struct Churn {
    lives: Lives,
    /// A bit per peer that churns; nothing if all do.
    churning: Option<Vec<u64>>,
    graceful: bool,
    identity: Identity,
    address: Addressing,
    ages: bool,
}

#[derive(Clone, Debug)]
enum Lives {
    /// Everybody is always up.
    Forever,
    /// Sessions and absences.
    Drawn {
        session: Law,
        absence: Law,
        availability: f64,
        rhythm: Rhythm,
    },
    /// A trace, and whose part of it each peer plays.
    Traced { trace: Trace, part: Vec<u32> },
}

impl Churn {
    /// Everybody is always up.
    pub fn none() -> Self {
        Self {
            lives: Lives::Forever,
            churning: None,
            graceful: false,
            identity: Identity::Same,
            address: Addressing::Same,
            ages: false,
        }
    }

    /// The churn of a configuration, over all classes of peers.
    ///
    /// # Errors
    /// If the configuration names not exactly one source of lives, or the trace does not hold what
    /// it should.
    pub fn build(
        config: &ChurnConfig,
        files: &Files,
        population: &Population,
        streams: &Streams,
    ) -> Result<Self, BuildError> {
        config.check()?;
        let lives = if let Some(trace) = config.read_trace(files)? {
            let part = parts(trace.peers(), population, streams);
            Lives::Traced { trace, part }
        } else {
            let (session, absence) = config.lives(files)?;
            Lives::Drawn {
                availability: availability(&session, &absence),
                session,
                absence,
                rhythm: Rhythm::new(
                    config.time_of_day(),
                    &config.flash_crowd,
                    population,
                    streams,
                ),
            }
        };
        Ok(Self {
            lives,
            churning: churning(config.share.0, population, streams),
            graceful: config.departure == Departure::Graceful,
            identity: config.identity,
            address: config.address,
            ages: config.ages,
        })
    }

    /// Whether the peer is up at time zero, and when its first change comes; nothing means never.
    /// The start is stationary.
    pub fn initial(&self, peer: PeerId, rng: &mut PeerRng) -> (bool, Option<Instant>) {
        if !self.churns(peer) {
            return (true, None);
        }
        match &self.lives {
            Lives::Forever => (true, None),
            Lives::Drawn {
                session,
                absence,
                availability,
                rhythm,
            } => {
                let now = Instant::ZERO;
                let up = rng.chance(*availability);
                let change = if up {
                    after(now, session.residual(rng))
                } else {
                    rhythm.end(peer, now, absence.residual(rng))
                };
                (up, change)
            }
            Lives::Traced { trace, part } => {
                let part = part[peer.index()];
                let up = trace.starts_up(part);
                // A peer that starts up is up from before time zero.
                (up, trace.next(part, None, up))
            }
        }
    }

    /// After a change at `now` into `up` (or into down): when the next change comes; nothing means
    /// never.
    pub fn next(&self, peer: PeerId, now: Instant, up: bool, rng: &mut PeerRng) -> Option<Instant> {
        if !self.churns(peer) {
            return None;
        }
        match &self.lives {
            Lives::Forever => None,
            Lives::Drawn { session, .. } if up => after(now, session.sample(rng)),
            Lives::Drawn {
                absence, rhythm, ..
            } => rhythm.end(peer, now, absence.sample(rng)),
            Lives::Traced { trace, part } => trace.next(part[peer.index()], Some(now), up),
        }
    }

    /// The same churn among these peers only; all others are always up.
    #[must_use]
    pub fn among(mut self, peers: std::ops::Range<u32>) -> Self {
        if !self.is_none() {
            let chosen = peers.filter(|&peer| self.churns(PeerId(peer)));
            let mut bits = vec![0u64; PeerId::LIMIT as usize / 64];
            let mut end = 0;
            for peer in chosen {
                bits[peer as usize / 64] |= 1 << (peer % 64);
                end = peer as usize / 64 + 1;
            }
            bits.truncate(end);
            self.churning = Some(bits);
        }
        self
    }

    /// What a reader of the results of a run that ends at `end` has to know.
    pub fn remarks(&self, end: Instant) -> Vec<String> {
        match &self.lives {
            Lives::Drawn {
                session, absence, ..
            } => [("sessions", session), ("absences", absence)]
                .into_iter()
                .filter(|(_, life)| !life.mean_residual().is_finite())
                .map(|(name, _)| {
                    format!(
                        "the variance of the {name} is infinite: what remains of one under way \
                         has no mean, and means over peers settle slowly"
                    )
                })
                .collect(),
            Lives::Traced { trace, .. } if trace.end() < end => {
                let last = trace.end() - Instant::ZERO;
                vec![format!(
                    "the trace of sessions ends at {last}: from then on nobody comes or goes"
                )]
            }
            Lives::Forever | Lives::Traced { .. } => Vec::new(),
        }
    }

    /// Whether a peer says farewell when it leaves; otherwise it just falls silent.
    pub fn graceful(&self) -> bool {
        self.graceful
    }

    /// Who a peer is that comes back.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether a peer that comes back has another address.
    pub fn moves(&self) -> bool {
        self.address == Addressing::New
    }

    /// Whether runs measure how old sessions become.
    pub fn ages(&self) -> bool {
        self.ages
    }

    /// Whether everybody is always up.
    pub fn is_none(&self) -> bool {
        matches!(self.lives, Lives::Forever)
    }

    /// Whether this peer comes and goes at all.
    pub fn churns(&self, peer: PeerId) -> bool {
        let bit = |bits: &Vec<u64>| {
            bits.get(peer.index() / 64)
                .is_some_and(|word| word >> (peer.0 % 64) & 1 == 1)
        };
        !self.is_none() && self.churning.as_ref().is_none_or(bit)
    }
}

/// The share of time a peer is up: `E[S] / (E[S] + E[D])`.
fn availability(session: &Law, absence: &Law) -> f64 {
    session.mean() / (session.mean() + absence.mean())
}

/// `life` after `now`, at least a nanosecond; nothing if that is beyond time.
fn after(now: Instant, life: Duration) -> Option<Instant> {
    let then = now.saturating_add(life.max(Duration::from_nanos(1)));
    (then < Instant::MAX).then_some(then)
}

/// Who churns: the share of each class, to the nearest peer. Drawn class by class.
fn churning(share: f64, population: &Population, streams: &Streams) -> Option<Vec<u64>> {
    if share >= 1.0 {
        return None;
    }
    let mut bits = vec![0u64; population.len().div_ceil(64) as usize];
    let mut first = 0;
    for (number, class) in population.classes().iter().enumerate() {
        let mut rng = streams.chacha(Purpose::Churn, 1 << 40 | number as u64);
        let count = (share * f64::from(class.count)).round() as usize;
        for index in rng.sample_indices(class.count as usize, count) {
            let peer = first + index;
            bits[peer / 64] |= 1 << (peer % 64);
        }
        first += class.count as usize;
    }
    Some(bits)
}

/// Whose part of a trace each peer plays: at random, nobody's twice before everybody's once within
/// a class.
fn parts(traced: u32, population: &Population, streams: &Streams) -> Vec<u32> {
    let mut parts = Vec::with_capacity(population.len() as usize);
    for (number, class) in population.classes().iter().enumerate() {
        let mut rng = streams.chacha(Purpose::Churn, 1 << 41 | number as u64);
        let end = parts.len() + class.count as usize;
        while parts.len() < end {
            let mut round: Vec<u32> = (0..traced).collect();
            rng.shuffle(&mut round);
            round.truncate(end - parts.len());
            parts.extend(round);
        }
    }
    parts
}

#[cfg(test)]
mod tests;
