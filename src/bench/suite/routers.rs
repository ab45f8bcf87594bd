//! What it takes to put peers on routers and to find the shortest paths between these.

use super::{SEED, Suite};
use crate::bench::clock::{Stopwatch, resident_bytes};
use crate::bench::measure::median;
use crate::bench::row::Target;
use crate::network::{Files, Network, NetworkConfig};
use crate::peer::Population;
use crate::random::Streams;

const PEERS: u32 = 100_000;
/// As large as Inet-3.0's graphs of the Internet: 3000 routers and some 6000 links with the degrees
/// of a power law.
const GRAPH: &str = "routers.link_latency = \"2 ms\"\n\
                     routers.generate = { routers = 3000, graph.barabasi-albert.links = 2 }";

pub(super) fn measure(suite: &mut Suite<'_>) {
    suite.say("shortest paths between 3000 routers", PEERS);
    let config: NetworkConfig = toml::from_str(GRAPH).expect("valid settings");
    let population = Population::uniform(PEERS);
    let mut grown = None;
    let run = |_| {
        let before = resident_bytes();
        let watch = Stopwatch::start();
        let network = Network::build(&config, &Files::default(), &population, &Streams::new(SEED));
        let seconds = watch.cpu();
        // Memory that an earlier run has given back may be used again, so the most it grew by.
        let bytes = resident_bytes().zip(before);
        grown = grown.max(bytes.map(|(after, before)| after.saturating_sub(before)));
        drop(network.expect("valid settings"));
        seconds
    };
    let seconds = median((0..3).map(run).collect());
    let name = ("routers", PEERS);
    let what = "shortest paths between 3000, by latency";
    suite.row(name, what, (seconds, "s"), Some(Target::AtMost(5.0)));
    if let Some(grown) = grown {
        // A table of all pairs of peers would take 40 000.
        let megabytes = grown as f64 / 1e6;
        let target = Some(Target::AtMost(120.0));
        suite.row(name, "memory of their table", (megabytes, "MB"), target);
    }
}
