//! Delays of links, and shortest paths between the routers that have peers.

use super::hosts::Site;
use super::{Attach, Delay, Link, PathChoice, RouterGraph, RoutersConfig, numbers};
use crate::input::{BuildError, Files, TextError};
use crate::network::config::MatrixValues;
use crate::network::latency::{LONGEST, Rough, Table, at_random};
use crate::peer::Population;
use crate::random::{Draw, Purpose, Streams};
use crate::time::Duration;
use petgraph::algo::{connected_components, kosaraju_scc};
use petgraph::unionfind::UnionFind;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The most routers with peers: 67 million pairs.
const MOST_PLACES: usize = 8192;

/// Peers on routers, and what lies between those routers.
pub(in crate::network) struct Routed {
    /// For each peer the place, a number below the side of the table.
    pub(in crate::network) places: Vec<usize>,
    /// For each place its router.
    pub(in crate::network) sites: Vec<Site>,
    /// Delays between places.
    pub(in crate::network) table: Table,
    /// Loss and jitter between places, if a link has any.
    pub(in crate::network) rough: Option<Rough>,
}

/// Attaches everybody to routers and finds the shortest paths between these.
pub(in crate::network) fn places(
    config: &RoutersConfig,
    files: &Files,
    population: &Population,
    streams: &Streams,
) -> Result<Routed, BuildError> {
    let key = |name: &str| format!("network.routers.{name}");
    let wrong = |error: TextError| match &config.file {
        Some(file) => error.in_file(file),
        None => BuildError::config(key("generate"), error.message),
    };
    let graph = config.graph(files, streams)?;
    let bare = |link: &Link| matches!(link.delay, Some(Delay::Time(_) | Delay::Bare(_)));
    if config.values.is_none() && !graph.one_way && graph.links().any(|(_, _, link)| bare(link)) {
        let message = "round trips or one-way delays? The file does not say; add \
                       values = \"round-trip\" or values = \"one-way\"";
        return Err(BuildError::config(key("values"), message));
    }
    let arcs = Arcs::new(&graph, config).map_err(wrong)?;
    let part = graph.part(config, arcs.directed).map_err(wrong)?;
    let at = attach(&graph, &part, config.attach, population, streams)
        .map_err(|message| BuildError::config(key("attach"), message))?;
    let mut routers: Vec<usize> = at.clone();
    routers.sort_unstable();
    routers.dedup();
    if routers.len() > MOST_PLACES {
        let message = format!(
            "{} routers have peers; {MOST_PLACES} at most",
            routers.len()
        );
        let named = if config.file.is_some() {
            "file"
        } else {
            "generate"
        };
        return Err(BuildError::config(key(named), message));
    }
    let mut place = vec![usize::MAX; graph.len()];
    for (number, &router) in routers.iter().enumerate() {
        place[router] = number;
    }
    let (table, rough) = arcs.tables(&graph, &routers, config).map_err(wrong)?;
    Ok(Routed {
        places: at.into_iter().map(|router| place[router]).collect(),
        sites: (routers.iter())
            .map(|&router| Site::new(router, graph.router(router)))
            .collect(),
        table,
        rough,
    })
}

impl RoutersConfig {
    /// The routers: read, or generated for this seed.
    ///
    /// # Errors
    /// If the file is not there or not such a graph, or the generator cannot make one.
    pub fn graph(&self, files: &Files, streams: &Streams) -> Result<RouterGraph, BuildError> {
        let key = "network.routers.file";
        match (&self.file, &self.generate) {
            (Some(file), _) => {
                let text = files.get(key, file)?;
                let format = self.format();
                let format = format.ok_or_else(|| BuildError::config(key, "no format"))?;
                super::read(format, text).map_err(|error| error.in_file(file))
            }
            (None, Some(generate)) => generate.graph(streams),
            (None, None) => Err(BuildError::config(key, "no routers")),
        }
    }
}

/// A router for every peer.
fn attach(
    graph: &RouterGraph,
    part: &[usize],
    how: Attach,
    population: &Population,
    streams: &Streams,
) -> Result<Vec<usize>, String> {
    if how == Attach::Random {
        let classes = population.classes().iter().enumerate();
        let mut at = Vec::with_capacity(population.len() as usize);
        for (number, class) in classes {
            let mut rng = streams.chacha(Purpose::Places, number as u64);
            at.extend((0..class.count).map(|_| part[rng.index(part.len())]));
        }
        return Ok(at);
    }
    let shape = graph.shape(false);
    let leaf = |router: usize| shape.degree(crate::peer::PeerId(router as u32)) <= 1;
    let fits = |&router: &usize| how == Attach::Uniform || leaf(router);
    let candidates: Vec<usize> = part.iter().copied().filter(fits).collect();
    if candidates.is_empty() {
        return Err("no router has a single neighbour; use `uniform`".to_owned());
    }
    let at = at_random(candidates.len(), population, streams);
    Ok(at.into_iter().map(|number| candidates[number]).collect())
}

