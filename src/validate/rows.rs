//! Flooding, gossip, and Bitcoin's address manager.

use super::gossip::{
    Table, b1_flood_cost, b2_tree_bound, b3_finite_reach, f1_coverage, f2_everybody,
    f3_coverage_under_loss, f3_everybody_under_loss, f4_push_rounds, f5_residue, f6_epidemic,
};
use super::judge::{Claim, Row, Verdict};
use crate::protocols::bitcoin::addrman::closed_forms;
use crate::random::{Purpose, Streams};
use rayon::prelude::*;

/// Values of many seeds, in the order of the seeds.
fn seeds<T: Send>(count: u64, measure: impl Fn(u64) -> T + Sync + Send) -> Vec<T> {
    (1..=count).into_par_iter().map(measure).collect()
}

const B1: Claim = Claim {
    id: "B1",
    source: "counting identity; Plumtree TR, table 1 (eager)",
};
const B2: Claim = Claim {
    id: "B2",
    source: "tree bound (Ritter 2001; Lv et al., ICS 2002)",
};
const B3: Claim = Claim {
    id: "B3",
    source: "independent Monte Carlo, 4 graphs x 10 origins",
};
const F1: Claim = Claim {
    id: "F1",
    source: "Eugster et al., IEEE Computer 2004 (final size)",
};
const F2: Claim = Claim {
    id: "F2",
    source: "Kermarrec, Massoulie & Ganesh, TPDS 14(3) 2003",
};
const F3: Claim = Claim {
    id: "F3",
    source: "Kermarrec, Massoulie & Ganesh, TPDS 14(3) 2003",
};
const F4: Claim = Claim {
    id: "F4",
    source: "Pittel 1987, with the constant of trap 7",
};
const F5: Claim = Claim {
    id: "F5",
    source: "Demers et al., PODC 1987, section 1.4",
};
const F6: Claim = Claim {
    id: "F6",
    source: "Demers et al., PODC 1987, tables 1-3",
};

pub(super) fn broadcast(quick: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let few = if quick { 30 } else { 200 };
    for (peers, degree) in [(1000, 4), (10_000, 4), (10_000, 8)] {
        let count = if quick { 3 } else { 20 };
        for (measured, expected) in seeds(count, |s| b1_flood_cost(peers, degree, s))
            .into_iter()
            .flatten()
            .take(1)
        {
            let what = format!("messages of a flood, {peers} peers of degree {degree}");
            rows.push(B1.exact(what, expected, measured));
        }
    }
    for (degree, ttl) in [(4, 3), (8, 2)] {
        let all = seeds(few, |s| b2_tree_bound(10_000, degree, ttl, s));
        let bound = all[0].1;
        let most = all.iter().map(|&(reached, _)| reached).fold(0.0, f64::max);
        let what = format!("most peers reached, degree {degree}, TTL {ttl} (a bound)");
        let row = B2.within(what, bound, most, 0.03 * bound);
        let verdict = if most <= bound {
            row.verdict
        } else {
            Verdict::Fail
        };
        rows.push(Row {
            n: all.len(),
            tolerance: "never above, within 3 %".to_owned(),
            verdict,
            ..row
        });
    }
    for (ttl, reach, messages) in [(3, 52.8, 51.8), (5, 473.8, 479.6), (7, 3542.0, 4073.1)] {
        let all = seeds(few, |s| b3_finite_reach(ttl, s));
        let values: Vec<_> = all.iter().map(|spread| spread.reached).collect();
        let what = format!("peers reached, 10 000 of degree 4, TTL {ttl}");
        rows.push(B3.near(what, reach, &values, 0.01));
        let values: Vec<_> = all.iter().map(|spread| spread.messages).collect();
        rows.push(B3.near(format!("messages, TTL {ttl}"), messages, &values, 0.01));
    }
    for (fanout, share) in [
        (2, 0.7968),
        (3, 0.9405),
        (4, 0.9802),
        (5, 0.9930),
        (8, 0.9997),
    ] {
        // A broadcast that dies at once is not part of the limit.
        let values: Vec<_> = seeds(few * 10, |s| f1_coverage(1000, fanout, s));
        let values: Vec<_> = values.into_iter().filter(|&share| share > 0.1).collect();
        let what = format!("share reached, 1000 peers, fanout {fanout}");
        rows.push(F1.near(what, share, &values, 0.005));
    }
    rows.extend(atomic(quick));
    let values: Vec<_> = seeds(few * 2, |s| f3_coverage_under_loss(1000, 6, 0.5, s))
        .into_iter()
        .flatten()
        .collect();
    rows.push(F3.near(
        "share reached, fanout 6, half lost".to_owned(),
        0.9405,
        &values,
        0.005,
    ));
    for (peers, rounds) in [(1000, 18.05), (10_000, 23.66)] {
        let count = if quick && peers > 1000 { 30 } else { few * 2 };
        let values = seeds(count, |s| f4_push_rounds(peers, s));
        rows.push(F4.near(
            format!("rounds until all {peers} know"),
            rounds,
            &values,
            0.02,
        ));
    }
    for (k, residue) in [(1, 0.203), (2, 0.0595), (3, 0.0198)] {
        let values = seeds(few * 2, |s| f5_residue(k, s));
        let what = format!("residue, feedback and coin, k = {k}");
        rows.push(F5.near(what, residue, &values, 0.10));
    }
    rows.extend(demers(if quick { 60 } else { 600 }));
    rows
}

