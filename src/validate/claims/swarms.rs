//! E3, E5 to E8: what peers of a swarm do to one another.

use super::files::{NOT_READ, setup};
use super::{Room, Source, column, per_seed};
use crate::observe::record::Record;
use crate::protocols::bittorrent::BitTorrent;
use crate::protocols::bittorrent::choker::{Candidate, WEIGHT_OF_NEW, choose};
use crate::random::PeerRng;
use crate::validate::Rule;

const E3: Source = Source {
    id: "E3",
    text: "BEP 3; Cohen, P2PEcon 2003: the protocol's defaults",
};
const E5: Source = Source {
    id: "E5",
    text: "Bharambe, Herley & Padmanabhan, INFOCOM 2006: a flash crowd with the links of file sharers",
};
const E6: Source = Source {
    id: "E6",
    text: "Legout et al., IMC 2006 and SIGMETRICS 2007: 40 leechers of three speeds and one seed",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("swarms: the defaults of the protocol (E3)");
    defaults(room);
    room.say("swarms: peers of three speeds (E6)");
    speeds(room);
    room.say("swarms: a flash crowd and how many neighbours it takes (E5)");
    crowd(room);
    room.say("swarms: who gives no more than it has to (E7)");
    strategic(room);
    room.say("swarms: free riders that know everybody (E8)");
    riders(room);
}

fn get(name: &'static str) -> impl Fn(&Record) -> f64 {
    move |record| record.get(name).unwrap_or(f64::NAN)
}

const E7: Source = Source {
    id: "E7",
    text: "Piatek et al., NSDI 2007: BitTyrant at 1 Mbit/s is faster by 70 %; if all use it, swarms are slower",
};

const E8: Source = Source {
    id: "E8",
    text: "Sirivianos et al., IPTPS 2007: with a large view, faster than compliant peers while below 40 % of 300",
};

/// Links of file sharers, and a seed with a server's.
const MIX: &str = "preset = \"file-sharing-2006\", \
                   group = [{ name = \"seeds\", up = \"6 Mbit/s\", down = \"6 Mbit/s\" }]";

/// As many runs as seeds of a swarm with one seed; what the file of this family's own says, over links as a
/// scenario has them.
fn runs(seeds: u64, peers: u32, config: &str, links: &str) -> Vec<Record> {
    let config: BitTorrent = toml::from_str(config).expect("settings of this file's own");
    per_seed(seeds, |seed| config.run(&setup((peers, 1, 1), links, seed)))
}

/// E3: what a swarm does of which a scenario says nothing.
fn defaults(room: &mut Room<'_>) {
    let config = BitTorrent::default();
    let all: Vec<Candidate> = (0..20)
        .map(|who| Candidate {
            who,
            interested: true,
            rate: who as u64,
            snubbed: false,
            unchoked: false,
            new: false,
        })
        .collect();
    let unchoked = |optimistic| {
        let chosen = choose(
            &all,
            optimistic,
            config.slots(),
            &mut PeerRng::from_state(1),
        );
        (chosen.len() as f64, chosen.contains(&0))
    };
    let is_one_of_them = unchoked(Some(0)) == (unchoked(None).0, true) && !unchoked(None).1;
    let values = [
        ("bytes of a piece", 262_144.0, config.piece.0 as f64),
        ("bytes of a request", 16_384.0, config.block.0 as f64),
        (
            "seconds between two choices of the choker",
            10.0,
            config.rechoke.as_secs_f64(),
        ),
        (
            "interested neighbours that are unchoked, of 20",
            4.0,
            unchoked(Some(0)).0,
        ),
        (
            "of them optimistically",
            1.0,
            f64::from(u8::from(is_one_of_them)),
        ),
        (
            "seconds with one optimistic unchoke",
            30.0,
            config.optimistic.as_secs_f64(),
        ),
        (
            "how many times as likely it is to be a new one",
            3.0,
            WEIGHT_OF_NEW as f64,
        ),
    ];
    for (what, published, ours) in values {
        room.judge(E3.claim(what, published), &[ours], Rule::Exact);
    }
}

