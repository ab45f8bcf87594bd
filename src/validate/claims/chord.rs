//! C1 to C12: Chord.

use super::{Room, Source, column, per_seed};
use crate::math::log2;
use crate::math::stats::quantile;
use crate::validate::chord::{
    Load, Walks, c1_messages, c1_paths, c3_failures, c4_churn, c6_load, c11_lost,
};
use crate::validate::{Known, Rule};

const C1: Source = Source {
    id: "C1",
    text: "Stoica et al., ToN 11(1) 2003, section V-C and fig. 10: path length 1/2 log2 N",
};
const C1_MC: Source = Source {
    id: "C1",
    text: "an independent Monte Carlo of the same (4000 lookups, s.e. 0.03; 300 rings of 2^6)",
};
const C1_SIMGRID: Source = Source {
    id: "C1",
    text: "SimGrid 4.1 on the same workload: 32-bit ids, recursive, no successor list",
};
const C2: Source = Source {
    id: "C2",
    text: "Stoica et al., ToN 11(1) 2003, section V-D: 1/2 log2 N - 1/2 log2 r + 1",
};
const C3: Source = Source {
    id: "C3",
    text: "Stoica et al., ToN 11(1) 2003, table II: N = 1000, r = 20, a share fails at once",
};
const C4: Source = Source {
    id: "C4",
    text: "Stoica et al., ToN 11(1) 2003, table III: N = 1000, r = 20, joins and leaves",
};
const C5: Source = Source {
    id: "C5",
    text: "Stoica et al., ToN 11(1) 2003, section V-E: l R/(R + l N/(90 log2 N) + l/log2 N)",
};
const C6: Source = Source {
    id: "C6",
    text: "Stoica et al., ToN 11(1) 2003, section V-B and fig. 8: 10^4 nodes, 5 x 10^5 keys",
};
const C7: Source = Source {
    id: "C7",
    text: "arcs of a random ring are exponential; 10^4 nodes, 5 x 10^5 keys",
};
const C8: Source = Source {
    id: "C8",
    text: "Stoica et al., ToN 11(1) 2003, section V-B and fig. 9: 10^4 nodes, 10^6 keys",
};
const C9: Source = Source {
    id: "C9",
    text: "arcs of virtual nodes add up to a gamma law; 10^4 nodes, 10^6 keys",
};
const C10: Source = Source {
    id: "C10",
    text: "Stoica et al., ToN 11(1) 2003, section V-D: l p/(1 - p) time-outs, l as measured",
};
const C11: Source = Source {
    id: "C11",
    text: "Stoica et al., SIGCOMM 2001, fig. 11: 10^4 nodes, a share fails, no replication",
};
const C12: Source = Source {
    id: "C12",
    text: "Krishnamurthy et al., IPTPS 2005: wrong successors 2/(3 + r alpha)",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("Chord: path lengths (C1, C2)");
    paths(room);
    room.say("Chord: failures at once, table II (C3, C10)");
    failures(room);
    lost(room);
    room.say("Chord: joins and leaves, table III (C4, C5)");
    churn(room);
    room.say("Chord: keys per node (C6 to C9)");
    load(room);
    let why = "seen in other texts only";
    room.skip(
        C12.claim("share of wrong successors", f64::NAN),
        Rule::Reported(0.05),
        why,
    );
}

