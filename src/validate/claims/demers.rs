//! F6: the three tables of Demers et al.

use super::{Room, Source, column, per_seed};
use crate::validate::gossip::{Epidemic, Table, f6_epidemic};
use crate::validate::{Known, Rule};

const ONE: Source = Source {
    id: "F6",
    text: "Demers et al., PODC 1987, table 1: push, feedback, counter; 1000 sites",
};
const TWO: Source = Source {
    id: "F6",
    text: "Demers et al., PODC 1987, table 2: push, blind, coin; 1000 sites",
};
const THREE: Source = Source {
    id: "F6",
    text: "Demers et al., PODC 1987, table 3: pull, feedback, counter; 1000 sites",
};

/// A line as printed.
struct Line {
    k: u32,
    residue: f64,
    traffic: f64,
    mean: f64,
    last: f64,
    /// The mean delay in an independent Monte Carlo of the stated rules (a plain program of arrays and
    /// cycles, without messages), in [`RUNS`] runs.
    independent: f64,
}

const RUNS: usize = 1000;

const fn line(k: u32, [residue, traffic, mean, last]: [f64; 4], independent: f64) -> Line {
    Line {
        k,
        residue,
        traffic,
        mean,
        last,
        independent,
    }
}

const TABLE_ONE: [Line; 5] = [
    line(1, [0.18, 1.7, 11.0, 16.8], 9.778),
    line(2, [0.037, 3.3, 12.1, 16.9], 9.947),
    line(3, [0.011, 4.5, 12.5, 17.4], 10.016),
    line(4, [0.0036, 5.6, 12.7, 17.5], 10.042),
    line(5, [0.0012, 6.7, 12.8, 17.7], 10.049),
];
const TABLE_TWO: [Line; 5] = [
    line(1, [0.96, 0.04, 19.0, 38.0], 19.68),
    line(2, [0.20, 1.6, 17.0, 33.0], 15.84),
    line(3, [0.060, 2.8, 15.0, 32.0], 13.32),
    line(4, [0.021, 3.9, 14.1, 32.0], 12.41),
    line(5, [0.008, 4.9, 13.8, 32.0], 11.85),
];
const TABLE_THREE: [Line; 3] = [
    line(1, [3.1e-2, 2.7, 9.97, 17.6], f64::NAN),
    line(2, [5.8e-4, 4.5, 10.07, 15.4], f64::NAN),
    line(3, [4.0e-6, 6.1, 10.08, 14.0], f64::NAN),
];

const LATE: &str = "print counts 1 to 3 cycles more; an independent Monte Carlo of the stated rules \
                    gives our value, so what the paper counts is not known";

pub(super) fn claims(room: &mut Room<'_>) {
    for (table, source, lines) in [
        (Table::One, ONE, &TABLE_ONE[..]),
        (Table::Two, TWO, &TABLE_TWO),
        (Table::Three, THREE, &TABLE_THREE),
    ] {
        room.say(&format!("rumours: table {table:?} of Demers et al. (F6)"));
        for line in lines {
            claim(room, table, source, line);
        }
    }
}

fn claim(room: &mut Room<'_>, table: Table, source: Source, line: &Line) {
    let k = line.k;
    let seeds = match (table, k) {
        // A rumour dies after a few sites: quick to run, and noisy.
        (Table::Two, 1) => room.seeds(3000, 20_000),
        (Table::One, _) => room.seeds(200, 1000),
        _ => room.seeds(100, 600),
    };
    let runs = per_seed(seeds, |s| f6_epidemic(table, k, s));
    let of = |get: fn(&Epidemic) -> f64| column(&runs, get);

    let residue = source.claim(format!("k = {k}: residue s"), line.residue);
    if table == Table::Three && k == 1 {
        let why = "its exponent is garbled in the scan: read as 10^-2";
        room.unverified(residue, &of(|e| e.residue), Rule::Reported(0.25), why);
    } else {
        room.judge(residue, &of(|e| e.residue), Rule::Reported(0.25));
    }
    let traffic = source.claim(format!("k = {k}: updates per site m"), line.traffic);
    room.judge(traffic, &of(|e| e.traffic), Rule::Reported(0.05));
    let mean = source.claim(format!("k = {k}: t_ave in cycles"), line.mean);
    let mean = if line.independent.is_nan() {
        mean
    } else {
        mean.known(Known {
            value: line.independent,
            runs: Some(RUNS),
            why: LATE,
        })
    };
    room.judge(mean, &of(|e| e.mean), Rule::Reported(0.05));
    let last = source.claim(format!("k = {k}: t_last in cycles"), line.last);
    room.judge(last, &of(|e| e.last), Rule::Reported(0.05));
}
