//! D: Kademlia's hops, its presets, and what a publication takes in IPFS.

use super::{Room, Source, column, per_seed};
use crate::protocols::kademlia::Preset;
use crate::time::Duration;
use crate::validate::disjoint::{formula, hops as hops_of_a_path, won};
use crate::validate::kademlia::{d1_gain, d3_hops, d8_publication, gain, hops, static_network};
use crate::validate::{Known, Rule};

const D1: Source = Source {
    id: "D1",
    text: "sum over j of 1 - (1 - 2^-j)^k; the constant of Cai & Devroye, ISAAC 2013",
};
const D2: Source = Source {
    id: "D2",
    text: "derived from D1: (log2 N - log2 k) / g(k) + 1; for k = 1 log2 N / 2 - 1/4",
};
const D3: Source = Source {
    id: "D3",
    text: "an independent Monte Carlo of greedy lookups, 800 each, s.e. 0.02 to 0.07",
};
const PAPER: Source = Source {
    id: "D4",
    text: "Maymounkov & Mazières, IPTPS 2002, sections 2.2 to 2.5 and 4.1",
};
const BEP5: Source = Source {
    id: "D4",
    text: "BEP 5, DHT Protocol, section \"Routing Table\"",
};
const IPFS: Source = Source {
    id: "D4",
    text: "libp2p specification kad-dht; go-libp2p-kad-dht",
};
const DISCV4: Source = Source {
    id: "D4",
    text: "go-ethereum, p2p/discover/table.go and v4_udp.go",
};
const CORRECT: Source = Source {
    id: "D4",
    text: "the paper, section 3: a lookup finds the k closest; 1000 peers that stay",
};
const D13: Source = Source {
    id: "D13",
    text: "independent paths: sum over lengths h of p(h) (1 - (1 - (1 - m)^h)^d), as Baumgart & Mies, ICPADS \
           2007, have it for S/Kademlia",
};
const D8: Source = Source {
    id: "D8",
    text: "Trautwein et al., SIGCOMM 2022, section 6.1: publications take 33.8 s in the median",
};

/// Mean hops of the Monte Carlo: peers, then for k = 1, 8, 16, 20.
const MONTE_CARLO: [(u32, [f64; 4]); 3] = [
    (1_000, [4.75, 2.355, 1.995, 1.925]),
    (10_000, [6.38, 3.106, 2.616, 2.534]),
    (100_000, [8.2, 3.866, 3.296, 3.105]),
];
const SHORT: &str = "counts a whole last hop; near the target buckets hold everybody, and the Monte Carlo of D3 \
                     gives our value";
const KS: [u16; 4] = [1, 8, 16, 20];

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("Kademlia: bits a hop, hops (D1 to D3)");
    for k in KS {
        let values = per_seed(room.seeds(30, 60), |seed| d1_gain(k, 300, seed));
        let target = D1.claim(format!("bits that a hop gains, k = {k}"), gain(k));
        room.judge(target, &values, Rule::ClosedForm(0.03));
    }
    for (peers, expected) in MONTE_CARLO {
        if room.quick && peers > 10_000 {
            continue;
        }
        let (seeds, lookups) = match peers {
            1_000 => (room.seeds(40, 100), 400),
            10_000 => (room.seeds(4, 30), 1000),
            _ => (8, 4000),
        };
        for (k, independent) in KS.into_iter().zip(expected) {
            let runs = per_seed(seeds, |seed| d3_hops(peers, k, lookups, seed));
            let values = column(&runs, |run| run.0);
            let what = format!("mean hops, n = {peers}, k = {k}");
            let known = Known {
                value: independent,
                // As many lookups as in two of ours.
                runs: Some(2),
                why: SHORT,
            };
            let formula = D2.claim(&what, hops(peers, k)).known(known);
            room.judge(formula, &values, Rule::Reported(0.08));
            room.judge(D3.claim(&what, independent), &values, Rule::Reported(0.03));
        }
    }
    room.say("Kademlia: presets (D4)");
    presets(room);
    for preset in Preset::ALL {
        let values = per_seed(room.seeds(3, 20), |seed| {
            static_network(preset, 1000, 300, seed)
        });
        let what = format!("share found, {preset:?}");
        room.judge(CORRECT.claim(what, 1.0), &values, Rule::Exact);
    }
    disjoint(room);
    room.say("Kademlia: publications in IPFS (D8)");
    let values = per_seed(room.seeds(3, 20), |seed| {
        d8_publication(2000, 0.45, 200, seed)
    });
    let what = "median of a publication in s, 45 % away: less than twice that";
    room.judge(D8.claim(what, 2.0 * 33.8), &values, Rule::Below);
    let inverse: Vec<f64> = values.iter().map(|median| 1.0 / median).collect();
    let what = "publications a second of a peer: fewer than twice that";
    room.judge(D8.claim(what, 2.0 / 33.8), &inverse, Rule::Below);
}

