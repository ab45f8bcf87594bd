//! The network: what happens to these bytes, from here to there, now?
//!
//! A [`Network`] is immutable during a run and shared by all shards. Propagation between two peers
//! is fixed for a run by their places; it is always **one-way** inside the program, and every
//! configuration key and preset says whether it takes one-way delays or round trips (which are
//! halved). Loss and jitter are hashes of (key, sender, sequence number): no state, no order.
//!
//! Bandwidth is apart: a network hands out access links ([`Access`]) and the engine serialises on
//! them.

mod access;
mod config;
mod coordinates;
mod dealt;
pub mod fair_share;
mod faults;
pub mod fluid;
pub mod graph;
mod latency;
mod line;
mod matrix;
mod processing;
pub mod reach;
mod regions;
pub mod routers;
pub mod tcp;
mod transport;

pub use crate::input::{BuildError, Files};
pub use access::{
    Access, AccessLink, AccessLinkConfig, BandwidthConfig, BandwidthPreset, FairShare,
    FairShareConfig, GroupLink, LinkClass,
};
pub use config::{
    ConstantConfig, DEFAULT_LAST_MILE, MatrixConfig, MatrixFormat, MatrixValues, MissingDelays,
    NetworkConfig, Problem, TimeUnit,
};
pub use coordinates::CoordinatesConfig;
pub use faults::{
    Again, BandwidthFault, Crash, CrashFault, CutFault, DelayFault, FaultConfig, FlapFault,
    LossFault, Pace, PartitionFault,
};
pub use processing::{ProcessingConfig, ProcessorClass, Processors};
pub use reach::{Gate, Reach, ReachConfig};
pub use regions::{REGIONS, RegionPreset, RegionsConfig};
pub use tcp::TcpConfig;
pub use transport::TransportConfig;

use crate::math::ln;
use crate::peer::{PeerId, Population};
use crate::quantity::Bandwidth;
use crate::random::hash::{finish, mix2, unit_f64};
use crate::random::{Purpose, Streams};
use crate::time::{Duration, Instant};
use faults::{Conditions, Ground, Plan};
use latency::Latency;
use tcp::{Flight, Path, SEGMENT, Tcp};

/// What happens to a message that is sent now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transit {
    /// It never arrives.
    Lost,
    /// Its first bit arrives this much later (one-way; serialisation is the engine's).
    Arrives(Duration),
}

/// What is added to the latency of each message, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Jitter {
    None,
    /// With this mean, at most ten times the mean.
    Exponential(f64),
    /// Below this.
    Uniform(u64),
}

/// How long the two ends of a connection wait for one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For an answer to an attempt to connect.
    pub connect: Duration,
    /// For a path that is cut.
    pub cut: Duration,
    /// With nothing to send, until they ask; nothing if they do not.
    pub idle: Option<Duration>,
}

impl Patience {
    fn of(config: &TransportConfig) -> Self {
        Self {
            connect: config.connect_timeout,
            cut: config.give_up_after,
            idle: config.keep_alive,
        }
    }
}

/// Latency, loss, jitter, faults and access links of one run.
#[derive(Clone, Debug)]
pub struct Network {
    latency: Latency,
    lookahead: Duration,
    /// Neither loss nor jitter nor cuts: the fast path.
    plain: bool,
    /// Lost if the top 53 bits of the hash are below this.
    loss: u64,
    jitter: Jitter,
    /// Key of the loss and jitter hashes.
    key: u64,
    faults: Plan,
    /// Names of the regions; empty without.
    regions: Vec<String>,
    access: Option<Access>,
    patience: Patience,
    tcp: Option<Tcp>,
    processors: Option<Processors>,
    reach: Option<Reach>,
    about: String,
}