fn paths(room: &mut Room<'_>) {
    let seeds = room.seeds(20, 40);
    let largest = room.seeds(12, 14);
    let lookups = room.seeds(4000, 40_000) as u32;
    for k in (6..=largest).step_by(2) {
        let peers = 1 << k;
        let runs = per_seed(seeds, |s| c1_paths(peers, 1, lookups, s));
        let of = column(&runs, Walks::path);
        let mut target = C1.claim(
            format!("hops to the predecessor, N = 2^{k}"),
            k as f64 / 2.0,
        );
        let carlo = [
            (6, 2.870),
            (8, 3.886),
            (10, 4.839),
            (12, 5.887),
            (14, 6.878),
        ];
        if k == 6 {
            target = target.known(Known {
                value: 2.870,
                runs: Some(300),
                why: "all rings are some 0.13 hops below the formula, which for so few is more than 4 %; the \
                      Monte Carlo gives our value",
            });
        }
        room.judge(target, &of, Rule::Reported(0.04));
        if let Some((_, hops)) = carlo.into_iter().find(|&(size, _)| size == k) {
            let target = C1_MC.claim(format!("hops to the predecessor, N = 2^{k}"), hops);
            room.judge(target, &of, Rule::Reported(0.02));
        }
        if k == 12 {
            let medians = column(&runs, |walks| quantile(&walks.hops, 0.5));
            let target = C1.claim("median of the hops, N = 2^12", 6.0);
            room.judge(target, &medians, Rule::Exact);
        }
    }
    let values = per_seed(seeds, |s| c1_messages(1000, 20_000, s));
    let target = C1_SIMGRID.claim("messages per lookup, N = 1000", 5.8638);
    room.judge(target, &values, Rule::Reported(0.02));
    if !room.quick {
        let values = per_seed(seeds, |s| c1_messages(10_000, 200_000, s));
        let target = C1_SIMGRID.claim("messages per lookup, N = 10 000", 7.5004);
        room.judge(target, &values, Rule::Reported(0.02));
    }
    let runs = per_seed(seeds, |s| c1_paths(1000, 20, lookups, s));
    let of = column(&runs, Walks::path);
    let formula = 0.5 * log2(1000.0) - 0.5 * log2(20.0) + 1.0;
    for (what, expected) in [("", formula), (", as measured there", 3.84)] {
        let target = C2.claim(format!("hops, N = 1000, r = 20{what}"), expected);
        room.judge(target, &of, Rule::Reported(0.05));
    }
}

/// Table II: share that fails, path length, time-outs.
const TABLE_TWO: [(f64, f64, f64); 6] = [
    (0.0, 3.84, 0.0),
    (0.1, 4.03, 0.60),
    (0.2, 4.22, 1.17),
    (0.3, 4.44, 2.02),
    (0.4, 4.69, 3.23),
    (0.5, 5.09, 5.10),
];

fn failures(room: &mut Room<'_>) {
    let seeds = room.seeds(20, 60);
    for (share, path, timeouts) in TABLE_TWO {
        let runs = per_seed(seeds, |s| c3_failures(share, s));
        let paths = column(&runs, Walks::path);
        let percent = (share * 100.0).round();
        let target = C3.claim(format!("hops, {percent} % failed"), path);
        room.judge(target, &paths, Rule::Reported(0.06));
        let target = C3.claim(
            format!("failed lookups per 10 000, {percent} % failed"),
            0.0,
        );
        room.judge(target, &column(&runs, Walks::failures), Rule::Exact);
        let measured = column(&runs, Walks::mean_timeouts);
        let target = C3.claim(format!("time-outs, {percent} % failed"), timeouts);
        if timeouts == 0.0 {
            room.judge(target, &measured, Rule::Exact);
            continue;
        }
        room.judge(target, &measured, Rule::Reported((0.2 / timeouts).max(0.2)));
        let length = paths.iter().sum::<f64>() / paths.len() as f64;
        let expected = length * share / (1.0 - share);
        let target = C10.claim(format!("time-outs, {percent} % failed"), expected);
        room.judge(target, &measured, Rule::Reported(0.10));
    }
}

/// Values that fail with their nodes.
fn lost(room: &mut Room<'_>) {
    room.say("Chord: values lost with their nodes (C11)");
    let (peers, seeds) = (room.seeds(1000, 10_000) as u32, room.seeds(20, 20));
    for share in [0.1, 0.3, 0.5] {
        let values = per_seed(seeds, |seed| c11_lost(peers, share, seed));
        let percent = (share * 100.0).round();
        let target = C11.claim(
            format!("share of gets that fail, {percent} % failed"),
            share,
        );
        let why = "the reference quotes it from memory";
        room.unverified(target, &values, Rule::Reported(0.05), why);
    }
}

/// Table III: rate, path length, time-outs, failures per 10 000 lookups.
const TABLE_THREE: [(f64, f64, f64, f64); 8] = [
    (0.05, 3.90, 0.05, 0.0),
    (0.10, 3.83, 0.11, 0.0),
    (0.15, 3.84, 0.16, 2.0),
    (0.20, 3.81, 0.23, 5.0),
    (0.25, 3.83, 0.30, 6.0),
    (0.30, 3.91, 0.34, 8.0),
    (0.35, 3.94, 0.42, 16.0),
    (0.40, 4.06, 0.46, 15.0),
];

