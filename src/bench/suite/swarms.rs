//! BitTorrent: `PeerSim`'s workload at the level of blocks, and how the cost grows with peers at that of pieces.

use super::{SEED, Suite};
use crate::bench::clock::Stopwatch;
use crate::bench::row::Target;
use crate::engine::Setup;
use crate::network::{BandwidthConfig, Network};
use crate::peer::{Class, Population};
use crate::protocols::bittorrent::BitTorrent;
use crate::time::Duration;
use std::sync::Arc;

const PEERSIM: &str = "PeerSim 1.0.5";

/// Uplinks of `PeerSim`'s configuration; it has no downlinks.
const LINKS: &str = r#"
[[fair-share.class]]
name = "640"
share = "25 %"
up = "640 kbit/s"
down = "40 Mbit/s"
[[fair-share.class]]
name = "1024"
share = "25 %"
up = "1024 kbit/s"
down = "40 Mbit/s"
[[fair-share.class]]
name = "2048"
share = "25 %"
up = "2048 kbit/s"
down = "40 Mbit/s"
[[fair-share.class]]
name = "4096"
share = "25 %"
up = "4096 kbit/s"
down = "40 Mbit/s"
"#;

/// 100 MB, of which 15 % of the peers have all, and the others (unlike `PeerSim`'s) nothing.
fn run(peers: u32, detail: &str) -> (f64, f64, u64) {
    let text = format!(
        "file = \"100 MB\"\ndetail = \"{detail}\"\nseeds = {}\nmax_neighbours = 80",
        peers * 3 / 20
    );
    let config: BitTorrent = toml::from_str(&text).expect("valid settings");
    let leechers = peers - config.seeds;
    let free = Network::constant(super::LATENCY);
    let mut setup = Setup::new(leechers, free, SEED, Duration::from_secs(10_000));
    let classes = [("peers", leechers), ("seeds", config.seeds), ("tracker", 1)];
    let class = |(name, count): (&str, u32)| Class {
        name: name.to_owned(),
        count,
    };
    setup.population = Population::new(classes.map(class).to_vec());
    let (low, high) = (Duration::from_millis(10), Duration::from_millis(400));
    let links: BandwidthConfig = toml::from_str(LINKS).expect("valid settings");
    let network = Network::uniform(low, high, &setup.streams)
        .with_bandwidth(&links, &setup.population, &setup.streams)
        .expect("valid settings");
    setup.network = Arc::new(network);
    let watch = Stopwatch::start();
    let record = config.run(&setup);
    let seconds = watch.cpu();
    let complete = record.get("download.completed").unwrap_or(f64::NAN);
    let open = f64::from(leechers) * (1.0 - complete);
    (seconds, open.round(), record.events)
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    let cases = [
        (1000, "block", Some(30.0), Some(118.6)),
        (1000, "piece", None, None),
        (10_000, "piece", Some(300.0), None),
    ];
    for (peers, detail, aim, theirs) in cases {
        if suite.quick && (peers > 1000 || detail == "block") {
            continue;
        }
        suite.say(&format!("BitTorrent, 100 MB, by {detail}s"), peers);
        let (seconds, open, events) = run(peers, detail);
        let name = ("bittorrent", peers);
        let what = format!("100 MB by {detail}s, CPU");
        suite.row(name, &what, (seconds, "s"), aim.map(Target::AtMost));
        if let Some(theirs) = theirs {
            suite.beside(PEERSIM, theirs);
        }
        let target = Some(Target::AtMost(0.0));
        suite.row(name, "  who never has the file", (open, "peers"), target);
        if theirs.is_some() {
            suite.beside(PEERSIM, 45.0);
        }
        let each = seconds * 1e9 / events as f64;
        suite.row(name, "  an event", (each, "ns"), None);
    }
}