impl Network {
    /// The network of a configuration: everybody placed, all delays computed. Bandwidth is
    /// unlimited and nothing fails until [`Network::with_bandwidth`] and [`Network::with_faults`].
    ///
    /// # Errors
    /// If the configuration does not name exactly one latency model, or a file does not hold what
    /// it should.
    pub fn build(
        config: &NetworkConfig,
        files: &Files,
        population: &Population,
        streams: &Streams,
    ) -> Result<Self, BuildError> {
        if let Some((key, message, help)) = config.problems().into_iter().next() {
            let key = if key.is_empty() {
                "network".to_owned()
            } else {
                format!("network.{key}")
            };
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let (latency, lookahead) = Latency::build(config, files, population, streams)?;
        let jitter = if config.jitter.is_zero() {
            Jitter::None
        } else {
            Jitter::Exponential(config.jitter.as_nanos() as f64)
        };
        let loss = (config.loss.0 * (1u64 << 53) as f64) as u64;
        Ok(Self {
            lookahead,
            plain: loss == 0 && jitter == Jitter::None && !latency.is_rough(),
            latency,
            loss,
            jitter,
            key: streams.key(Purpose::Links),
            faults: Plan::default(),
            regions: config.region_names(),
            access: None,
            patience: Patience::of(&TransportConfig::default()),
            tcp: None,
            processors: None,
            reach: None,
            about: config.about(),
        })
    }

    /// The same one-way `latency` between all peers, and nothing else: no loss, no jitter, no last
    /// mile, no limit of bandwidth. For tests and benchmarks.
    pub fn constant(latency: Duration) -> Self {
        Self {
            latency: Latency::Constant(latency),
            lookahead: latency,
            plain: true,
            loss: 0,
            jitter: Jitter::None,
            key: 0,
            faults: Plan::default(),
            regions: Vec::new(),
            access: None,
            patience: Patience::of(&TransportConfig::default()),
            tcp: None,
            processors: None,
            reach: None,
            about: format!("constant one-way latency of {latency}"),
        }
    }

    /// A one-way latency of each message's own, uniform in [`low`, `high`): what `PeerSim`'s
    /// `UniformRandomTransport` does. A hash of sender and sequence number, like all jitter. For
    /// benchmarks.
    ///
    /// # Panics
    /// If `high` is below `low`.
    pub fn uniform(low: Duration, high: Duration, streams: &Streams) -> Self {
        let spread = (high - low).as_nanos();
        Self {
            plain: spread == 0,
            jitter: Jitter::Uniform(spread),
            key: streams.key(Purpose::Links),
            about: format!("one-way latency uniform in [{low}, {high})"),
            ..Self::constant(low)
        }
    }

    /// The same network with these access links.
    ///
    /// # Errors
    /// If a rate is missing or zero, or a regional preset meets a network without those regions.
    pub fn with_bandwidth(
        mut self,
        config: &BandwidthConfig,
        population: &Population,
        streams: &Streams,
    ) -> Result<Self, BuildError> {
        let regions = &self.regions;
        self.access = Access::build(config, &self.latency, regions, population, streams)?;
        self.about = format!("{}; {}", self.about, config.about());
        Ok(self)
    }

    /// The same network with the same access link for everybody. For tests and benchmarks.
    ///
    /// # Panics
    /// If a rate is zero.
    pub fn with_links(mut self, up: Bandwidth, down: Bandwidth) -> Self {
        self.access = Some(Access::same(up, down));
        self
    }

    /// The same network with the same access link for everybody, shared by max-min fairness. For tests
    /// and benchmarks.
    ///
    /// # Panics
    /// If a rate is zero.
    pub fn with_fair_links(mut self, up: Bandwidth, down: Bandwidth) -> Self {
        self.access = Some(Access::same(up, down).shared(FairShare { cap: None }));
        self
    }

    /// The same network with what connections cost. Loss is that of [`NetworkConfig::loss`].
    ///
    /// # Errors
    /// If a window is smaller than it starts with.
    pub fn with_transport(mut self, config: &TransportConfig) -> Result<Self, BuildError> {
        let mut problems = Vec::new();
        config.validate(&mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("transport.{key}");
            return Err(BuildError::config(&key, format!("{message}; {help}")));
        }
        self.tcp = config.tcp.as_ref().map(Tcp::new);
        self.patience = Patience::of(config);
        if config.tcp.is_some() || config.keep_alive.is_some() {
            self.about = format!("{}; {}", self.about, config.about());
        }
        Ok(self)
    }

    /// The same network with what messages cost those who get them; `kinds` are the names of the
    /// protocol's messages.
    ///
    /// # Errors
    /// If a kind is none of the protocol's, or the shares of peers are too many.
    pub fn with_processing(
        mut self,
        config: &ProcessingConfig,
        kinds: &[&str],
        population: &Population,
        streams: &Streams,
    ) -> Result<Self, BuildError> {
        self.processors = Some(Processors::build(config, kinds, population, streams)?);
        self.about = format!("{}; {}", self.about, config.about());
        Ok(self)
    }

    /// The same network with gates before peers.
    ///
    /// # Errors
    /// If the shares of peers are too many.
    pub fn with_reachability(
        mut self,
        config: &ReachConfig,
        population: &Population,
        streams: &Streams,
    ) -> Result<Self, BuildError> {
        self.reach = Some(Reach::build(config, population, streams, |peer| {
            self.place(peer)
        })?);
        self.about = format!("{}; {}", self.about, config.about());
        Ok(self)
    }

    /// The same network with these faults, in a run that ends at `end`. Who is hit is drawn from
    /// [`Purpose::Faults`], class by class.
    ///
    /// # Errors
    /// If a fault ends before it begins, strikes a region that does not exist, or comes too often.
    pub fn with_faults(
        mut self,
        faults: &[FaultConfig],
        population: &Population,
        streams: &Streams,
        end: Instant,
    ) -> Result<Self, BuildError> {
        let ground = Ground {
            population,
            streams,
            regions: &self.regions,
            place: &|peer| self.place(peer),
            end,
        };
        self.faults = faults::plan(faults, &ground)?;
        self.plain &= self.faults.weather.is_calm();
        Ok(self)
    }

    /// The smallest one-way delay between two different peers: the lookahead of the parallel
    /// engine. Jitter and faults only add. It is the smallest entry of the table if there are not
    /// two peers.
    pub fn lookahead(&self) -> Duration {
        self.lookahead
    }

    /// One-way propagation from one peer to another, last mile included; fixed for the run.
    ///
    /// # Panics
    /// If one of them is not in the population the network was built for (a constant network does
    /// not look).
    #[inline]
    pub fn delay(&self, from: PeerId, to: PeerId) -> Duration {
        self.latency.delay(from, to)
    }

    /// What happens to one datagram sent now: lost (by loss, or by a cut between the two at the
    /// time of sending), or delayed by [`Network::delay`] plus jitter. `seq` is the sender's own
    /// sequence number.
    #[inline]
    pub fn datagram(&self, now: Instant, from: PeerId, to: PeerId, seq: u32) -> Transit {
        let delay = self.delay(from, to);
        if self.plain {
            return Transit::Arrives(delay);
        }
        self.rough_datagram(now, from, to, seq, delay)
    }

    fn rough_datagram(
        &self,
        now: Instant,
        from: PeerId,
        to: PeerId,
        seq: u32,
        delay: Duration,
    ) -> Transit {
        let hash = self.hash(from, seq);
        let met = self.conditions(now, from, to);
        if hash >> 11 < self.lost_below(met) || met.cut {
            return Transit::Lost;
        }
        let mut delay = delay + met.add + self.jitter(hash);
        if let Some((loss, jitter)) = self.latency.rough(from, to) {
            let word = finish(hash ^ PATH_WORD);
            if (word >> 32) as u32 <= loss && loss > 0 {
                return Transit::Lost;
            }
            delay += path_jitter(word, jitter);
        }
        Transit::Arrives(delay)
    }

    /// Below which the top 53 bits of a hash say "lost".
    fn lost_below(&self, met: Conditions) -> u64 {
        if met.kept >= 1.0 {
            return self.loss;
        }
        ((1.0 - (1.0 - self.loss()) * met.kept) * (1u64 << 53) as f64) as u64
    }

    /// What faults do to a message sent now.
    #[inline]
    fn conditions(&self, now: Instant, from: PeerId, to: PeerId) -> Conditions {
        if self.faults.weather.is_calm() {
            return Conditions::CALM;
        }
        self.faults.weather.between(now, from, to)
    }

    /// The same for a segment on a connection. Loss does not drop it (an ideal connection, or one
    /// whose model turns loss into delay); a cut does.
    #[inline]
    pub fn segment(&self, now: Instant, from: PeerId, to: PeerId, seq: u32) -> Transit {
        let delay = self.delay(from, to);
        if self.plain {
            return Transit::Arrives(delay);
        }
        let met = self.conditions(now, from, to);
        if met.cut {
            return Transit::Lost;
        }
        let hash = self.hash(from, seq);
        let mut delay = delay + met.add + self.jitter(hash);
        if let Some((_, jitter)) = self.latency.rough(from, to) {
            delay += path_jitter(finish(hash ^ PATH_WORD), jitter);
        }
        Transit::Arrives(delay)
    }

    /// How long the two ends of a connection wait for one another.
    #[inline]
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// Whether connections have windows.
    #[inline]
    pub fn has_tcp(&self) -> bool {
        self.tcp.is_some()
    }

    /// How long the last byte of a message stands still at its sender, and is late because segments
    /// came again: what TCP adds to latency and links. Nothing on ideal connections.
    #[inline]
    pub fn tcp_delay(
        &self,
        flight: &mut Flight,
        now: Instant,
        (from, to): (PeerId, PeerId),
        seq: u32,
        bytes: u64,
    ) -> Duration {
        let Some(tcp) = &self.tcp else {
            return Duration::ZERO;
        };
        let segment_time = self.access.as_ref().map_or(Duration::ZERO, |access| {
            let begun = now.as_nanos();
            let up = self.pace(from).end(begun, access.up_nanos(from, SEGMENT));
            let down = self.pace(to).end(begun, access.down_nanos(to, SEGMENT));
            Duration::from_nanos(up.max(down) - begun)
        });
        let met = self.conditions(now, from, to);
        let path = Path {
            round_trip: self.delay(from, to) + self.delay(to, from) + met.add * 2,
            segment_time,
            loss: 1.0 - (1.0 - self.loss_between(from, to)) * met.kept,
        };
        let stall = tcp.send(flight, now, bytes, path);
        stall + tcp::recovery(bytes, path, self.hash(from, seq))
    }

    /// How long the first segment of a connection is late because it came again.
    #[inline]
    pub fn set_up_delay(&self, now: Instant, from: PeerId, to: PeerId, seq: u32) -> Duration {
        if !self.has_tcp() {
            return Duration::ZERO;
        }
        let kept = self.conditions(now, from, to).kept;
        let loss = 1.0 - (1.0 - self.loss_between(from, to)) * kept;
        tcp::set_up(loss, self.hash(from, seq))
    }

    /// Whether a fault keeps the two apart at this time.
    pub fn is_cut(&self, now: Instant, one: PeerId, other: PeerId) -> bool {
        self.conditions(now, one, other).cut
    }

    /// How fast a peer's access link works, while faults change bandwidths.
    #[inline]
    pub fn pace(&self, peer: PeerId) -> Pace<'_> {
        self.faults.slumps.pace(peer)
    }