/// What the paper's formula gives, as printed: rate and time-outs. The authors call it an underestimate;
/// their own table is up to 48 % above it.
const EXPECTED: [(f64, f64); 2] = [(0.05, 0.041), (0.40, 0.31)];

fn churn(room: &mut Room<'_>) {
    let rows = if room.quick {
        &TABLE_THREE[6..]
    } else {
        &TABLE_THREE[..]
    };
    let (seeds, seconds) = (room.seeds(4, 10), room.seeds(1500, 3000));
    for &(rate, path, timeouts, failures) in rows {
        let runs = per_seed(seeds, |s| c4_churn(rate, seconds, s));
        let paths = column(&runs, Walks::path);
        let target = C4.claim(format!("hops, R = {rate} /s"), path);
        room.judge(target, &paths, Rule::Reported(0.05));
        let measured = column(&runs, Walks::mean_timeouts);
        let target = C4.claim(format!("time-outs, R = {rate} /s"), timeouts);
        room.judge(target, &measured, Rule::Reported(0.25));
        if let Some(&(_, printed)) = EXPECTED.iter().find(|(at, _)| at.total_cmp(&rate).is_eq()) {
            let target = C5.claim(format!("time-outs expected, R = {rate} /s"), printed);
            room.judge(target, &measured, Rule::Reported(0.30));
        }
        // Of the same order: less than three times what the paper has, and a few.
        let bound = 3.0 * failures + 10.0;
        let target = C4.claim(format!("failed lookups per 10 000, R = {rate} /s"), bound);
        room.judge(target, &column(&runs, Walks::failures), Rule::Below);
    }
}

fn load(room: &mut Room<'_>) {
    let seeds = room.seeds(20, 150);
    let runs = per_seed(seeds, |s| c6_load(500_000, 1, s));
    let of = |get: fn(&Load) -> f64| column(&runs, get);
    let (last, most, none) = (of(|l| l.last), of(|l| l.most), of(|l| l.none));
    room.judge(
        C6.claim("99th percentile, in means", 4.6),
        &last,
        Rule::Reported(0.02),
    );
    room.judge(
        C6.claim("most keys of a node, in means", 9.1),
        &most,
        Rule::Reported(0.10),
    );
    room.judge(
        C7.claim("share without a key", 1.0 / 51.0),
        &none,
        Rule::Reported(0.02),
    );
    room.judge(
        C7.claim("99th percentile, in means", 4.64),
        &last,
        Rule::Reported(0.02),
    );
    room.judge(
        C7.claim("most keys of a node, in means", 9.787_61),
        &most,
        Rule::Reported(0.10),
    );
    let few = room.seeds(6, 80);
    for (nodes, first, last) in [
        (1, 0.010, 4.620),
        (2, 0.070, 3.340),
        (5, 0.240, 2.350),
        (10, 0.380, 1.920),
        (20, 0.510, 1.650),
    ] {
        let runs = per_seed(few, |s| c6_load(1_000_000, nodes, s));
        let lasts = column(&runs, |load| load.last);
        let firsts = column(&runs, |load| load.first);
        let what = |which: &str| format!("{which} percentile, {nodes} virtual nodes, in means");
        // The first percentiles are few keys, and single rings far apart.
        if !room.quick || nodes > 1 {
            room.judge(C9.claim(what("99th"), last), &lasts, Rule::Reported(0.02));
        }
        if !room.quick && nodes > 2 {
            room.judge(C9.claim(what("1st"), first), &firsts, Rule::Reported(0.02));
        }
        let printed = match nodes {
            1 => Some((0.0, 4.8)),
            20 => Some((0.5, 1.6)),
            _ => None,
        };
        if let Some((first, last)) = printed {
            let mut target = C8.claim(what("99th"), last);
            if nodes == 1 {
                // What the gamma law of C9 gives.
                target = target.known(Known {
                    value: 4.62,
                    runs: None,
                    why: "read off a figure; the law of arcs gives 4.62, and the same text 4.6 for half as \
                          many keys",
                });
            }
            room.judge(target, &lasts, Rule::Reported(0.04));
            if first > 0.0 {
                room.judge(C8.claim(what("1st"), first), &firsts, Rule::Reported(0.04));
            }
        }
    }
}
