//! Graphs, latency tables, and transfers over access links.

use super::judge::{Claim, Row};
use crate::engine::{Context, Message, Notice, Protocol, Setup, World};
use crate::input::Files;
use crate::math::stats::quantile;
use crate::network::graph::percolation::{
    connected_probability, count_connected, giant_share, giant_share_of_survivors,
    measured_giant_share, measured_giant_share_of_survivors, regular_giant_share_of_survivors,
};
use crate::network::graph::{erdos_renyi, regular};
use crate::network::{AccessLinkConfig, BandwidthConfig, Network, NetworkConfig};
use crate::peer::{PeerId, Population};
use crate::quantity::Bandwidth;
use crate::random::{Purpose, Streams};
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;
use std::path::PathBuf;

const N1: Claim = Claim {
    id: "N1",
    source: "Erdos & Renyi 1959",
};
const N2: Claim = Claim {
    id: "N2",
    source: "Erdos & Renyi 1960",
};
const N3: Claim = Claim {
    id: "N3",
    source: "Cohen et al. 2000; Molloy & Reed 1995",
};
const M1: Claim = Claim {
    id: "M1",
    source: "SimBlock, NetworkConfiguration.java (round trips)",
};
const M4: Claim = Claim {
    id: "M4",
    source: "Zhu et al., ToN 2017 (PlanetLab, slice 1)",
};
const L0: Claim = Claim {
    id: "link",
    source: "latency + bytes / min(up, down), cut through",
};

pub(super) fn graphs(quick: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, 1);
    // The claim is a limit: with many more graphs its own error at 1000 peers would show.
    let graphs = 1000;
    for c in [0.0, 1.0, 2.0, 3.0] {
        let connected = count_connected(1000, c, graphs, &mut rng);
        let what = format!("G(1000, (ln n + {c}) / n) is connected");
        rows.push(N1.share(
            what,
            connected_probability(c),
            connected as usize,
            graphs as usize,
        ));
    }
    let peers = 100_000;
    let count = if quick { 3 } else { 10 };
    for c in [1.5, 2.0, 3.0, 4.0] {
        let shares: Vec<_> = (0..count)
            .map(|_| measured_giant_share(&erdos_renyi(peers, c, &mut rng)))
            .collect();
        rows.push(N2.near(
            format!("giant component, mean degree {c}"),
            giant_share(c),
            &shares,
            0.005,
        ));
    }
    let er: Vec<_> = (0..count)
        .map(|_| {
            measured_giant_share_of_survivors(&erdos_renyi(peers, 4.0, &mut rng), 0.5, &mut rng)
        })
        .collect();
    let what = "giant share of survivors, half fail, mean degree 4".to_owned();
    rows.push(N3.near(what, giant_share_of_survivors(4.0, 0.5), &er, 0.01));
    for degree in [4, 5, 8] {
        let shares: Vec<_> = (0..count)
            .map(|_| {
                measured_giant_share_of_survivors(&regular(peers, degree, &mut rng), 0.5, &mut rng)
            })
            .collect();
        let what = format!("giant share of survivors, half fail, {degree}-regular");
        rows.push(N3.near(
            what,
            regular_giant_share_of_survivors(degree, 0.5),
            &shares,
            0.01,
        ));
    }
    rows
}

/// Mean round trip of the 2019 table over its 36 entries, in ms; typed in apart from the table.
const MEAN_2019_MS: f64 = 6616.0 / 36.0;
/// The same of 2015.
const MEAN_2015_MS: f64 = 7535.0 / 36.0;

pub(super) fn transfers(_quick: bool) -> Vec<Row> {
    let mut rows = vec![
        table_mean("simblock-2019", MEAN_2019_MS),
        table_mean("simblock-2015", MEAN_2015_MS),
    ];
    rows.extend(planetlab());
    rows.extend(links());
    rows
}

/// Mean over pairs of regions of the delays that a network of that preset has.
fn table_mean(preset: &str, expected: f64) -> Row {
    let toml = format!("last_mile = \"0 s\"\nregions = {{ preset = \"{preset}\" }}");
    let population = Population::uniform(2000);
    let network = toml::from_str::<NetworkConfig>(&toml)
        .ok()
        .and_then(|config| {
            Network::build(&config, &Files::default(), &population, &Streams::new(1)).ok()
        });
    let what = format!("mean of the table `{preset}` in ms, over all pairs of regions");
    let Some(network) = network else {
        return M1.exact(what, expected, f64::NAN);
    };
    let mut first: BTreeMap<usize, Vec<PeerId>> = BTreeMap::new();
    for peer in (0..2000).map(PeerId) {
        let place = network.place(peer).unwrap_or(0);
        let peers = first.entry(place).or_default();
        if peers.len() < 2 {
            peers.push(peer);
        }
    }
    let mut sum = 0;
    for (from, senders) in &first {
        for (to, receivers) in &first {
            let other = if from == to {
                receivers[1]
            } else {
                receivers[0]
            };
            sum += network.delay(senders[0], other).as_nanos();
        }
    }
    let pairs = (first.len() * first.len()) as f64;
    M1.exact(what, expected, sum as f64 / 1e6 / pairs)
}