    /// The share of datagrams that are lost, for models that turn loss into delay.
    pub fn loss(&self) -> f64 {
        self.loss as f64 / (1u64 << 53) as f64
    }

    /// The share of datagrams that are lost from one peer to another: [`Network::loss`] and the
    /// losses of the links of the path (of `[network.routers]`), each for itself.
    pub fn loss_between(&self, from: PeerId, to: PeerId) -> f64 {
        let path = self.latency.rough(from, to).map_or(0, |(loss, _)| loss);
        1.0 - (1.0 - self.loss()) * (1.0 - f64::from(path) / 4_294_967_296.0)
    }

    /// The access links; nothing if bandwidth is unlimited.
    pub fn access(&self) -> Option<&Access> {
        self.access.as_ref()
    }

    /// How links are shared by max-min fairness; nothing if they are not. Such a run has one shard.
    pub fn fair_share(&self) -> Option<FairShare> {
        self.access.as_ref().and_then(Access::fair_share)
    }

    /// The processors of peers; nothing if messages cost none.
    #[inline]
    pub fn processors(&self) -> Option<&Processors> {
        self.processors.as_ref()
    }

    /// What stands before peers; nothing if everybody can be reached.
    #[inline]
    pub fn reach(&self) -> Option<&Reach> {
        self.reach.as_ref()
    }

