//! [`run`]: everything `sim bench` measures; [`growth`]: how the cost of an event grows.

mod applications;
mod chord;
mod flows;
mod kademlia;
mod ladder;
mod routers;
mod scale;
mod shards;
mod swarms;

use crate::bench::row::{Beside, Row, Target};
use crate::time::Duration;

/// The seed of every run.
const SEED: u64 = 7;
/// The latency of the constant network.
const LATENCY: Duration = Duration::from_millis(50);

/// The parts of [`run`]: how the cost of an event grows, what each thing on its way costs, what two
/// shards bring, what other simulators were measured with, lookups in structured overlays, how long
/// shortest paths take, what flows that share links do, and files in swarms.
pub const PARTS: [&str; 8] = [
    "growth",
    "ladder",
    "shards",
    "applications",
    "overlays",
    "routers",
    "flows",
    "swarms",
];

/// Lookups in structured overlays.
fn overlays(suite: &mut Suite<'_>) {
    chord::measure(suite);
    kademlia::measure(suite);
}

/// Measures everything, or `only` one of [`PARTS`]: in less than ten seconds and up to 100 000 peers if `quick`, else up to a
/// million peers in a few minutes. Says through `progress` what comes next.
///
/// Rows on one core are in processor time where the system tells it, rows about two shards in real
/// time. Figures of a busy machine are lower, for the memory is shared whatever the clock: compare
/// ratios within one call.
pub fn run(quick: bool, only: Option<&str>, progress: &mut dyn FnMut(&str)) -> Vec<Row> {
    let mut suite = Suite {
        quick,
        rows: Vec::new(),
        progress,
    };
    let measures = [
        scale::measure,
        ladder::measure,
        shards::measure,
        applications::measure,
        overlays,
        routers::measure,
        flows::measure,
        swarms::measure,
    ];
    for (part, measure) in PARTS.into_iter().zip(measures) {
        if only.is_none_or(|only| only == part) {
            measure(&mut suite);
        }
    }
    suite.rows
}

/// Nanoseconds per event by the number of peers.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// Which workload, on what.
    pub name: &'static str,
    /// Peers, and nanoseconds.
    pub points: Vec<(u32, f64)>,
}

/// How the cost of an event grows with the number of peers, from the rows of one call of [`run`].
pub fn growth(rows: &[Row]) -> Vec<Curve> {
    let curve = |name, workload: &str, what: &str, cost: fn(&Row) -> Option<f64>| Curve {
        name,
        points: rows
            .iter()
            .filter(|row| row.name == workload && row.what == what)
            .filter_map(|row| Some((row.peers, cost(row)?)))
            .collect(),
    };
    // A million events a second are a thousand nanoseconds each.
    let ours = |row: &Row| Some(1e3 / row.value);
    let theirs = |row: &Row| row.beside.map(|other| 1e3 / other.value);
    vec![
        curve("PHOLD", "phold", scale::SLOTS, ours),
        curve("PHOLD, a plain heap instead", "phold", scale::HEAP, ours),
        curve("averaging", "averaging", applications::AVERAGING, ours),
        curve(
            "averaging, PeerSim 1.0.5",
            "averaging",
            applications::AVERAGING,
            theirs,
        ),
    ]
}

/// What is being measured, and the figures so far.
struct Suite<'a> {
    quick: bool,
    rows: Vec<Row>,
    progress: &'a mut dyn FnMut(&str),
}

impl Suite<'_> {
    fn say(&mut self, what: &str, peers: u32) {
        (self.progress)(&format!("{what}, {peers} peers"));
    }

    /// So many events, and fewer if it has to be quick.
    fn events(&self, millions: u64) -> u64 {
        millions * if self.quick { 100_000 } else { 1_000_000 }
    }

    fn row(
        &mut self,
        (name, peers): (&'static str, u32),
        what: &str,
        (value, unit): (f64, &'static str),
        target: Option<Target>,
    ) {
        self.rows.push(Row {
            name,
            peers,
            what: what.to_owned(),
            value,
            unit,
            target,
            beside: None,
        });
    }

    /// What another simulator makes of the work of the last row.
    fn beside(&mut self, simulator: &'static str, value: f64) {
        if let Some(row) = self.rows.last_mut() {
            row.beside = Some(Beside { simulator, value });
        }
    }
}

/// How long about `events` events take where each peer has one message under way, `latency` long.
fn span(events: u64, peers: u32, latency: Duration) -> Duration {
    Duration::from_nanos(events * latency.as_nanos() / u64::from(peers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_in_nanoseconds_per_event() {
        let row = |peers, value, beside| Row {
            name: "averaging",
            peers,
            what: applications::AVERAGING.to_owned(),
            value,
            unit: "M events/s",
            target: None,
            beside,
        };
        let simulator = applications::PEERSIM;
        let value = 0.5;
        let rows = [
            row(1000, 20.0, None),
            row(10_000, 10.0, Some(Beside { simulator, value })),
        ];
        let curves = growth(&rows);
        assert_eq!(curves[2].points, [(1000, 50.0), (10_000, 100.0)]);
        assert_eq!(curves[3].points, [(10_000, 2000.0)]);
    }

    #[test]
    fn a_message_per_peer_and_latency() {
        let span = span(1_000_000, 1000, Duration::from_millis(50));
        assert_eq!(span, Duration::from_secs(50));
    }
}