/// Disjoint paths through a share of insiders.
fn disjoint(room: &mut Room<'_>) {
    room.say("S/Kademlia: disjoint paths (D13)");
    let (shares, paths): (&[f64], &[u8]) = if room.quick {
        (&[0.2], &[1, 4])
    } else {
        (&[0.1, 0.2, 0.4], &[1, 2, 4, 8])
    };
    let seeds = room.seeds(20, 60);
    for &share in shares {
        let hops: Vec<u16> = per_seed(seeds, |seed| hops_of_a_path(share, seed)).concat();
        for &paths in paths {
            let values = per_seed(seeds, |seed| won(paths, share, seed));
            let percent = (share * 100.0).round();
            let what = format!("gets won, d = {paths}, {percent} % insiders");
            let expected = formula(&hops, share, paths);
            room.judge(D13.claim(what, expected), &values, Rule::Reported(0.05));
        }
    }
}

fn presets(room: &mut Room<'_>) {
    let minutes = |span: Duration| span.as_secs_f64() / 60.0;
    let paper = Preset::Kademlia2002.parameters();
    let mainline = Preset::Mainline.parameters();
    let ipfs = Preset::Ipfs.parameters();
    let discv4 = Preset::Discv4.parameters();
    let limits = discv4.subnets.expect("limits on /24");
    let refresh = PAPER.claim("preset: refresh, min", 60.0);
    let why = "the reference quotes it from memory";
    room.unverified(refresh, &[minutes(paper.refresh)], Rule::Exact, why);
    for (source, what, ours, published) in [
        (PAPER, "k", f64::from(paper.k), 20.0),
        (PAPER, "alpha", f64::from(paper.alpha), 3.0),
        (PAPER, "unanswered requests", f64::from(paper.failures), 5.0),
        (PAPER, "values expire, min", minutes(paper.expire), 1440.0),
        (
            PAPER,
            "values passed on, min",
            minutes(paper.replicate),
            60.0,
        ),
        (BEP5, "K", f64::from(mainline.k), 8.0),
        (BEP5, "good for, min", minutes(mainline.good_for), 15.0),
        (BEP5, "refresh, min", minutes(mainline.refresh), 15.0),
        (IPFS, "bucket size", f64::from(ipfs.k), 20.0),
        (IPFS, "concurrency", f64::from(ipfs.alpha), 10.0),
        (IPFS, "resiliency", f64::from(ipfs.beta), 3.0),
        (IPFS, "refresh, min", minutes(ipfs.refresh), 10.0),
        (IPFS, "records valid, h", minutes(ipfs.expire) / 60.0, 48.0),
        (IPFS, "republished, h", minutes(ipfs.republish) / 60.0, 22.0),
        (DISCV4, "bucketSize", f64::from(discv4.k), 16.0),
        (DISCV4, "alpha", f64::from(discv4.alpha), 3.0),
        (DISCV4, "nBuckets", f64::from(discv4.buckets), 17.0),
        (
            DISCV4,
            "maxReplacements",
            f64::from(discv4.replacements),
            10.0,
        ),
        (
            DISCV4,
            "bucketIPLimit per /24",
            f64::from(limits.bucket),
            2.0,
        ),
        (
            DISCV4,
            "tableIPLimit per /24",
            f64::from(limits.table),
            10.0,
        ),
    ] {
        room.judge(
            source.claim(format!("preset: {what}"), published),
            &[ours],
            Rule::Exact,
        );
    }
}
