//! A1 to A5, E2, E4: how fast a file reaches many.

use super::{Room, Source, column, per_seed};
use crate::engine::{Phases, Setup};
use crate::network::{BandwidthConfig, Network};
use crate::observe::record::Record;
use crate::peer::{Class, Population};
use crate::protocols::bittorrent::BitTorrent;
use crate::protocols::client_server::ClientServer;
use crate::protocols::ideal_p2p::IdealP2p;
use crate::quantity::Bytes;
use crate::time::Duration;
use crate::validate::Rule;
use std::sync::Arc;

const A1: Source = Source {
    id: "A1",
    text: "Kurose & Ross, Computer Networking: D_cs = max(N F / u_s, F / d_min)",
};
const A2: Source = Source {
    id: "A2",
    text: "Kurose & Ross, Computer Networking: D_p2p >= max(F / u_s, F / d_min, N F / (u_s + sum u))",
};
const A3: Source = Source {
    id: "A3",
    text: "Kurose & Ross, figure: F / u = 1 h, u_s = 10 u, d_min >= u_s; in hours",
};
const A4: Source = Source {
    id: "A4",
    text: "Kurose & Ross, problem: F = 15 Gbit, u_s = 30 Mbit/s, d = 2 Mbit/s; in seconds",
};
const A5: Source = Source {
    id: "A5",
    text: "Mundinger, Weber & Weiss, J. Scheduling 2008: at least (1 + floor(log2 N) / M) F / u, equal uplinks",
};
const E2: Source = Source {
    id: "E2",
    text: "Qiu & Srikant, SIGCOMM 2004, steady state: mu = 0.00125, c = 0.002, gamma = 0.005, theta = 0",
};
const E4: Source = Source {
    id: "E4",
    text: "Qiu & Srikant, SIGCOMM 2004: effectiveness about 1 - (log N / N)^k, near 1 with some hundred pieces",
};

pub(super) const NOT_READ: &str = "from memory: nobody has read the source for this project";

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("files: one server, and the best plan (A1 to A4)");
    figure(room);
    problem(room);
    room.say("files: BitTorrent against its bounds (A2, A5, E4)");
    swarms(room);
    room.say("files: a swarm in its steady state (E2)");
    steady(room);
}

/// So many who want a file, and a class of seeds, over links as a scenario has them, 20 ms apart.
pub(super) fn setup((peers, seeds, trackers): (u32, u32, u32), links: &str, seed: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(20));
    let mut setup = Setup::new(peers, network, seed, Duration::from_hours(24 * 30));
    let classes = [("peers", peers), ("seeds", seeds), ("tracker", trackers)];
    let class = |(name, count): (&str, u32)| Class {
        name: name.to_owned(),
        count,
    };
    setup.population = Population::new(classes.map(class).to_vec());
    let config: BandwidthConfig =
        toml::from_str(&format!("fair-share = {{ {links} }}")).expect("links of this file's own");
    let network = Network::constant(Duration::from_millis(20));
    let network = network.with_bandwidth(&config, &setup.population, &setup.streams);
    setup.network = Arc::new(network.expect("links of this file's own"));
    setup
}

/// Links of peers and of the server, in kbit/s.
fn links(up: u64, down: u64, server: u64) -> String {
    let rate = |kbit: u64| format!("\"{kbit} kbit/s\"");
    let (up, down, server) = (rate(up), rate(down), rate(server));
    format!(
        "up = {up}, down = {down}, group = [{{ name = \"seeds\", up = {server}, down = {server} }}]"
    )
}

fn last(record: &Record) -> f64 {
    record.get("download.last").unwrap_or(f64::NAN)
}

fn one_server(file: u64, peers: u32, links: &str) -> f64 {
    let family = ClientServer {
        file: Bytes(file),
        ..ClientServer::default()
    };
    last(&family.run(&setup((peers, 1, 0), links, 1)))
}

fn best_plan(file: u64, peers: u32, links: &str) -> f64 {
    let family = IdealP2p {
        file: Bytes(file),
        ..IdealP2p::default()
    };
    last(&family.run(&setup((peers, 1, 0), links, 1)))
}

/// A3: 450 MB are an hour at 1 Mbit/s.
fn figure(room: &mut Room<'_>) {
    let (file, links) = (450_000_000, links(1000, 10_000, 10_000));
    for peers in (5..=35).step_by(5) {
        let count = f64::from(peers);
        let what = format!("client-server, N = {peers}");
        let hours = [one_server(file, peers, &links) / 3600.0];
        let target = A3.claim(&what, count / 10.0);
        room.judge(target, &hours, Rule::Reported(0.005));
        let what = format!("ideal peer-to-peer, N = {peers}");
        let hours = [best_plan(file, peers, &links) / 3600.0];
        let target = A3.claim(&what, count / (10.0 + count));
        room.judge(target, &hours, Rule::Reported(0.01));
    }
}