/// E6: the file, the speeds and the seed of the paper's experiments; peers go when they have the file.
fn speeds(room: &mut Room<'_>) {
    let links = "group = [{ name = \"seeds\", up = \"1600 kbit/s\", down = \"1600 kbit/s\" }], class = [\
        { name = \"slow\", share = \"34 %\", up = \"160 kbit/s\", down = \"10 Mbit/s\" }, \
        { name = \"medium\", share = \"33 %\", up = \"400 kbit/s\", down = \"10 Mbit/s\" }, \
        { name = \"fast\", share = \"33 %\", up = \"1600 kbit/s\", down = \"10 Mbit/s\" }]";
    let config = "file = \"113 MB\"\ndeparture = \"at-once\"";
    let runs = runs(room.seeds(2, 10), 40, config, links);
    for (who, metric) in [
        ("all", "bittorrent.clustering"),
        ("fast", "bittorrent.fast_clustering"),
    ] {
        let under = column(&runs, |record| 2.0 / get(metric)(record));
        let what = format!(
            "twice what chance would give, over regular unchokes within a speed, {who} peers"
        );
        room.unverified(E6.claim(what, 1.0), &under, Rule::Below, NOT_READ);
    }
    let entropy = column(&runs, get("bittorrent.entropy"));
    let what = "share of pairs of neighbours of which one has what the other lacks, once all pieces are about";
    room.unverified(E6.claim(what, 1.0), &entropy, Rule::Reported(0.1), NOT_READ);
}

/// E5: uplinks that are busy, with at least so many neighbours each, by the rarest piece and by any. Others may
/// come to twice as many: with a hard limit the first to come are a closed circle.
fn crowd(room: &mut Room<'_>) {
    let (peers, file) = if room.quick { (60, 20) } else { (1000, 200) };
    let run = |neighbours: u32, selection: &str| {
        let config = format!(
            "file = \"{file} MB\"\ndeparture = \"at-once\"\narrivals.within = \"10 s\"\n\
             selection = \"{selection}\"\ninitiate = {neighbours}\nmin_neighbours = {neighbours}\n\
             max_neighbours = {}",
            neighbours.max(40) * 2
        );
        runs(1, peers, &config, MIX)
    };
    let neighbours: &[u32] = if room.quick {
        &[4, 20]
    } else {
        &[4, 8, 15, 40, 80]
    };
    let used = get("download.utilisation");
    let rarest: Vec<Vec<Record>> = neighbours.iter().map(|&n| run(n, "rarest-first")).collect();
    let any = run(neighbours[1], "random");
    let idle = |runs: &[Record]| column(runs, |record| 1.0 - used(record));
    for (runs, neighbours) in rarest.iter().zip(neighbours) {
        let what =
            format!("share of uplinks that is idle, {peers} peers, {neighbours} neighbours each");
        room.unverified(E5.claim(what, 0.05), &idle(runs), Rule::Below, NOT_READ);
    }
    let enough: Vec<f64> = rarest[1..].iter().flat_map(|runs| idle(runs)).collect();
    let spread = |values: &[f64]| {
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most - values.iter().copied().fold(f64::INFINITY, f64::min)
    };
    if enough.len() > 1 {
        let what = "by how much that differs from 8 neighbours on";
        let spread = [spread(&enough)];
        room.unverified(E5.claim(what, 0.03), &spread, Rule::Below, NOT_READ);
    }
    let pairs = idle(&rarest[1]).into_iter().zip(idle(&any));
    let ratio: Vec<f64> = pairs.map(|(rarest, any)| rarest / any).collect();
    let what = format!(
        "idle by the rarest piece over idle by any, {} neighbours",
        neighbours[1]
    );
    room.unverified(E5.claim(what, 1.0), &ratio, Rule::Below, NOT_READ);
    let last = rarest.last().expect("some numbers of neighbours");
    let slow = column(last, get("bittorrent.slow_ratio"));
    let what = "bytes that slow peers send over those they receive";
    room.unverified(E5.claim(what, 1.0), &slow, Rule::Below, NOT_READ);
    let fast = column(last, |record| 1.0 / get("bittorrent.fast_ratio")(record));
    let what = "bytes that fast peers receive over those they send";
    room.unverified(E5.claim(what, 1.0), &fast, Rule::Below, NOT_READ);
}

