//! One-way propagation: one number, or peers on places and a table between places.

use crate::input::{BuildError, Files};
use crate::network::access::AccessLink;
use crate::network::config::NetworkConfig;
use crate::network::coordinates::{self, Plane};
use crate::network::routers::RouterLinksConfig;
use crate::network::routers::hosts::Site;
use crate::network::{matrix, routers};
use crate::peer::{PeerId, Population};
use crate::random::{Draw, Purpose, Streams};
use crate::time::Duration;

/// The latency model of a run.
#[derive(Clone, Debug)]
pub(super) enum Latency {
    /// The same for all.
    Constant(Duration),
    /// At most 256 places (regions): a byte a peer.
    Few(Places<u8>),
    /// More places (matrix rows, routers): two bytes a peer.
    Many(Places<u16>),
    /// Places in a plane, without a table.
    Plane(Plane),
}

/// Peers on places, and the delays between places.
#[derive(Clone, Debug)]
pub(super) struct Places<P> {
    place: Vec<P>,
    side: usize,
    /// Nanoseconds per step of the table: 1, or 1000 where a delay exceeds 4.29 s.
    tick: u64,
    /// Row by row, last mile of both ends included.
    table: Vec<u32>,
    /// Loss and jitter between places, if they have any.
    rough: Option<Rough>,
    /// What the places are, if not rows of the file: routers that have peers.
    sites: Option<Vec<Site>>,
}

/// Loss and jitter of the paths between places, row by row like the table of delays.
#[derive(Clone, Default, Debug)]
pub(super) struct Rough {
    /// Shares of 2^32.
    loss: Vec<u32>,
    /// Means in nanoseconds.
    jitter: Vec<u32>,
}

impl Rough {
    /// One more path: the share it loses, and the mean in nanoseconds of what it adds (4.29 s at
    /// most).
    pub(super) fn push(&mut self, loss: f64, jitter: u64) {
        // A float becomes the nearest whole number that there is.
        self.loss.push((loss * 4_294_967_296.0) as u32);
        self.jitter.push(u32::try_from(jitter).unwrap_or(u32::MAX));
    }
}

/// One-way delays between places, row by row, without the last mile.
pub(super) struct Table {
    pub(super) side: usize,
    pub(super) delays: Vec<Duration>,
}

/// For each peer the number of its link, and the links.
pub(super) type HostLinks = (Vec<u16>, Vec<AccessLink>);

/// The longest one-way delay a table may hold.
pub(super) const LONGEST: Duration = Duration::from_mins(30);

impl<P: Copy + Into<usize> + TryFrom<usize>> Places<P> {
    fn new(places: &[usize], table: &Table, last_mile: Duration) -> Self {
        let whole = |delay: Duration| (delay + last_mile * 2).as_nanos();
        let longest = table.delays.iter().copied().max().unwrap_or_default();
        let tick = if u32::try_from(whole(longest)).is_ok() {
            1
        } else {
            1000
        };
        let place = places.iter().map(|&place| {
            P::try_from(place)
                .ok()
                .expect("the number of places was checked")
        });
        Self {
            place: place.collect(),
            side: table.side,
            tick,
            table: (table.delays.iter())
                .map(|&delay| u32::try_from(whole(delay) / tick).expect("delays were checked"))
                .collect(),
            rough: None,
            sites: None,
        }
    }

    fn with(self, rough: Option<Rough>, sites: Option<Vec<Site>>) -> Self {
        Self {
            rough,
            sites,
            ..self
        }
    }

    fn number(&self, peer: PeerId) -> usize {
        let place: usize = self.place[peer.index()].into();
        let sites = self.sites.as_ref();
        sites.map_or(place, |sites| sites[place].number as usize)
    }

    /// Which link every peer has, and the links of hosts at routers; nothing if places are no routers.
    fn links(&self, config: &RouterLinksConfig) -> Option<Result<HostLinks, BuildError>> {
        let sites = self.sites.as_ref()?.iter();
        let links: Result<Vec<AccessLink>, _> = sites.map(|site| site.link(config)).collect();
        let places = self.place.iter().map(|&place| {
            let place: usize = place.into();
            place as u16
        });
        Some(links.map(|links| (places.collect(), links)))
    }

