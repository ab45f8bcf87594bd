//! Published results, and what comes out here: the room behind `sim validate`.
//!
//! [`run`] measures every claim and judges it by the [`Rule`] that is stated with it; [`table`] and
//! [`json`] show the [`Row`]s. A claim whose source nobody has read is shown and never counted as
//! validated; one whose data are absent, or that so few runs cannot tell, is skipped, not passed; one
//! that is known not to come out says why, and fails as soon as it comes out any other way.

pub mod chord;
mod claims;
pub mod disjoint;
pub mod finite;
pub mod gossip;
mod judge;
pub mod kademlia;
pub mod neighbours;
mod show;

pub use judge::{Known, Row, Rule, Target, Verdict, count};
pub use show::{WIDTH, json, table};

/// Measures every claim, in a fixed order; the same values on every machine. `quick` is the set of
/// every build; the full set has more seeds and takes far longer. `progress` is told what comes next.
pub fn run(quick: bool, progress: &mut dyn FnMut(&str)) -> Vec<Row> {
    run_families(quick, &[], progress)
}

/// The same for claims of these families alone, by their letters (`C` for Chord); all if none is named.
pub fn run_families(quick: bool, families: &[String], progress: &mut dyn FnMut(&str)) -> Vec<Row> {
    let mut room = claims::Room::new(quick, progress);
    claims::all(&mut room, families);
    let mut rows = room.rows;
    rows.retain(|row| families.is_empty() || families.iter().any(|name| name == family(row.id).0));
    // Rows of one claim together: by family, in the order in which the families come, and number.
    let mut families: Vec<&str> = Vec::new();
    for row in &rows {
        if !families.contains(&family(row.id).0) {
            families.push(family(row.id).0);
        }
    }
    rows.sort_by_key(|row| {
        let (family, number) = family(row.id);
        (families.iter().position(|other| *other == family), number)
    });
    rows
}

/// The letter and the number of a claim.
fn family(id: &str) -> (&str, u32) {
    let (family, number) = id.split_at(1.min(id.len()));
    number.parse().map_or((id, 0), |number| (family, number))
}
