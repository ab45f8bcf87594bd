//! [`Setup`]: everything a run is made of, but for the protocol.

use crate::churn::Churn;
use crate::engine::trace::Trace;
use crate::network::graph::Graph;
use crate::network::{Crash, Network};
use crate::peer::Population;
use crate::random::Streams;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// The parts of a run. An item (a broadcast, a lookup) belongs to the phase it starts in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Phases {
    /// Peers find one another.
    pub bootstrap: Duration,
    /// The network settles; nothing is measured.
    pub warm_up: Duration,
    /// What starts here counts.
    pub measurement: Duration,
    /// What has started may end; nothing new is measured.
    pub drain: Duration,
}

impl Phases {
    /// A run of this length that measures from the start.
    pub fn only(measurement: Duration) -> Self {
        Self {
            measurement,
            ..Self::default()
        }
    }

    /// When bootstrap ends.
    pub fn warm_from(&self) -> Instant {
        Instant::ZERO + self.bootstrap
    }

    /// When measurement begins.
    pub fn measure_from(&self) -> Instant {
        self.warm_from() + self.warm_up
    }

    /// When measurement ends: not itself part of it.
    pub fn measure_to(&self) -> Instant {
        self.measure_from() + self.measurement
    }

    /// When the run ends: not itself part of it.
    pub fn end(&self) -> Instant {
        self.measure_to() + self.drain
    }

    /// Whether what starts now is measured.
    pub fn measures(&self, at: Instant) -> bool {
        self.measure_from() <= at && at < self.measure_to()
    }
}

/// Everything a run is made of, but for the protocol.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who there is.
    pub population: Population,
    /// What happens to bytes.
    pub network: Arc<Network>,
    /// When peers are up.
    pub churn: Arc<Churn>,
    /// Peers that go down, and come back, at planned times: restarts.
    pub outages: Vec<Crash>,
    /// The overlay graph a protocol is given, if the scenario has one.
    pub graph: Option<Arc<Graph>>,
    /// All randomness.
    pub streams: Streams,
    /// The parts of the run.
    pub phases: Phases,
    /// Into how many threads the run is divided; the result does not depend on it.
    pub shards: usize,
    /// Where to put every event, to compare two runs.
    pub trace: Option<Trace>,
}

impl Setup {
    /// `peers` peers over `network`, no churn, no graph, one shard.
    pub fn new(peers: u32, network: Network, seed: u64, measurement: Duration) -> Self {
        Self {
            population: Population::uniform(peers),
            network: Arc::new(network),
            churn: Arc::new(Churn::none()),
            outages: Vec::new(),
            graph: None,
            streams: Streams::new(seed),
            phases: Phases::only(measurement),
            shards: 1,
            trace: None,
        }
    }
}
