//! What is measured of the honest network.

use super::address::Address;
use super::addrman::Table;
use super::config::Bitcoin;
use super::message::{Event, PING};
use super::node::Full;
use super::relay::Spread;
use crate::engine::{Flow, Notice, Observer, Phases, Report};
use crate::observe::record::{Better, MetricDef, Record, Samples};
use crate::peer::PeerId;
use crate::time::Instant;

/// Blocks found during the measurement.
pub(super) const BLOCKS: MetricDef = MetricDef::new(
    "bitcoin.blocks",
    "",
    "blocks found during the measurement",
    Better::Neither,
);
/// Share of nodes that have a block at the end.
pub(super) const COVERAGE: MetricDef = MetricDef::new(
    "bitcoin.coverage",
    "share",
    "of all pairs of an honest node and a block of the measurement, the share in which the node has \
     the block at the end of the run",
    Better::Higher,
);
/// Time to half of the nodes.
pub(super) const DELAY_50: MetricDef = MetricDef::new(
    "bitcoin.block_delay_50",
    "s",
    "time from finding a block until half of the honest nodes have it; mean over blocks that get so \
     far",
    Better::Lower,
);
/// Time to nine of ten nodes.
pub(super) const DELAY_90: MetricDef = MetricDef::new(
    "bitcoin.block_delay_90",
    "s",
    "time from finding a block until 90 % of the honest nodes have it; mean over blocks that get so \
     far",
    Better::Lower,
);
/// Outbound connections.
pub(super) const OUTBOUND: MetricDef = MetricDef::new(
    "bitcoin.outbound",
    "",
    "outbound connections of an honest node at the end, mean over nodes",
    Better::Higher,
);
/// Addresses in `tried`.
pub(super) const TRIED: MetricDef = MetricDef::new(
    "bitcoin.tried",
    "",
    "different addresses in an honest node's tried table at the end, mean over nodes",
    Better::Neither,
);
/// How many of them answer.
pub(super) const TRIED_LIVE: MetricDef = MetricDef::new(
    "bitcoin.tried_live",
    "share",
    "share of the addresses in an honest node's tried table at which somebody is at the end, mean \
     over nodes; the rest is stale",
    Better::Higher,
);
/// Addresses in `new`.
pub(super) const NEW: MetricDef = MetricDef::new(
    "bitcoin.new",
    "",
    "different addresses in an honest node's new table at the end, mean over nodes",
    Better::Neither,
);
/// How many of them answer.
pub(super) const NEW_LIVE: MetricDef = MetricDef::new(
    "bitcoin.new_live",
    "share",
    "share of the addresses in an honest node's new table at which somebody is at the end, mean over \
     nodes; the rest is stale",
    Better::Higher,
);
/// Messages per node.
pub(super) const MESSAGES: MetricDef = MetricDef::new(
    "bitcoin.messages_per_peer",
    "",
    "messages sent per honest node over the whole run, keep-alives included whether simulated or \
     accounted; the attacker's messages count as well",
    Better::Lower,
);
/// Bytes per node.
pub(super) const WIRE_BYTES: MetricDef = MetricDef::new(
    "bitcoin.wire_bytes_per_peer",
    "B",
    "bytes sent per honest node over the whole run, with TCP and IP headers, keep-alives included",
    Better::Lower,
);
/// Events.
pub(super) const EVENTS: MetricDef = MetricDef::new(
    "run.events",
    "",
    "events the engine delivered",
    Better::Neither,
);

/// The metrics of the family, in the order of the record.
pub const METRICS: &[MetricDef] = &[
    DELAY_50, DELAY_90, COVERAGE, BLOCKS, OUTBOUND, TRIED, TRIED_LIVE, NEW, NEW_LIVE, MESSAGES,
    WIRE_BYTES, EVENTS,
];

/// Follows every block and every transaction.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The blocks.
    pub blocks: Blocks,
    transactions: Option<Spread>,
}

impl Followed {
    /// An observer of `honest` nodes.
    pub fn new(config: &Bitcoin, honest: u32, phases: Phases) -> Self {
        let transactions = config.transactions.as_ref();
        Self {
            blocks: Blocks::new(honest, phases),
            transactions: transactions.map(|config| Spread::new(config, honest, phases)),
        }
    }
}

impl Observer<Event> for Followed {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        let Notice::Event(event) = notice else {
            return Flow::Continue;
        };
        match (event, &mut self.transactions) {
            (Event::Mined(number), _) => {
                let block = self.blocks.block(number);
                block.found = Some(at);
                block.receipts.push((at, peer));
            }
            (Event::Block(number), _) => self.blocks.block(number).receipts.push((at, peer)),
            (Event::Made(number), Some(transactions)) => transactions.made(number, at),
            (Event::Transaction(number), Some(transactions)) => transactions.reaches(number, at),
            (Event::Made(_) | Event::Transaction(_), None) => {}
        }
        Flow::Continue
    }
}

/// Follows every block.
#[derive(Clone, Debug)]
pub struct Blocks {
    honest: u32,
    phases: Phases,
    all: Vec<Block>,
}

