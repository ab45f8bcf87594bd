//! What is measured of the attack.

use crate::observe::record::{Better, MetricDef};
use crate::protocols::bitcoin::METRICS as BITCOIN;

const fn def(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    better: Better,
) -> MetricDef {
    MetricDef {
        name,
        unit,
        meaning,
        better,
    }
}

pub(super) const SUCCESS: MetricDef = def(
    "eclipse.success",
    "share",
    "share of replayed restarts after which all outbound connections of the victim end at the \
     attacker; replays of one run share its tables and count as one cluster",
    Better::Lower,
);
pub(super) const LIVE: MetricDef = def(
    "eclipse.live",
    "share",
    "share of victims all of whose outbound connections end at the attacker at the end of the run, \
     after the one restart that really happened",
    Better::Lower,
);
pub(super) const FULL: MetricDef = def(
    "eclipse.full",
    "share",
    "share of victims all of whose connections, inbound as well, end at the attacker at the end",
    Better::Lower,
);
pub(super) const OUTBOUND: MetricDef = def(
    "eclipse.outbound_held",
    "share",
    "share of the victims' outbound connections that end at the attacker, at the end",
    Better::Lower,
);
pub(super) const INBOUND: MetricDef = def(
    "eclipse.inbound_held",
    "share",
    "share of the victims' inbound connections that come from the attacker, at the end",
    Better::Lower,
);
pub(super) const TRIED: MetricDef = def(
    "eclipse.tried_poisoned",
    "share",
    "share of the addresses in the victims' tried table that are the attacker's, at the restart",
    Better::Lower,
);
pub(super) const TRIED_COUNT: MetricDef = def(
    "eclipse.tried_addresses",
    "",
    "attacker's addresses in a victim's tried table at the restart, mean over victims",
    Better::Lower,
);
pub(super) const NEW: MetricDef = def(
    "eclipse.new_poisoned",
    "share",
    "share of the addresses in the victims' new table that are the attacker's or its trash, at the \
     restart",
    Better::Lower,
);
pub(super) const MISSED: MetricDef = def(
    "eclipse.blocks_missed",
    "share",
    "share of the blocks found from ten minutes after the restart to ten minutes before the end that \
     a victim does not have at the end",
    Better::Lower,
);
pub(super) const LATE: MetricDef = def(
    "eclipse.blocks_late",
    "share",
    "share of those blocks that a victim has more than a minute after they were found, or never",
    Better::Lower,
);
pub(super) const ADDRESSES: MetricDef = def(
    "eclipse.addresses",
    "",
    "addresses the attacker owns",
    Better::Neither,
);

/// The metrics of an attacked network: the attack's, then the network's.
pub const METRICS: &[MetricDef] = &[
    SUCCESS,
    LIVE,
    FULL,
    OUTBOUND,
    INBOUND,
    TRIED,
    TRIED_COUNT,
    NEW,
    MISSED,
    LATE,
    ADDRESSES,
    BITCOIN[0],
    BITCOIN[1],
    BITCOIN[2],
    BITCOIN[3],
    BITCOIN[4],
    BITCOIN[5],
    BITCOIN[6],
    BITCOIN[7],
];