    /// Where a peer is: number of its region, matrix row, router or coordinates, from 0 in the order
    /// of the file. Nothing in a constant network.
    pub fn place(&self, peer: PeerId) -> Option<usize> {
        self.latency.place(peer)
    }

    /// Peers that a fault takes down, in order of time and then of peer.
    pub fn crashes(&self) -> &[Crash] {
        &self.faults.crashes
    }

    /// One line for results: the models, one-way or round trip, the source.
    pub fn about(&self) -> String {
        self.about.clone()
    }

    #[inline]
    fn hash(&self, from: PeerId, seq: u32) -> u64 {
        mix2(self.key, u64::from(from.0) << 32 | u64::from(seq))
    }

    /// What the hash of a message adds to its latency.
    #[inline]
    fn jitter(&self, hash: u64) -> Duration {
        // Another word than the one that decided on loss.
        let word = || finish(hash ^ 0x6A09_E667_F3BC_C908);
        match self.jitter {
            Jitter::None => Duration::ZERO,
            Jitter::Exponential(mean) => {
                let times = (-ln(1.0 - unit_f64(word()))).min(10.0);
                Duration::from_nanos((times * mean) as u64)
            }
            Jitter::Uniform(spread) => {
                let wide = u128::from(word()) * u128::from(spread);
                Duration::from_nanos((wide >> 64) as u64)
            }
        }
    }
}

/// What makes another word of a message's hash, for the path's own loss and jitter.
const PATH_WORD: u64 = 0xBB67_AE85_84CA_A73B;

/// Exponential of this mean in nanoseconds, at most ten times the mean.
fn path_jitter(word: u64, mean: u32) -> Duration {
    if mean == 0 {
        return Duration::ZERO;
    }
    let times = (-ln(1.0 - unit_f64(finish(word)))).min(10.0);
    Duration::from_nanos((times * f64::from(mean)) as u64)
}

#[cfg(test)]
mod measured;
#[cfg(test)]
mod tests;
