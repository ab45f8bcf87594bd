//! What is measured of the attack.

use crate::observe::record::{Better, MetricDef};

pub(super) const SUCCESS: MetricDef = MetricDef::new(
    "eclipse.success",
    "share",
    "share of replayed restarts after which all outbound connections of the victim end at the \
     attacker; replays of one run share its tables and count as one cluster",
    Better::Lower,
);
pub(super) const LIVE: MetricDef = MetricDef::new(
    "eclipse.live",
    "share",
    "share of victims all of whose outbound connections end at the attacker at the end of the run, \
     after the one restart that really happened",
    Better::Lower,
);
pub(super) const FULL: MetricDef = MetricDef::new(
    "eclipse.full",
    "share",
    "share of victims all of whose connections, inbound as well, end at the attacker at the end",
    Better::Lower,
);
pub(super) const OUTBOUND: MetricDef = MetricDef::new(
    "eclipse.outbound_held",
    "share",
    "share of the victims' outbound connections that end at the attacker, at the end",
    Better::Lower,
);
pub(super) const INBOUND: MetricDef = MetricDef::new(
    "eclipse.inbound_held",
    "share",
    "share of the victims' inbound connections that come from the attacker, at the end",
    Better::Lower,
);
pub(super) const TRIED: MetricDef = MetricDef::new(
    "eclipse.tried_poisoned",
    "share",
    "share of the addresses in the victims' tried table that are the attacker's, at the restart",
    Better::Lower,
);
pub(super) const TRIED_COUNT: MetricDef = MetricDef::new(
    "eclipse.tried_addresses",
    "",
    "attacker's addresses in a victim's tried table at the restart, mean over victims",
    Better::Lower,
);
pub(super) const CONNECTED: MetricDef = MetricDef::new(
    "eclipse.tried_connected",
    "share",
    "share of the addresses in the victims' tried table that the victim was connected to by itself \
     just before the restart and that are not the attacker's (f' of Heilman et al., eq. 3)",
    Better::Higher,
);
pub(super) const NEW: MetricDef = MetricDef::new(
    "eclipse.new_poisoned",
    "share",
    "share of the addresses in the victims' new table that are the attacker's or its trash, at the \
     restart",
    Better::Lower,
);
pub(super) const MISSED: MetricDef = MetricDef::new(
    "eclipse.blocks_missed",
    "share",
    "share of the blocks found from ten minutes after the restart to ten minutes before the end that \
     a victim does not have at the end",
    Better::Lower,
);
pub(super) const LATE: MetricDef = MetricDef::new(
    "eclipse.blocks_late",
    "share",
    "share of those blocks that a victim has more than a minute after they were found, or never",
    Better::Lower,
);
pub(super) const LASTING: MetricDef = MetricDef::new(
    "eclipse.lasting",
    "share",
    "share of victims all of whose connections, inbound as well, ended at the attacker for as long as \
     the scenario's `hold` at least",
    Better::Lower,
);
pub(super) const SILENCE: MetricDef = MetricDef::new(
    "eclipse.silence",
    "s",
    "longest time that a victim went without a block that was new to it, from the restart to the end, \
     mean over victims: after half an hour (three times the interval) a node may notice",
    Better::Lower,
);
pub(super) const OPENED: MetricDef = MetricDef::new(
    "eclipse.opened",
    "",
    "connections the attacker has opened, whole run",
    Better::Neither,
);
pub(super) const ADDRESSES: MetricDef = MetricDef::new(
    "eclipse.addresses",
    "",
    "addresses the attacker owns",
    Better::Neither,
);

/// The metrics of the attack; those of the attacked network come after them.
pub const METRICS: &[MetricDef] = &[
    SUCCESS,
    LIVE,
    FULL,
    OUTBOUND,
    INBOUND,
    TRIED,
    TRIED_COUNT,
    CONNECTED,
    NEW,
    MISSED,
    LATE,
    LASTING,
    SILENCE,
    OPENED,
    ADDRESSES,
];