impl RouterGraph {
    /// The routers to use: all, or the largest part. Each reaches each.
    fn part(&self, config: &RoutersConfig, directed: bool) -> Result<Vec<usize>, TextError> {
        let mut parts: Vec<Vec<usize>> = if directed {
            let strong = kosaraju_scc(&self.graph);
            let numbers = |part: Vec<_>| part.into_iter().map(|at: super::NodeIndex| at.index());
            strong
                .into_iter()
                .map(|part| numbers(part).collect())
                .collect()
        } else if connected_components(&self.graph) == 1 {
            vec![(0..self.len()).collect()]
        } else {
            let mut union = UnionFind::<usize>::new(self.len());
            for (a, b, _) in self.links() {
                union.union(a, b);
            }
            let mut parts = vec![Vec::new(); self.len()];
            for (router, root) in union.into_labeling().into_iter().enumerate() {
                parts[root].push(router);
            }
            parts.retain(|part| !part.is_empty());
            parts
        };
        for part in &mut parts {
            part.sort_unstable();
        }
        parts.sort_unstable_by_key(|part| (Reverse(part.len()), part[0]));
        if parts.len() > 1 && !config.largest_part {
            let (one, other) = (self.router(parts[0][0]), self.router(parts[1][0]));
            let message = format!(
                "no path from `{}` to `{}`: the graph is in {} parts, the largest of {} of {} \
                 routers; link them, or take the largest with `largest_part = true`",
                one.name,
                other.name,
                parts.len(),
                parts[0].len(),
                self.len()
            );
            return Err(other.at.wrong(message));
        }
        Ok(parts.swap_remove(0))
    }

    /// The one-way delay of every link, in the order of [`RouterGraph::links`].
    ///
    /// # Errors
    /// If the file and the configuration do not give one; the place of the link and what would be
    /// right.
    pub fn delays(&self, config: &RoutersConfig) -> Result<Vec<Duration>, TextError> {
        let delay = |(a, b, link): (usize, usize, &Link)| {
            let delay = self.delay(a, b, link, config)?;
            if delay.is_zero() && a != b && link.delay.is_some() {
                let (a, b) = (&self.router(a).name, &self.router(b).name);
                let message =
                    format!("the link from `{a}` to `{b}` takes no time; give it a delay");
                return Err(link.at.wrong(message));
            }
            // Two places in one town may be at one point of the map.
            Ok(delay)
        };
        self.links().map(delay).collect()
    }

    fn delay(
        &self,
        a: usize,
        b: usize,
        link: &Link,
        config: &RoutersConfig,
    ) -> Result<Duration, TextError> {
        let halves = match config.values {
            Some(MatrixValues::RoundTrip) => 0.5,
            Some(MatrixValues::OneWay) | None => 1.0,
        };
        let time = |seconds: f64, text: String| {
            numbers::time(seconds, &text).map_err(|message| link.at.wrong(message))
        };
        match link.delay {
            Some(Delay::Time(written)) if config.values != Some(MatrixValues::RoundTrip) => {
                Ok(written)
            }
            Some(Delay::Time(written)) => time(written.as_secs_f64() * halves, written.to_string()),
            Some(Delay::Bare(value)) => {
                let Some(unit) = config.unit else {
                    let message = format!(
                        "the delay {value} has no unit; add unit = \"ms\", \"s\" or \"us\" to \
                         [network.routers]"
                    );
                    return Err(link.at.wrong(message));
                };
                time(value * unit.seconds() * halves, value.to_string())
            }
            Some(Delay::Distance(distance)) => {
                let Some(scale) = config.scale else {
                    let message = "a distance instead of a delay; add the delay of one unit as \
                                   `scale` to [network.routers], such as scale = \"10 us\"";
                    return Err(link.at.wrong(message));
                };
                time(
                    distance * scale.as_secs_f64(),
                    format!("the distance {distance}"),
                )
            }
            None => {
                let (one, other) = (self.router(a), self.router(b));
                let places = one.position.zip(other.position);
                let delay = places.and_then(|(one, other)| one.delay(other, config.scale));
                delay.or(config.link_latency).ok_or_else(|| {
                    let (one, other) = (&one.name, &other.name);
                    let message = format!(
                        "the link from `{one}` to `{other}` has no delay, and its ends no places to \
                         compute one from; give such links one with `link_latency`"
                    );
                    link.at.wrong(message)
                })
            }
        }
    }
}

