//! What is measured of the attack.

use crate::observe::record::{Better, MetricDef};

pub(super) const LASTING: MetricDef = MetricDef::new(
    "eclipse.lasting",
    "share",
    "share of victims all of whose connections, whoever opened them, end at the attacker for the time \
     `hold` or longer after the restart",
    Better::Lower,
);
pub(super) const FULL: MetricDef = MetricDef::new(
    "eclipse.full",
    "share",
    "share of victims all of whose connections, whoever opened them, end at the attacker at the end",
    Better::Lower,
);
pub(super) const DIALLED: MetricDef = MetricDef::new(
    "eclipse.outbound_held",
    "share",
    "share of the connections dialled by victims that end at the attacker, at the end; nothing if there \
     are none",
    Better::Lower,
);
pub(super) const INCOMING: MetricDef = MetricDef::new(
    "eclipse.inbound_held",
    "share",
    "share of the victims' incoming connections that come from the attacker, at the end",
    Better::Lower,
);
pub(super) const HONEST: MetricDef = MetricDef::new(
    "eclipse.honest_peers",
    "",
    "connections of a victim to honest nodes at the end, mean over victims",
    Better::Higher,
);
pub(super) const TABLE: MetricDef = MetricDef::new(
    "eclipse.table_poisoned",
    "share",
    "share of the nodes in the victims' tables that are the attacker's, at the end",
    Better::Lower,
);
pub(super) const STORED: MetricDef = MetricDef::new(
    "eclipse.disk_poisoned",
    "share",
    "share of the nodes on the victims' disks that are the attacker's, at the restart",
    Better::Lower,
);
pub(super) const HASHES: MetricDef = MetricDef::new(
    "eclipse.hashes",
    "",
    "keys that are hashed on average until those of the attack are found, all victims together",
    Better::Higher,
);
pub(super) const ADDRESSES: MetricDef = MetricDef::new(
    "eclipse.addresses",
    "",
    "addresses the attacker has",
    Better::Higher,
);
pub(super) const OPENED: MetricDef = MetricDef::new(
    "eclipse.connections_opened",
    "",
    "connections the attacker opened over the whole run",
    Better::Higher,
);
pub(super) const BYTES: MetricDef = MetricDef::new(
    "eclipse.bytes",
    "B",
    "bytes the attacker sent over the whole run, without IP, UDP and TCP headers",
    Better::Higher,
);
pub(super) const LIES: MetricDef = MetricDef::new(
    "eclipse.lies",
    "",
    "requests of victims that were answered with the attacker's nodes",
    Better::Lower,
);

/// The metrics of the attack, in the order of the record.
pub const METRICS: &[MetricDef] = &[
    LASTING, FULL, DIALLED, INCOMING, HONEST, TABLE, STORED, HASHES, ADDRESSES, OPENED, BYTES, LIES,
];
