//! M: the tables of latency, bandwidth and places, and measured round trips.

use super::data::{ABSENT, data, delays, mean, network};
use super::{Room, Source};
use crate::math::stats::quantile;
use crate::network::{BandwidthPreset, RegionPreset};
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::validate::Rule;
use std::collections::BTreeMap;

const M1: Source = Source {
    id: "M1",
    text: "SimBlock, NetworkConfiguration.java (round trips; it applies them one-way)",
};
const M2: Source = Source {
    id: "M2",
    text: "SimBlock, NetworkConfiguration.java: download and upload of each region",
};
const M3: Source = Source {
    id: "M3",
    text: "SimBlock, NetworkConfiguration.java: share of the nodes in each region",
};
const M4: Source = Source {
    id: "M4",
    text: "Zhu et al., ToN 2017 (PlanetLab, slice 1)",
};

/// What was published of a year: typed in from the collection, not from the tables under test. In
/// the order of North America, Europe, South America, Asia-Pacific, Japan, Australia.
struct Printed {
    year: u16,
    replay: RegionPreset,
    halved: RegionPreset,
    links: BandwidthPreset,
    /// Milliseconds.
    latency: [&'static str; 6],
    /// Mbit/s down, and up.
    rates: &'static str,
    /// Percent.
    shares: [f64; 6],
}

const YEARS: [Printed; 2] = [
    Printed {
        year: 2015,
        replay: RegionPreset::Simblock2015,
        halved: RegionPreset::Bitcoin2015,
        links: BandwidthPreset::Simblock2015,
        latency: [
            "36/119/255/310/154/208",
            "119/12/221/242/266/350",
            "255/221/137/347/256/269",
            "310/242/347/99/172/278",
            "154/266/256/172/9/163",
            "208/350/269/278/163/22",
        ],
        rates: "25/4.7 24/8.1 6.5/1.8 10/5.3 17.5/3.4 14/5.2",
        shares: [38.69, 51.59, 1.13, 5.74, 1.19, 1.66],
    },
    Printed {
        year: 2019,
        replay: RegionPreset::Simblock2019,
        halved: RegionPreset::Bitcoin2019,
        links: BandwidthPreset::Simblock2019,
        latency: [
            "32/124/184/198/151/189",
            "124/11/227/237/252/294",
            "184/227/88/325/301/322",
            "198/237/325/85/58/198",
            "151/252/301/58/12/126",
            "189/294/322/198/126/16",
        ],
        rates: "52/19.2 40/20.7 18/5.8 22.8/15.7 22.8/10.2 29.9/11.3",
        shares: [33.16, 49.98, 0.90, 11.77, 2.24, 1.95],
    },
];

fn cell(row: &str, at: usize) -> f64 {
    let text = row.split('/').nth(at).unwrap_or_default();
    text.parse().unwrap_or(f64::NAN)
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("tables of the network, measured round trips (M1 to M4)");
    for year in &YEARS {
        latencies(room, year);
    }
    for year in &YEARS {
        let rate = |pair: &str, at| Bandwidth((cell(pair, at) * 1e6).round() as u64);
        let pairs = year.rates.split(' ').enumerate();
        let equal = pairs.filter(|(region, pair)| {
            let link = year.links.link(*region);
            (link.down, link.up) == (rate(pair, 0), rate(pair, 1))
        });
        let what = format!("regions with the links of {}", year.year);
        let equal = equal.count() as f64;
        room.judge(M2.claim(what, 6.0), &[equal], Rule::Exact);
    }
    for year in &YEARS {
        let shares = year.replay.shares().into_iter().zip(year.shares);
        let equal = shares.filter(|&(ours, printed)| same(ours * 100.0, printed));
        let what = format!("regions with the share of {}", year.year);
        let equal = equal.count() as f64;
        room.judge(M3.claim(what, 6.0), &[equal], Rule::Exact);
    }
    planetlab(room);
}

/// M1: each entry of the presets, and the mean of what a network makes of them.
fn latencies(room: &mut Room<'_>, published: &Printed) {
    let year = published.year;
    let printed = |from: usize, to| cell(published.latency[from], to);
    let pairs = || (0..36).map(|at| (at / 6, at % 6));
    for (preset, divisor, how) in [
        (published.replay, 1.0, "one-way"),
        (published.halved, 2.0, "halved"),
    ] {
        let equal = pairs().filter(|&(from, to)| {
            let ours = preset.one_way(from, to).as_millis_f64();
            same(ours, printed(from, to) / divisor)
        });
        let what = format!("entries of the table of {year}, {how}");
        let equal = equal.count() as f64;
        room.judge(M1.claim(what, 36.0), &[equal], Rule::Exact);
    }
    let mean = pairs().map(|(from, to)| printed(from, to)).sum::<f64>() / 36.0;
    let what = format!("mean of {year} in a network, ms");
    let ours = mean_delay(published.replay).unwrap_or(f64::NAN);
    room.judge(M1.claim(what, mean), &[ours], Rule::Exact);
}

/// Mean over pairs of regions of the delays that a network of that preset has, in milliseconds.
fn mean_delay(preset: RegionPreset) -> Option<f64> {
    let toml = format!(
        "last_mile = \"0 s\"\nregions = {{ preset = \"{}\" }}",
        preset.name()
    );
    let network = network(&toml, "", String::new(), 2000)?;
    let mut first: BTreeMap<usize, Vec<PeerId>> = BTreeMap::new();
    for peer in (0..2000).map(PeerId) {
        let peers = first.entry(network.place(peer)?).or_default();
        if peers.len() < 2 {
            peers.push(peer);
        }
    }
    let mut sum = 0;
    for (from, senders) in &first {
        for (to, receivers) in &first {
            let other = receivers.get(usize::from(from == to))?;
            sum += network.delay(senders[0], *other).as_nanos();
        }
    }
    Some(sum as f64 / 1e6 / (first.len() * first.len()) as f64)
}

/// M4: mean and quantiles of the `PlanetLab` slice, loaded by the importer.
fn planetlab(room: &mut Room<'_>) {
    let rule = Rule::Reported(0.01);
    let trips = data("planetlab-rtt/PlanetLabData_1").map(round_trips);
    for (name, q, expected) in [
        ("mean round trip, ms", None, 146.8),
        ("10 % of round trips, ms", Some(0.10), 31.6),
        ("25 % of round trips, ms", Some(0.25), 59.3),
        ("50 % of round trips, ms", Some(0.50), 135.0),
        ("75 % of round trips, ms", Some(0.75), 201.8),
        ("90 % of round trips, ms", Some(0.90), 290.7),
        ("95 % of round trips, ms", Some(0.95), 324.9),
        ("99 % of round trips, ms", Some(0.99), 412.6),
    ] {
        let target = M4.claim(name, expected);
        let Some(trips) = &trips else {
            room.skip(target, rule, ABSENT);
            continue;
        };
        let ours = q.map_or_else(|| mean(trips), |q| quantile(trips, q));
        room.judge(target, &[ours], rule);
    }
}

/// All values between two hosts, ascending, in milliseconds, through the simulator's network. The
/// file has round trips; taking them for one-way delays changes nothing in what is compared.
fn round_trips(text: String) -> Vec<f64> {
    let config =
        "last_mile = \"0 s\"\nmatrix = { file = \"m\", unit = \"ms\", values = \"one-way\" }";
    // One peer per row, so that all pairs of rows are met.
    let network = network(config, "m", text, 490);
    // Judged as not a number, which fails.
    network.map_or(vec![f64::NAN], |network| delays(&network, 490))
}
