//! What is measured of the honest network.

use super::node::Node;
use crate::engine::Report;
use crate::observe::record::{Better, MetricDef, Record};

const PEERS: MetricDef = MetricDef::new(
    "ethereum.peers",
    "",
    "connections of an honest node at the end, both ways, mean over nodes",
    Better::Higher,
);
const DIALLED: MetricDef = MetricDef::new(
    "ethereum.dialled",
    "",
    "connections of an honest node at the end that it dialled itself, mean over nodes",
    Better::Higher,
);
const DIALS: MetricDef = MetricDef::new(
    "ethereum.dials",
    "",
    "attempts of an honest node to connect over the whole run, mean over nodes",
    Better::Neither,
);
const DIAL_SUCCESS: MetricDef = MetricDef::new(
    "ethereum.dial_success",
    "share",
    "share of the attempts of honest nodes to connect that led to a connection; most others find no \
     free place",
    Better::Higher,
);
const TABLE: MetricDef = MetricDef::new(
    "ethereum.table",
    "",
    "nodes in the table of an honest node at the end, mean over nodes",
    Better::Higher,
);
const STORED: MetricDef = MetricDef::new(
    "ethereum.stored",
    "",
    "nodes on the disk of an honest node at the end, mean over nodes",
    Better::Higher,
);
const MESSAGES: MetricDef = MetricDef::new(
    "ethereum.messages_per_peer",
    "",
    "messages sent per honest node over the whole run; the attacker's count as well",
    Better::Lower,
);
const WIRE_BYTES: MetricDef = MetricDef::new(
    "ethereum.wire_bytes_per_peer",
    "B",
    "bytes sent per honest node over the whole run, with UDP, TCP and IP headers; the attacker's count \
     as well",
    Better::Lower,
);
const EVENTS: MetricDef = MetricDef::new(
    "run.events",
    "",
    "events the engine delivered",
    Better::Neither,
);

/// The metrics of the family, in the order of the record.
pub const METRICS: &[MetricDef] = &[
    PEERS,
    DIALLED,
    DIALS,
    DIAL_SUCCESS,
    TABLE,
    STORED,
    MESSAGES,
    WIRE_BYTES,
    EVENTS,
];

/// Measures honest nodes at the end of a run.
pub fn measure<'a>(record: &mut Record, nodes: impl Iterator<Item = &'a Node>, report: &Report) {
    let (mut count, mut peers, mut dialled) = (0u64, 0usize, 0usize);
    let (mut dials, mut stand, mut table, mut stored) = (0, 0, 0, 0);
    for node in nodes {
        count += 1;
        peers += node.peers().len();
        dialled += node.peers().iter().filter(|peer| !peer.is_incoming).count();
        dials += node.dials().0;
        stand += node.dials().1;
        table += node.table().nodes().count();
        stored += node.database().stored().count();
    }
    let per_node = |sum: f64| sum / count as f64;
    record.value(&PEERS, per_node(peers as f64));
    record.value(&DIALLED, per_node(dialled as f64));
    record.value(&DIALS, per_node(dials as f64));
    record.value(&DIAL_SUCCESS, stand as f64 / dials as f64);
    record.value(&TABLE, per_node(table as f64));
    record.value(&STORED, per_node(stored as f64));
    let traffic = report.traffic().map(|(_, traffic)| traffic);
    let (messages, bytes) = traffic.fold((0, 0), |(messages, bytes), one| {
        (messages + one.messages, bytes + one.wire_bytes)
    });
    record.value(&MESSAGES, per_node(messages as f64));
    record.value(&WIRE_BYTES, per_node(bytes as f64));
    record.value(&EVENTS, report.counts.delivered as f64);
}