/// A link as seen from one end.
struct Arc {
    to: u32,
    nanos: u64,
    /// The share that arrives.
    arrives: f64,
    jitter: u64,
}

/// The links of each router, for searching.
struct Arcs {
    offsets: Vec<u32>,
    all: Vec<Arc>,
    directed: bool,
    rough: bool,
}

/// What is known of the best path to a router.
#[derive(Clone, Copy)]
struct Best {
    /// Delay and hops, or hops and delay: the smaller first.
    cost: (u64, u64),
    arrives: f64,
    jitter: u64,
}

const FAR: Best = Best {
    cost: (u64::MAX, u64::MAX),
    arrives: 0.0,
    jitter: 0,
};

impl Arcs {
    fn new(graph: &RouterGraph, config: &RoutersConfig) -> Result<Self, TextError> {
        let directed = config.directed.unwrap_or(graph.one_way && graph.directed);
        let delays = graph.delays(config)?;
        let mut ends = Vec::with_capacity(delays.len() * 2);
        for ((a, b, link), delay) in graph.links().zip(delays) {
            let arc = |to: usize| Arc {
                to: to as u32,
                nanos: delay.as_nanos(),
                arrives: 1.0 - link.loss,
                jitter: link.jitter.as_nanos(),
            };
            ends.push((a, arc(b)));
            if !directed {
                ends.push((b, arc(a)));
            }
        }
        let smooth = |link: &Link| link.loss == 0.0 && link.jitter.is_zero();
        let own = graph.routers().filter_map(|router| router.own.as_ref());
        let rough =
            graph.links().any(|(_, _, link)| !smooth(link)) || own.into_iter().any(|l| !smooth(l));
        ends.sort_by_key(|(from, _)| *from);
        let mut offsets = vec![0; graph.len() + 1];
        for (from, _) in &ends {
            offsets[from + 1] += 1;
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let all = ends.into_iter().map(|(_, arc)| arc).collect();
        Ok(Self {
            offsets,
            all,
            directed,
            rough,
        })
    }

    /// Dijkstra's algorithm from one router to all.
    fn from(&self, start: usize, hops: bool, best: &mut [Best], heap: &mut Heap) {
        best.fill(FAR);
        best[start] = Best {
            cost: (0, 0),
            arrives: 1.0,
            jitter: 0,
        };
        heap.push(Reverse(((0, 0), start as u32)));
        while let Some(Reverse((cost, at))) = heap.pop() {
            let at = at as usize;
            if cost != best[at].cost {
                continue;
            }
            let here = best[at];
            let range = self.offsets[at] as usize..self.offsets[at + 1] as usize;
            for arc in &self.all[range] {
                let step = if hops { (1, arc.nanos) } else { (arc.nanos, 1) };
                let cost = (cost.0.saturating_add(step.0), cost.1.saturating_add(step.1));
                let there = &mut best[arc.to as usize];
                if cost < there.cost {
                    *there = Best {
                        cost,
                        arrives: here.arrives * arc.arrives,
                        jitter: here.jitter.saturating_add(arc.jitter),
                    };
                    heap.push(Reverse((cost, arc.to)));
                }
            }
        }
    }

    /// What lies between each two of these routers.
    fn tables(
        &self,
        graph: &RouterGraph,
        routers: &[usize],
        config: &RoutersConfig,
    ) -> Result<(Table, Option<Rough>), TextError> {
        let hops = config.path == PathChoice::Hops;
        let side = routers.len();
        let mut delays = Vec::with_capacity(side * side);
        let mut rough = Rough::default();
        let mut best = vec![FAR; graph.len()];
        let mut heap = Heap::new();
        for &from in routers {
            self.from(from, hops, &mut best, &mut heap);
            for &to in routers {
                let mut path = best[to];
                let mut nanos = if hops { path.cost.1 } else { path.cost.0 };
                if let (true, Some(own)) = (from == to, &graph.router(to).own) {
                    nanos = graph.delay(to, to, own, config)?.as_nanos();
                    path.arrives = 1.0 - own.loss;
                    path.jitter = own.jitter.as_nanos();
                }
                if nanos > LONGEST.as_nanos() {
                    let (from, to) = (graph.router(from), graph.router(to));
                    let message = format!(
                        "the path from `{}` to `{}` is longer than {LONGEST}: another unit?",
                        from.name, to.name
                    );
                    return Err(to.at.wrong(message));
                }
                delays.push(Duration::from_nanos(nanos));
                if self.rough {
                    rough.push(1.0 - path.arrives, path.jitter);
                }
            }
        }
        Ok((Table { side, delays }, self.rough.then_some(rough)))
    }
}

type Heap = BinaryHeap<Reverse<((u64, u64), u32)>>;