    fn rough(&self, from: PeerId, to: PeerId) -> Option<(u32, u32)> {
        let rough = self.rough.as_ref()?;
        let row: usize = self.place[from.index()].into();
        let column: usize = self.place[to.index()].into();
        let cell = row * self.side + column;
        Some((rough.loss[cell], rough.jitter[cell]))
    }

    #[inline]
    fn delay(&self, from: PeerId, to: PeerId) -> Duration {
        let row: usize = self.place[from.index()].into();
        let column: usize = self.place[to.index()].into();
        Duration::from_nanos(u64::from(self.table[row * self.side + column]) * self.tick)
    }

    /// The smallest delay between two different peers.
    fn smallest(&self) -> Duration {
        let mut peers = vec![0u32; self.side];
        for &place in &self.place {
            let place: usize = place.into();
            peers[place] += 1;
        }
        let between = |(cell, &delay): (usize, &u32)| {
            let (row, column) = (cell / self.side, cell % self.side);
            let pair = if row == column {
                peers[row] > 1
            } else {
                peers[row] > 0 && peers[column] > 0
            };
            pair.then_some(delay)
        };
        let smallest = self.table.iter().enumerate().filter_map(between).min();
        let smallest = smallest.or_else(|| self.table.iter().copied().min());
        Duration::from_nanos(u64::from(smallest.unwrap_or(0)) * self.tick)
    }
}

impl Latency {
    /// The model of a valid configuration, and its smallest delay between different peers.
    pub(super) fn build(
        config: &NetworkConfig,
        files: &Files,
        population: &Population,
        streams: &Streams,
    ) -> Result<(Self, Duration), BuildError> {
        let last_mile = config.last_mile();
        if let Some(constant) = &config.constant {
            let delay = constant.latency + last_mile * 2;
            return Ok((Self::Constant(delay), delay));
        }
        if let Some(config) = &config.coordinates {
            let text = files.get("network.coordinates.file", &config.file)?;
            let plane = coordinates::read(text, config).map_err(|e| e.in_file(&config.file))?;
            let places = at_random(plane.len(), population, streams);
            let plane = plane.with_peers(&places, last_mile);
            let smallest = plane.smallest();
            return Ok((Self::Plane(plane), smallest));
        }
        let mut rough = None;
        let mut sites = None;
        let (places, table) = if let Some(regions) = &config.regions {
            let (shares, table) = regions.tables();
            (by_quota(&shares, population, streams), table)
        } else if let Some(matrix) = &config.matrix {
            let text = files.get("network.matrix.file", &matrix.file)?;
            let table = matrix::read(text, matrix).map_err(|e| e.in_file(&matrix.file))?;
            (at_random(table.side, population, streams), table)
        } else if let Some(routers) = &config.routers {
            let routed = routers::places(routers, files, population, streams)?;
            rough = routed.rough;
            sites = Some(routed.sites);
            (routed.places, routed.table)
        } else {
            return Err(BuildError::config("network", "no latency model"));
        };
        Ok(if table.side <= 256 {
            let places = Places::new(&places, &table, last_mile).with(rough, sites);
            let smallest = places.smallest();
            (Self::Few(places), smallest)
        } else {
            let places = Places::new(&places, &table, last_mile).with(rough, sites);
            let smallest = places.smallest();
            (Self::Many(places), smallest)
        })
    }

    #[inline]
    pub(super) fn delay(&self, from: PeerId, to: PeerId) -> Duration {
        match self {
            Self::Constant(delay) => *delay,
            Self::Few(places) => places.delay(from, to),
            Self::Many(places) => places.delay(from, to),
            Self::Plane(plane) => plane.delay(from, to),
        }
    }

    /// The share of 2^32 of datagrams that the path loses, and the mean of its jitter in
    /// nanoseconds; nothing if no path does either.
    #[inline]
    pub(super) fn rough(&self, from: PeerId, to: PeerId) -> Option<(u32, u32)> {
        match self {
            Self::Constant(_) | Self::Plane(_) => None,
            Self::Few(places) => places.rough(from, to),
            Self::Many(places) => places.rough(from, to),
        }
    }

