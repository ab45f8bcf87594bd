//! What is measured of the attack.

use crate::observe::record::{Better, MetricDef};

pub(super) const WON: MetricDef = MetricDef::new(
    "sybil.won",
    "share",
    "share of lookups that name the honest peer closest to the key when they end, or fetch the value from \
     an honest peer; of those that started in the measurement and ended",
    Better::Higher,
);
pub(super) const INTERCEPTED: MetricDef = MetricDef::new(
    "sybil.intercepted",
    "share",
    "share of lookups that end well in the eyes of their peer, and with a peer of the attacker as the \
     closest or as who had the value; of those that ended",
    Better::Lower,
);
pub(super) const ECLIPSED: MetricDef = MetricDef::new(
    "sybil.eclipsed",
    "share",
    "share of lookups that have found somebody, and all of the closest they were to find are the \
     attacker's; of those that ended",
    Better::Lower,
);
pub(super) const HELD: MetricDef = MetricDef::new(
    "sybil.table_held",
    "share",
    "share of the contacts in the tables of honest live peers that are the attacker's; mean over peers and \
     over ten times of the measurement",
    Better::Lower,
);
pub(super) const SURROUNDED: MetricDef = MetricDef::new(
    "sybil.surrounded",
    "share",
    "share of honest live peers all of whose contacts are the attacker's; mean over ten times of the \
     measurement",
    Better::Lower,
);
pub(super) const IDS: MetricDef = MetricDef::new(
    "sybil.ids",
    "",
    "identities the attacker has, each with an address",
    Better::Neither,
);
pub(super) const HASHES: MetricDef = MetricDef::new(
    "sybil.hashes",
    "",
    "hashes the attacker has made for its identifiers, puzzles included; expected",
    Better::Neither,
);
pub(super) const BYTES: MetricDef = MetricDef::new(
    "sybil.bytes",
    "B/s",
    "bytes with UDP and IP headers that all of the attacker's peers send per second of the measurement",
    Better::Neither,
);
pub(super) const LIES: MetricDef = MetricDef::new(
    "sybil.lies",
    "/s",
    "questions that the attacker's peers answer falsely or not at all, per second of the measurement",
    Better::Neither,
);

/// The metrics of the attack; those of the attacked network come after them.
pub const METRICS: &[MetricDef] = &[
    WON,
    INTERCEPTED,
    ECLIPSED,
    HELD,
    SURROUNDED,
    IDS,
    HASHES,
    BYTES,
    LIES,
];
/// The curves over time.
pub const SERIES: &[&str] = &["sybil.table_held"];
