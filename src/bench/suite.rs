//! [`run`]: everything `sim bench` measures.

mod applications;
mod ladder;
mod scale;
mod shards;

use crate::bench::row::{Row, Target};
use crate::time::Duration;

/// The seed of every run.
const SEED: u64 = 7;
/// The latency of the constant network.
const LATENCY: Duration = Duration::from_millis(50);

/// Measures everything: in less than ten seconds and up to 100 000 peers if `quick`, else up to a
/// million peers in a few minutes. Says through `progress` what comes next.
///
/// Rows on one core are in processor time where the system tells it, rows about two shards in real
/// time. Figures of a busy machine are lower, for the memory is shared whatever the clock: compare
/// ratios within one call.
pub fn run(quick: bool, progress: &mut dyn FnMut(&str)) -> Vec<Row> {
    let mut suite = Suite {
        quick,
        rows: Vec::new(),
        progress,
    };
    scale::measure(&mut suite);
    ladder::measure(&mut suite);
    shards::measure(&mut suite);
    applications::measure(&mut suite);
    suite.rows
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
        });
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
    fn a_message_per_peer_and_latency() {
        let span = span(1_000_000, 1000, Duration::from_millis(50));
        assert_eq!(span, Duration::from_secs(50));
    }
}