/// A4, and A1 with a downlink that holds back.
fn problem(room: &mut Room<'_>) {
    let file = 15_000_000_000 / 8;
    for (peers, expected) in [(10, 7500.0), (100, 50_000.0), (1000, 500_000.0)] {
        let source = if peers == 10 { A1 } else { A4 };
        let what = format!("client-server, 15 Gbit, N = {peers}, s");
        let seconds = [one_server(file, peers, &links(2000, 2000, 30_000))];
        room.judge(
            source.claim(what, expected),
            &seconds,
            Rule::Reported(0.005),
        );
    }
    for (peers, times) in [(10, [7500.0; 3]), (100, [25_000.0, 15_000.0, 7500.0])] {
        for (up, expected) in [300, 700, 2000].into_iter().zip(times) {
            let what = format!("ideal peer-to-peer, N = {peers}, u = {up} kbit/s");
            let seconds = [best_plan(file, peers, &links(up, 2000, 30_000))];
            room.judge(A4.claim(what, expected), &seconds, Rule::Reported(0.01));
        }
    }
}

/// Equal peers, with a server as in the textbook's figure and with one seed like all others; and unequal ones.
fn swarms(room: &mut Room<'_>) {
    const PEERS: u32 = 30;
    // 382 pieces of 256 KiB.
    let config: BitTorrent = toml::from_str("file = \"100 MB\"").expect("valid");
    let seeds = room.seeds(3, 10);
    let runs = |links: &str| {
        let run = |seed| config.run(&setup((PEERS, 1, 1), links, seed));
        per_seed(seeds, run)
    };
    let get = |name: &'static str| move |record: &Record| record.get(name).unwrap_or(f64::NAN);
    let with_server = runs(&links(1000, 10_000, 10_000));
    let alike = runs(&links(1000, 10_000, 1000));
    let mixed = runs(
        "preset = \"file-sharing-2006\", \
         group = [{ name = \"seeds\", up = \"6 Mbit/s\", down = \"6 Mbit/s\" }]",
    );
    let times = |runs: &[Record]| column(runs, get("download.times_bound"));
    for (what, runs, most) in [
        ("30 equal peers, u_s = 10 u", &with_server, 1.25),
        ("30 equal peers, u_s = u", &alike, 1.25),
        ("30 peers with links of file sharers", &mixed, 3.0),
    ] {
        let over = times(runs);
        let under: Vec<f64> = over.iter().map(|ratio| 1.0 / ratio).collect();
        let what = format!("BitTorrent, {what}");
        let never = format!("{what}: bound over time");
        room.judge(A2.claim(never, 1.0), &under, Rule::Below);
        let near = format!("{what}: time over bound");
        room.judge(A2.claim(near, most), &over, Rule::Below);
    }
    let bound = (1.0 + f64::from(PEERS.ilog2()) / 382.0) * 800.0;
    let shares: Vec<f64> = alike.iter().map(|record| bound / last(record)).collect();
    let what = "BitTorrent, 30 equal peers, u_s = u: bound over time";
    room.unverified(A5.claim(what, 1.0), &shares, Rule::Below, NOT_READ);
    // So long a time that the beginning, when there is nothing to give, is short.
    let long: BitTorrent = toml::from_str("file = \"400 MB\"").expect("valid");
    let links = links(1000, 10_000, 10_000);
    let long = per_seed(seeds, |seed| long.run(&setup((PEERS, 1, 1), &links, seed)));
    let used = column(&long, get("download.utilisation"));
    let idle: Vec<f64> = used.iter().map(|used| 1.0 - used).collect();
    let what = "share of the uplinks that is idle, 30 equal peers, 1526 pieces";
    room.unverified(E4.claim(what, 0.05), &idle, Rule::Below, NOT_READ);
}

/// E2: 100 pieces of 100 kB; a peer sends the file in 800 s and receives it in 500, and stays for 200 s with
/// it. One seed with the uplink of a peer keeps the file alive.
fn steady(room: &mut Room<'_>) {
    let rates: &[&str] = if room.quick {
        &["0.1 /s"]
    } else {
        &["0.1 /s", "0.4 /s", "1 /s"]
    };
    for rate in rates {
        let text = format!(
            "file = \"10 MB\"\npiece = \"100 kB\"\nblock = \"20 kB\"\ndeparture.after = \"200 s\"\n\
             arrivals.poisson.rate = \"{rate}\""
        );
        let config: BitTorrent = toml::from_str(&text).expect("valid");
        let runs = per_seed(room.seeds(1, 3), |seed| {
            let mut setup = setup((15_000, 1, 1), &links(100, 160, 100), seed);
            setup.phases = Phases {
                warm_up: Duration::from_hours(1),
                measurement: Duration::from_hours(2),
                drain: Duration::from_mins(30),
                ..Phases::default()
            };
            config.run(&setup)
        });
        let mean = column(&runs, |record| {
            record.get("download.mean").unwrap_or(f64::NAN)
        });
        let what = format!("mean time to the file, {rate}, s");
        room.unverified(E2.claim(what, 600.0), &mean, Rule::Reported(0.15), NOT_READ);
    }
}