    /// Whether some path loses datagrams or adds jitter.
    pub(super) fn is_rough(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Plane(_) => false,
            Self::Few(places) => places.rough.is_some(),
            Self::Many(places) => places.rough.is_some(),
        }
    }

    pub(super) fn place(&self, peer: PeerId) -> Option<usize> {
        match self {
            Self::Constant(_) => None,
            Self::Few(places) => Some(places.number(peer)),
            Self::Many(places) => Some(places.number(peer)),
            Self::Plane(plane) => Some(plane.place(peer)),
        }
    }

    /// Which link every peer has, and the links of hosts at routers; nothing if there are no routers.
    pub(super) fn links(
        &self,
        config: &RouterLinksConfig,
    ) -> Option<Result<HostLinks, BuildError>> {
        match self {
            Self::Constant(_) | Self::Plane(_) => None,
            Self::Few(places) => places.links(config),
            Self::Many(places) => places.links(config),
        }
    }

    /// The places of all peers, if there are at most 256 places.
    pub(super) fn regions(&self) -> Option<(&[u8], usize)> {
        match self {
            Self::Few(places) => Some((&places.place, places.side)),
            Self::Constant(_) | Self::Many(_) | Self::Plane(_) => None,
        }
    }
}

/// Places by quota: within each class the counts are the shares, to the nearest peer, and only who
/// is where is random. Adding a class moves nobody.
fn by_quota(shares: &[f64], population: &Population, streams: &Streams) -> Vec<usize> {
    let whole: f64 = shares.iter().sum();
    let mut places = Vec::with_capacity(population.len() as usize);
    for (number, class) in population.classes().iter().enumerate() {
        let count = class.count as usize;
        let start = places.len();
        let mut sum = 0.0;
        for (place, share) in shares.iter().enumerate() {
            sum += share;
            let upto = (sum / whole * count as f64).round() as usize;
            places.resize(start + upto.min(count), place);
        }
        places.resize(start + count, shares.len() - 1);
        streams
            .chacha(Purpose::Places, number as u64)
            .shuffle(&mut places[start..]);
    }
    places
}

/// Places at random, the emptiest first: no two peers share one before all are taken. Adding a
/// class moves nobody.
pub(super) fn at_random(side: usize, population: &Population, streams: &Streams) -> Vec<usize> {
    let mut places = Vec::with_capacity(population.len() as usize);
    let mut peers = vec![0u32; side];
    for (number, class) in population.classes().iter().enumerate() {
        let mut rng = streams.chacha(Purpose::Places, number as u64);
        let end = places.len() + class.count as usize;
        while places.len() < end {
            let mut order: Vec<usize> = (0..side).collect();
            rng.shuffle(&mut order);
            order.sort_by_key(|&place| peers[place]);
            order.truncate(end - places.len());
            for &place in &order {
                peers[place] += 1;
            }
            places.extend(order);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Class;

    fn classes(counts: &[u32]) -> Population {
        let class = |&count| Class {
            name: "c".to_owned(),
            count,
        };
        Population::new(counts.iter().map(class).collect())
    }

    #[test]
    fn quotas_are_exact_and_adding_a_class_moves_nobody() {
        let streams = Streams::new(7);
        let shares = [0.5, 0.3, 0.2];
        let places = by_quota(&shares, &classes(&[1000]), &streams);
        let count = |place| places.iter().filter(|&&p| p == place).count();
        assert_eq!([count(0), count(1), count(2)], [500, 300, 200]);
        let more = by_quota(&shares, &classes(&[1000, 77]), &streams);
        assert_eq!(more[..1000], places[..]);
        assert_eq!(by_quota(&shares, &classes(&[1]), &streams).len(), 1);
    }

    #[test]
    fn rows_fill_evenly_and_adding_a_class_moves_nobody() {
        let streams = Streams::new(7);
        let places = at_random(10, &classes(&[25]), &streams);
        let mut count = [0; 10];
        for &place in &places {
            count[place] += 1;
        }
        assert!(count.iter().all(|&c| c == 2 || c == 3), "{count:?}");
        let both = at_random(10, &classes(&[4, 6]), &streams);
        assert_eq!(both[..4], at_random(10, &classes(&[4]), &streams)[..]);
        let mut sorted = both;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..10).collect::<Vec<_>>());
    }
}