/// E7: one strategic peer of 1 Mbit/s among a hundred, with as many neighbours as it can have, as the paper's
/// client; and all of them.
fn strategic(room: &mut Room<'_>) {
    let one = E7.claim("by how much one tyrant of 1 Mbit/s is faster", 0.7);
    let all = E7.claim(
        "time to the file if nobody is a tyrant over that if all are",
        1.0,
    );
    // Live swarms of 2006 against one of a hundred: from 30 to 110 %.
    let rule = Rule::Reported(0.4 / 0.7);
    if room.quick {
        let why = "some forty runs: in the full set";
        room.skip(one, rule, why);
        room.skip(all, Rule::Below, why);
        return;
    }
    let run = |seeds, tyrants: &str| {
        let config =
            format!("file = \"50 MB\"\ndeparture = \"at-once\"\ntyrants = {{ {tyrants} }}");
        runs(seeds, 100, &config, MIX)
    };
    let gains = run(30, "count = 1, links = \"3000/1000\", neighbours = 500");
    room.judge(one, &column(&gains, get("bittorrent.gain")), rule);
    let mean = |runs: &[Record]| {
        let times = column(runs, get("download.mean"));
        times.iter().sum::<f64>() / times.len() as f64
    };
    let (nobody, everybody) = (run(8, "count = 0"), run(8, "count = 100, neighbours = 500"));
    room.judge(all, &[mean(&nobody) / mean(&everybody)], Rule::Below);
}

/// E8: 300 equal peers, of whom some take, give nothing and know everybody. Where they cease to be faster, in
/// between what is measured. They live on optimistic unchokes, of which there are the fewer for each the more
/// neighbours compliant peers have (here up to 80), and the more of them ride. The paper's links, seeds and limits
/// of neighbours could not be read; only its abstract was.
fn riders(room: &mut Room<'_>) {
    let target = E8.claim("share of free riders from which on they are slower", 0.4);
    // From 25 to 55 %.
    let rule = Rule::Reported(0.15 / 0.4);
    if room.quick {
        room.skip(target, rule, "forty runs of 300: in the full set");
        return;
    }
    let links = "up = \"1 Mbit/s\", down = \"8 Mbit/s\", \
                 group = [{ name = \"seeds\", up = \"8 Mbit/s\", down = \"8 Mbit/s\" }]";
    let shares = [0.1, 0.2, 0.3, 0.4, 0.5];
    let gains = shares.map(|share| {
        let config = format!(
            "file = \"20 MB\"\nfree_riders = {{ share = \"{} %\", large_view = true }}",
            100.0 * share
        );
        column(&runs(8, 300, &config, links), get("bittorrent.rider_gain"))
    });
    // The first share at which it is no gain, and by a straight line from the one before.
    let crossing = |seed: usize| {
        let gain = |at: usize| gains[at][seed];
        let after = (0..shares.len()).find(|&at| gain(at) < 0.0)?;
        let Some(before) = after.checked_sub(1) else {
            return Some(0.0);
        };
        let step = gain(before) / (gain(before) - gain(after));
        Some(shares[before] + step * (shares[after] - shares[before]))
    };
    let crossings: Vec<f64> = (0..8).map(|seed| crossing(seed).unwrap_or(1.0)).collect();
    room.judge(target, &crossings, rule);
}