/// F2 and F3: whether everybody is reached.
fn atomic(quick: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let many = if quick { 300 } else { 1000 };
    for (fanout, probability) in [(7, 0.4018), (8, 0.7150), (10, 0.9556)] {
        let yes = seeds(many, |s| f2_everybody(1000, fanout, s))
            .into_iter()
            .filter(|&all| all)
            .count();
        let what = format!("everybody is reached, 1000 peers, fanout {fanout}");
        let row = F2.share(what, probability, yes, many as usize);
        let limit =
            "the formula is a limit; for 1000 peers and fanout 7 the same argument gives 0.4112";
        rows.push(if fanout == 7 {
            row.known_to_deviate(limit)
        } else {
            row
        });
    }
    let yes = seeds(many, |s| f3_everybody_under_loss(1000, 20, 0.5, s));
    let yes = yes.into_iter().filter(|&all| all).count();
    rows.push(F3.share(
        "everybody, fanout 20, half of all messages lost".to_owned(),
        0.9556,
        yes,
        many as usize,
    ));
    rows
}

/// k, residue, traffic, mean delay in cycles.
type Printed = (u32, f64, f64, f64);
const TABLES: [(Table, &str, &[Printed]); 3] = [
    (
        Table::One,
        "push, feedback, counter",
        &[
            (1, 0.18, 1.7, 11.0),
            (2, 0.037, 3.3, 12.1),
            (3, 0.011, 4.5, 12.5),
        ],
    ),
    (
        Table::Two,
        "push, blind, coin",
        &[
            (1, 0.96, 0.04, 19.0),
            (2, 0.20, 1.6, 17.0),
            (3, 0.060, 2.8, 15.0),
        ],
    ),
    (
        Table::Three,
        "pull, feedback, counter",
        &[(1, 0.031, 2.7, 9.97), (2, 5.8e-4, 4.5, 10.07)],
    ),
];

/// F6: the tables of Demers et al.
fn demers(count: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    for (table, name, printed) in TABLES {
        for &(k, residue, traffic, mean) in printed {
            let all = seeds(count, |s| f6_epidemic(table, k, s));
            let column = |value: fn(&super::gossip::Epidemic) -> f64| -> Vec<f64> {
                all.iter()
                    .map(value)
                    .filter(|value| value.is_finite())
                    .collect()
            };
            let what = |column: &str| format!("{column}, {name}, k = {k}");
            let rare = "a few sites in a million: needs far more seeds than the quick set has";
            let row = F6.near(what("residue"), residue, &column(|e| e.residue), 0.25);
            rows.push(if residue < 0.001 {
                row.known_to_deviate(rare)
            } else {
                row
            });
            let row = F6.near(what("traffic m"), traffic, &column(|e| e.traffic), 0.05);
            // Print has two digits: 0.04 is anything from 0.035 to 0.045.
            let coarse = "printed with one digit; within its rounding";
            let rounds = (row.measured - traffic).abs() <= 0.005;
            rows.push(if rounds {
                row.known_to_deviate(coarse)
            } else {
                row
            });
            let late = "print counts 1 to 3 cycles more in tables 1 and 2; an independent Monte Carlo \
                        of the stated rules gives our value, so what the paper counts is not known";
            let row = F6.near(
                what("mean delay in cycles"),
                mean,
                &column(|e| e.mean),
                0.05,
            );
            rows.push(row.known_to_deviate(late));
        }
    }
    rows
}

const SOURCE: &str = "Heilman et al., USENIX Security 2015, sections 2-3 and 6";

pub(super) fn bitcoin(quick: bool) -> Vec<Row> {
    use crate::protocols::bitcoin::addrman::rules::Rules;
    let mut rows = Vec::new();
    let i2 = Claim {
        id: "I2",
        source: "Bitcoin Core, addrman.h from 0.10.1 on",
    };
    let rules = Rules::from_0_10_1();
    let buckets = |what: &str, expected: u16, measured: u16| {
        i2.exact(what.to_owned(), f64::from(expected), f64::from(measured))
    };
    rows.push(buckets("buckets of tried", 256, rules.tried_buckets));
    rows.push(buckets("buckets of new", 1024, rules.new_buckets));
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, 0);
    let trials = if quick { 1 } else { 8 };
    for claim in closed_forms::claims(trials, &mut rng) {
        let id = Claim {
            id: claim.id,
            source: SOURCE,
        };
        let row = id.within(claim.what, claim.expected, claim.measured, claim.tolerance);
        rows.push(Row {
            n: trials as usize,
            ..row
        });
    }
    rows
}
