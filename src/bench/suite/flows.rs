//! Flows that share links: what a start or an end of one costs, against `SimGrid`.

use super::Suite;
use crate::bench::clock::Stopwatch;
use crate::bench::flows::{LINK, random, run};
use crate::bench::measure::median;
use crate::bench::row::Target;

const SIMGRID: &str = "SimGrid 4.1";

/// A row of `SimGrid`'s table: hosts, flows, bytes of one, what the row is called, what we aim at for all
/// of it and for a start or an end, in seconds and microseconds, and what `SimGrid` takes at best.
type Case = (
    u32,
    u64,
    (f64, f64),
    &'static str,
    Option<f64>,
    Option<f64>,
    Option<f64>,
);

const LARGE: (f64, f64) = (5e6, 15e6);
const CASES: [Case; 5] = [
    (
        10_000,
        10_000,
        LARGE,
        "10 000 flows, sparse",
        Some(0.1),
        Some(3.0),
        Some(0.1),
    ),
    (
        100_000,
        100_000,
        LARGE,
        "100 000 flows, sparse",
        Some(2.09),
        Some(8.0),
        Some(2.09),
    ),
    (
        1000,
        10_000,
        (5e5, 15e5),
        "10 000 flows, 2 700 at a time",
        None,
        None,
        Some(8.2),
    ),
    (
        1000,
        10_000,
        LARGE,
        "10 000 flows, dense",
        Some(0.2),
        Some(3.0),
        Some(14.9),
    ),
    (
        1000,
        100_000,
        LARGE,
        "100 000 flows, dense",
        Some(5.0),
        None,
        None,
    ),
];

pub(super) fn measure(suite: &mut Suite<'_>) {
    for (hosts, flows, bytes, what, aim, each, theirs) in CASES {
        if suite.quick && flows > 10_000 {
            continue;
        }
        suite.say(what, hosts);
        let transfers = random(hosts.into(), flows, 10, bytes);
        let links = vec![LINK; hosts as usize];
        let turns = if flows > 10_000 { 1 } else { 3 };
        let mut solved = 0;
        let once = |_| {
            let watch = Stopwatch::start();
            solved = run(&links, &transfers).links;
            watch.cpu()
        };
        let seconds = median((0..turns).map(once).collect());
        let name = ("flows", hosts);
        suite.row(name, what, (seconds, "s"), aim.map(Target::AtMost));
        if let Some(theirs) = theirs {
            suite.beside(SIMGRID, theirs);
        }
        let events = (2 * flows) as f64;
        let what = "  a start or an end";
        let micros = seconds * 1e6 / events;
        suite.row(name, what, (micros, "us"), each.map(Target::AtMost));
        let links = solved as f64 / events;
        suite.row(name, "  links solved for it", (links, ""), None);
    }
}