/// M4: mean and quantiles of the `PlanetLab` slice, loaded by the importer.
fn planetlab() -> Vec<Row> {
    let expected = [
        (0.10, 31.6),
        (0.25, 59.3),
        (0.50, 135.0),
        (0.75, 201.8),
        (0.90, 290.7),
        (0.95, 324.9),
        (0.99, 412.6),
    ];
    let Some(text) = data("planetlab-rtt/PlanetLabData_1") else {
        let why = "the data set planetlab-rtt is not here (SIM_DATA names its folder)";
        return vec![M4.skipped("mean round trip in ms".to_owned(), 146.8, why)];
    };
    let config =
        "last_mile = \"0 s\"\nmatrix = { file = \"m\", unit = \"ms\", values = \"one-way\" }";
    let files = Files(BTreeMap::from([("m".to_owned(), text)]));
    // One peer per row, so that all pairs of rows are met.
    let population = Population::uniform(490);
    let built = toml::from_str::<NetworkConfig>(config)
        .ok()
        .and_then(|config| Network::build(&config, &files, &population, &Streams::new(1)).ok());
    let Some(network) = built else {
        return vec![M4.exact("mean round trip in ms".to_owned(), 146.8, f64::NAN)];
    };
    let pairs = (0..490u32).flat_map(|a| {
        (0..490)
            .filter(move |&b| b != a)
            .map(move |b| (PeerId(a), PeerId(b)))
    });
    let mut delays: Vec<f64> = pairs
        .map(|(a, b)| network.delay(a, b).as_millis_f64())
        .collect();
    delays.sort_by(f64::total_cmp);
    let mean = delays.iter().sum::<f64>() / delays.len() as f64;
    let mut rows = vec![M4.within("mean round trip in ms".to_owned(), 146.8, mean, 1.468)];
    for (q, value) in expected {
        let what = format!("{} % of round trips in ms", (q * 100.0) as u32);
        rows.push(M4.within(what, value, quantile(&delays, q), value * 0.01));
    }
    rows
}

/// A data file, found beside the project or where `SIM_DATA` says.
fn data(file: &str) -> Option<String> {
    let named = std::env::var_os("SIM_DATA").map(PathBuf::from);
    let beside = [".", "..", "../..", "../../.."].map(|up| PathBuf::from(up).join("shared/data"));
    let folders = named.into_iter().chain(beside);
    folders
        .map(|folder| folder.join(file))
        .find_map(|path| std::fs::read_to_string(path).ok())
}

/// Peer 0 sends bulk to each of the others at once.
struct Sender {
    receivers: u32,
}

struct Bulk(u32);

impl Message for Bulk {
    const KINDS: &'static [&'static str] = &["bulk"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        self.0
    }
}

const BULK: u32 = 1_000_000;

impl Protocol for Sender {
    type Message = Bulk;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() == PeerId(0) {
            for to in 1..=self.receivers {
                cx.send(PeerId(to), Bulk(BULK));
            }
        }
    }

    fn on_message(&mut self, _from: PeerId, _message: Bulk, cx: &mut Context<'_, Self>) {
        cx.emit(());
    }
}

/// When the transfers of 1 MB to each of `receivers` are through, in seconds.
fn transfer(up: u64, down: u64, receivers: u32) -> Vec<f64> {
    let links = AccessLinkConfig {
        up: Some(Bandwidth(up)),
        down: Some(Bandwidth(down)),
        ..AccessLinkConfig::default()
    };
    let network = Network::constant(Duration::from_millis(30));
    let Ok(network) = network.with_bandwidth(&BandwidthConfig::AccessLink(links)) else {
        return Vec::new();
    };
    let setup = Setup::new(receivers + 1, network, 1, Duration::from_hours(1));
    let mut world = World::new(&setup, |_| Sender { receivers }, &crate::engine::Idle);
    let mut times = Vec::new();
    world.run(&mut |at: Instant, _: PeerId, notice: Notice<()>| {
        if notice == Notice::Event(()) {
            times.push(at.as_secs_f64());
        }
    });
    times
}

fn links() -> Vec<Row> {
    let mut rows = Vec::new();
    for (up, down) in [(8_000_000, 80_000_000), (80_000_000, 8_000_000)] {
        let what = format!(
            "1 MB over {} up, {} down, 30 ms, in s",
            Bandwidth(up),
            Bandwidth(down)
        );
        let measured = transfer(up, down, 1).first().copied().unwrap_or(f64::NAN);
        rows.push(L0.exact(what, 1.03, measured));
    }
    let times = transfer(8_000_000, 8_000_000, 10);
    let what = "ten at once from one uplink: the last, in s".to_owned();
    let last = times.last().copied().unwrap_or(f64::NAN);
    rows.push(L0.within(what, 10.03, last, 0.1003));
    rows
}
