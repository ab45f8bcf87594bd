//! What is measured of transactions.

use super::Transactions;
use crate::engine::Phases;
use crate::observe::record::{Better, MetricDef, Record, Samples};
use crate::time::{Duration, Instant};

const COUNT: MetricDef = MetricDef::new(
    "bitcoin.transactions",
    "",
    "transactions made during the measurement",
    Better::Neither,
);
const COVERAGE: MetricDef = MetricDef::new(
    "bitcoin.tx_coverage",
    "share",
    "of all pairs of an honest node and a transaction of the measurement, the share in which the node \
     has the transaction at the end of the run",
    Better::Higher,
);
const DELAY_50: MetricDef = MetricDef::new(
    "bitcoin.tx_delay_50",
    "s",
    "time from making a transaction until half of the honest nodes have it; mean over transactions \
     that get so far",
    Better::Lower,
);
const DELAY_90: MetricDef = MetricDef::new(
    "bitcoin.tx_delay_90",
    "s",
    "time from making a transaction until 90 % of the honest nodes have it; mean over transactions \
     that get so far",
    Better::Lower,
);
const ANNOUNCED: MetricDef = MetricDef::new(
    "bitcoin.tx_announced",
    "",
    "how often an honest node is told of a transaction; mean over nodes and over the transactions of \
     the whole run",
    Better::Lower,
);

/// The metrics of transactions, in the order of the record.
pub const METRICS: &[MetricDef] = &[COUNT, DELAY_50, DELAY_90, COVERAGE, ANNOUNCED];
/// The samples: delays of pairs of a node and a transaction.
pub const SAMPLE: &str = "bitcoin.tx_delay";

/// A run keeps about so many delays for its ECDF.
const KEPT_DELAYS: f64 = 2_000.0;
const PERCENTS: [u64; 2] = [50, 90];

/// Follows every transaction.
#[derive(Clone, Debug)]
pub struct Spread {
    honest: u32,
    phases: Phases,
    ways: Vec<Way>,
    /// Of every so many receipts one delay is kept.
    every: u64,
    receipts: u64,
    kept: Vec<f64>,
}

/// One transaction's way.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// When it was made; nothing for a number that was never used (its node was struck by a fault).
    made: Option<Instant>,
    reached: u32,
    /// When 50 and 90 % of the honest nodes had it.
    at: [Option<Instant>; 2],
}

impl Spread {
    /// An observer of `honest` nodes.
    pub fn new(config: &Transactions, honest: u32, phases: Phases) -> Self {
        let span = phases.measure_to().saturating_since(phases.measure_from());
        let pairs = config.rate.per_second() * span.as_secs_f64() * f64::from(honest);
        Self {
            honest,
            phases,
            ways: Vec::new(),
            every: (pairs / KEPT_DELAYS).ceil().max(1.0) as u64,
            receipts: 0,
            kept: Vec::new(),
        }
    }

    fn way(&mut self, number: u32) -> &mut Way {
        let at = number as usize;
        if self.ways.len() <= at {
            self.ways.resize(at + 1, Way::default());
        }
        &mut self.ways[at]
    }

    /// A node has made a transaction.
    pub fn made(&mut self, number: u32, at: Instant) {
        self.way(number).made = Some(at);
        self.reaches(number, at);
    }

    /// A node has got it; its maker counts as well.
    pub fn reaches(&mut self, number: u32, at: Instant) {
        let honest = u64::from(self.honest);
        let way = self.way(number);
        way.reached += 1;
        for (percent, when) in PERCENTS.into_iter().zip(&mut way.at) {
            let needed = (honest * percent).div_ceil(100).max(1);
            if u64::from(way.reached) == needed {
                *when = Some(at);
            }
        }
        let made = way.made.filter(|_| way.reached > 1);
        if let Some(made) = made.filter(|&made| self.phases.measures(made)) {
            if self.receipts.is_multiple_of(self.every) {
                self.kept.push((at - made).as_secs_f64());
            }
            self.receipts += 1;
        }
    }

    /// Writes the metrics and the samples; `told` is how often honest nodes were told of any.
    pub fn measure(mut self, told: u64, record: &mut Record) {
        let made = self.ways.iter().filter(|way| way.made.is_some()).count();
        let measured = self.ways.iter().filter_map(|way| Some((way.made?, way)));
        let measured = measured.filter(|&(made, _)| self.phases.measures(made));
        let (mut count, mut reached) = (0u64, 0u64);
        let mut times = [(Duration::ZERO, 0u32); 2];
        for (made, way) in measured {
            count += 1;
            reached += u64::from(way.reached);
            for (when, (sum, of)) in way.at.iter().zip(&mut times) {
                if let Some(when) = when {
                    *sum += *when - made;
                    *of += 1;
                }
            }
        }
        let [half, most] = times.map(|(sum, of)| sum.as_secs_f64() / f64::from(of));
        let pairs = count * u64::from(self.honest);
        record.value(&COUNT, count as f64);
        record.value(&DELAY_50, half);
        record.value(&DELAY_90, most);
        record.value(&COVERAGE, reached as f64 / pairs as f64);
        let all = made as f64 * f64::from(self.honest);
        record.value(&ANNOUNCED, told as f64 / all);
        self.kept.sort_by(f64::total_cmp);
        record.samples.push(Samples {
            name: SAMPLE.to_owned(),
            unit: "s".to_owned(),
            values: self.kept,
            censored: (pairs - reached) / self.every,
        });
    }
}
