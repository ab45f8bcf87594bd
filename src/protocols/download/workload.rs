//! [`Schedule`]: who wants the file from when on.

use super::config::Arrivals;
use crate::engine::{Setup, Workload};
use crate::peer::PeerId;
use crate::random::{Draw, Purpose};
use crate::time::Instant;

/// A peer is to get the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Join;

/// The times at which the peers of the first class come, in order of time.
#[derive(Clone, Debug)]
pub struct Schedule {
    times: std::sync::Arc<[(Instant, PeerId)]>,
    next: usize,
}

impl Schedule {
    /// The arrivals of a run. Who comes when is drawn from [`Purpose::Workload`].
    pub fn new(arrivals: &Arrivals, setup: &Setup) -> Self {
        let mut rng = setup.streams.chacha(Purpose::Workload, 0);
        let peers = setup.population.classes()[0].count;
        let phases = setup.phases;
        let mut times: Vec<(Instant, PeerId)> = match arrivals {
            Arrivals::Within(span) => {
                let from = phases.measure_from();
                let nanos = span.as_nanos() + 1;
                let mut at = || from + crate::time::Duration::from_nanos(rng.below(nanos));
                (0..peers).map(|peer| (at(), PeerId(peer))).collect()
            }
            Arrivals::Poisson(poisson) => {
                let mut at = phases.warm_from();
                let mut next = || {
                    at = at.saturating_add(rng.exp(poisson.rate.mean_interval()));
                    at
                };
                let all = (0..peers).map(|peer| (next(), PeerId(peer)));
                all.take_while(|&(at, _)| at < phases.measure_to())
                    .collect()
            }
        };
        times.sort_unstable();
        let times = times.into();
        Self { times, next: 0 }
    }

    /// Who comes when.
    pub fn times(&self) -> &[(Instant, PeerId)] {
        &self.times
    }
}

impl Workload<Join> for Schedule {
    fn next(&mut self) -> Option<(Instant, PeerId, Join)> {
        let &(at, peer) = self.times.get(self.next)?;
        self.next += 1;
        Some((at, peer, Join))
    }

    fn copy(&self) -> Box<dyn Workload<Join>> {
        let times = std::sync::Arc::clone(&self.times);
        Box::new(Self { times, next: 0 })
    }
}
