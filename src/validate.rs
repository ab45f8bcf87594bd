//! Published results, and what comes out here: source, expected, measured, interval, tolerance,
//! verdict.
//!
//! The rule for a mean over seeds: the published value must lie within three standard errors of the
//! measured mean *and* within the stated relative tolerance; where a claim is exact, it is exact. A
//! share is judged by three standard errors of a proportion. A claim whose source nobody has read is
//! shown and never counted as validated; one whose data are absent is skipped, not passed.

mod churn;
pub mod gossip;
mod judge;
mod lives;
mod network;
mod rows;
mod tables;

pub use judge::{Row, Verdict};
pub use tables::{json, table};

/// What is measured together: its name, and what measures it.
type Part = (&'static str, fn(bool) -> Vec<Row>);

/// Measures every claim. `quick` takes fewer seeds: about 20 s on one core; the full set takes some
/// minutes. `progress` is told what comes next.
pub fn run(quick: bool, progress: &mut dyn FnMut(&str)) -> Vec<Row> {
    let mut rows = Vec::new();
    let parts: [Part; 6] = [
        ("flooding and gossip", rows::broadcast),
        ("Bitcoin's address manager", rows::bitcoin),
        ("graphs", network::graphs),
        ("latency and transfers", network::transfers),
        ("churn", churn::lives),
        ("published sessions", lives::rows),
    ];
    for (name, part) in parts {
        progress(name);
        rows.extend(part(quick));
    }
    // Rows of one claim together, claims in the order in which they first come.
    let mut order: Vec<&str> = Vec::new();
    for row in &rows {
        if !order.contains(&row.id) {
            order.push(row.id);
        }
    }
    rows.sort_by_key(|row| order.iter().position(|id| *id == row.id));
    rows
}
