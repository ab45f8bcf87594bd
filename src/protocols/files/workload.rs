//! [`Schedule`]: who publishes what, and who wants what, and when.

use super::config::Sharing;
use super::node::Command;
use crate::engine::{Setup, Workload};
use crate::math::pow;
use crate::peer::PeerId;
use crate::random::{Draw, Purpose};
use crate::time::{Duration, Instant};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// Publications evenly spaced from the beginning of the warm-up, then downloads as a Poisson process of all
/// peers, both at random honest peers, up or down; the number of each download is its place.
#[derive(Clone, Debug)]
pub struct Schedule {
    plan: Arc<Plan>,
    rng: ChaCha8Rng,
    published: u32,
    fetched: u32,
    at: Instant,
}

#[derive(Debug)]
struct Plan {
    rng: ChaCha8Rng,
    files: Sharing,
    peers: u32,
    publish_from: Instant,
    fetch_from: Instant,
    to: Instant,
    /// The weights of files, added up.
    zipf: Vec<f64>,
}

impl Schedule {
    /// What `files` asks in the run of `setup`.
    pub fn new(files: &Sharing, setup: &Setup) -> Self {
        let phases = setup.phases;
        let mut sum = 0.0;
        let zipf = (1..=files.count).map(|rank| {
            sum += pow(f64::from(rank), -files.zipf);
            sum
        });
        let publish_from = phases.warm_from();
        let plan = Plan {
            rng: setup.streams.chacha(Purpose::Workload, 0),
            files: *files,
            peers: setup.population.classes().first().map_or(0, |c| c.count),
            publish_from,
            fetch_from: phases.measure_from().max(publish_from + files.over),
            to: phases.measure_to(),
            zipf: zipf.collect(),
        };
        Self::from(Arc::new(plan))
    }

    fn from(plan: Arc<Plan>) -> Self {
        Self {
            rng: plan.rng.clone(),
            published: 0,
            fetched: 0,
            at: plan.fetch_from,
            plan,
        }
    }
}

impl Workload<Command> for Schedule {
    fn next(&mut self) -> Option<(Instant, PeerId, Command)> {
        let Plan {
            files,
            peers,
            publish_from,
            to,
            ..
        } = *self.plan;
        if peers == 0 {
            return None;
        }
        if self.published < files.count {
            let file = self.published;
            self.published += 1;
            let offset = u128::from(files.over.as_nanos()) * u128::from(file);
            let offset = Duration::from_nanos((offset / u128::from(files.count)) as u64);
            let peer = PeerId(self.rng.below(u64::from(peers)) as u32);
            return Some((publish_from + offset, peer, Command::Publish(file)));
        }
        let rate = files.fetches.per_second() * f64::from(peers);
        self.at = self
            .at
            .saturating_add(self.rng.exp(Duration::from_secs_f64(1.0 / rate)));
        if self.at >= to {
            return None;
        }
        let peer = PeerId(self.rng.below(u64::from(peers)) as u32);
        let weights = &self.plan.zipf;
        let place = self.rng.unit() * weights.last().copied().unwrap_or(0.0);
        let file = weights.partition_point(|&sum| sum <= place) as u32;
        let number = self.fetched;
        self.fetched = number.checked_add(1)?;
        Some((self.at, peer, Command::Fetch { number, file }))
    }

    fn copy(&self) -> Box<dyn Workload<Command>> {
        Box::new(Self::from(Arc::clone(&self.plan)))
    }
}