/// One block's way.
#[derive(Clone, Debug)]
pub struct Block {
    /// When it was found; nothing for a number that was never used (its miner was down).
    pub found: Option<Instant>,
    /// When honest nodes got it, in order of time; its finder first.
    pub receipts: Vec<(Instant, PeerId)>,
}

impl Blocks {
    fn new(honest: u32, phases: Phases) -> Self {
        Self {
            honest,
            phases,
            all: Vec::new(),
        }
    }

    fn block(&mut self, number: u32) -> &mut Block {
        let at = number as usize;
        if self.all.len() <= at {
            self.all.resize(
                at + 1,
                Block {
                    found: None,
                    receipts: Vec::new(),
                },
            );
        }
        &mut self.all[at]
    }

    /// All blocks.
    pub fn all(&self) -> impl Iterator<Item = &Block> {
        self.all.iter()
    }

    /// The blocks found in the measurement, with when they were.
    pub fn measured(&self) -> impl Iterator<Item = (Instant, &Block)> + '_ {
        let found = self
            .all
            .iter()
            .filter_map(|block| Some((block.found?, block)));
        found.filter(|&(at, _)| self.phases.measures(at))
    }
}

/// How many delays a run keeps for its ECDF at most.
const KEPT_DELAYS: usize = 2_000;

/// What nodes know of others, sums over nodes.
#[derive(Clone, Copy, Default)]
struct Tables {
    nodes: f64,
    /// Addresses, and shares of live ones: of `tried`, of `new`.
    known: [(f64, f64); 2],
}

impl Tables {
    fn add(&mut self, node: &Full, answers: impl Fn(Address) -> bool) {
        self.nodes += 1.0;
        for (table, sum) in [Table::Tried, Table::New].into_iter().zip(&mut self.known) {
            sum.0 += node.addrman().count(table) as f64;
            sum.1 += node.addrman().share_where(table, &answers);
        }
    }

    fn measure(&self, record: &mut Record) {
        let [tried, new] = self.known;
        record.value(&TRIED, tried.0 / self.nodes);
        record.value(&TRIED_LIVE, tried.1 / self.nodes);
        record.value(&NEW, new.0 / self.nodes);
        record.value(&NEW_LIVE, new.1 / self.nodes);
    }
}

/// Writes the family's metrics and samples into the record. `answers`: whether somebody does at an
/// address.
pub fn measure<'n>(
    record: &mut Record,
    followed: Followed,
    nodes: impl Iterator<Item = &'n Full>,
    answers: impl Fn(Address) -> bool,
    report: &Report,
) {
    let Followed {
        blocks,
        transactions,
    } = followed;
    let honest = blocks.honest;
    let mut delays = Vec::new();
    let mut times = [(0.0, 0u32); 2];
    let (mut count, mut receipts) = (0u32, 0u64);
    for (found, block) in blocks.measured() {
        count += 1;
        receipts += block.receipts.len() as u64;
        delays.extend(
            block.receipts[1..]
                .iter()
                .map(|&(at, _)| (at - found).as_secs_f64()),
        );
        for (percent, (sum, reached)) in [50u64, 90].into_iter().zip(&mut times) {
            let needed = (u64::from(honest) * percent).div_ceil(100).max(1) as usize;
            if let Some(&(at, _)) = block.receipts.get(needed - 1) {
                *sum += (at - found).as_secs_f64();
                *reached += 1;
            }
        }
    }
    let (mut outbound, mut idle, mut full, mut told) = (0u64, 0u64, 0u64, 0u64);
    let mut tables = Tables::default();
    for node in nodes {
        tables.add(node, &answers);
        outbound += u64::from(node.connections().outbound());
        idle += node.idle_messages(report.end);
        told += node.told();
        full += 1;
    }
    let mean = |(sum, n): (f64, u32)| sum / f64::from(n);
    let traffic = report.counts.traffic();
    let pairs = u64::from(count) * u64::from(honest);
    record.value(&DELAY_50, mean(times[0]));
    record.value(&DELAY_90, mean(times[1]));
    record.value(&COVERAGE, receipts as f64 / pairs as f64);
    record.value(&BLOCKS, f64::from(count));
    record.value(&OUTBOUND, outbound as f64 / full as f64);
    tables.measure(record);
    record.value(&MESSAGES, (traffic.messages + idle) as f64 / full as f64);
    let idle_bytes = idle * u64::from(PING + 40);
    record.value(
        &WIRE_BYTES,
        (traffic.wire_bytes + idle_bytes) as f64 / full as f64,
    );
    record.value(&EVENTS, report.counts.delivered as f64);
    if let Some(transactions) = transactions {
        transactions.measure(told, record);
    }
    delays.sort_by(f64::total_cmp);
    let step = delays.len().div_ceil(KEPT_DELAYS).max(1);
    let values: Vec<f64> = delays.iter().copied().step_by(step).collect();
    let censored = (pairs - receipts) / step as u64;
    let (name, unit) = ("bitcoin.block_delay".to_owned(), "s".to_owned());
    record.samples.push(Samples {
        name,
        unit,
        values,
        censored,
    });
}
