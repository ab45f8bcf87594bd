//! What is measured: the metrics, and the observer behind them.

use super::tally::{Broadcast, Outcome, Tally};
use super::thinning::Thinning;
use super::wire::Event;
use crate::engine::{Flow, Notice, Observer, Traffic};
use crate::observe::record::{Better, MetricDef, Record, Samples};
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// The metrics of the family, what matters most first.
pub const METRICS: &[MetricDef] = &[
    RELIABILITY,
    DELAY_50,
    DELAY_99,
    PAYLOADS,
    WIRE_BYTES,
    RELIABILITY_AT_SEND,
    ATOMIC,
    RESIDUE,
    DELAY_90,
    DELAY_100,
    DELAY_MEAN,
    DELAY_LAST,
    DUPLICATES,
    MESSAGES,
    APP_BYTES,
    ALL_MESSAGES,
    ALL_APP_BYTES,
    ALL_WIRE_BYTES,
    COUNT,
    SKIPPED,
];

const COUNT: MetricDef = MetricDef::new(
    "broadcast.count",
    "",
    "broadcasts started during the measurement",
    Better::Neither,
);
const SKIPPED: MetricDef = MetricDef::new(
    "broadcast.skipped",
    "",
    "broadcasts of the measurement that did not start because their peer was down",
    Better::Neither,
);
const RELIABILITY: MetricDef = MetricDef::new(
    "broadcast.reliability",
    "share",
    "share of the peers that have a broadcast by its deadline; of those up from its start until \
     then, its origin included, over all broadcasts",
    Better::Higher,
);
const RELIABILITY_AT_SEND: MetricDef = MetricDef::new(
    "broadcast.reliability_at_send",
    "share",
    "share of the peers up at the start of a broadcast that get it by its deadline; going down \
     before counts against it, over all broadcasts",
    Better::Higher,
);
const ATOMIC: MetricDef = MetricDef::new(
    "broadcast.atomic",
    "share",
    "share of broadcasts that reach every peer that is up from their start until their deadline",
    Better::Higher,
);
const RESIDUE: MetricDef = MetricDef::new(
    "broadcast.residue",
    "share",
    "share of the peers up from start to deadline that a broadcast does not reach (the residue s \
     of Demers et al.)",
    Better::Lower,
);
const DELAY_50: MetricDef = MetricDef::new(
    "broadcast.delay_50",
    "s",
    "time until half of the peers up at the start have the broadcast; mean over those \
     broadcasts that get so far",
    Better::Lower,
);
const DELAY_90: MetricDef = MetricDef::new(
    "broadcast.delay_90",
    "s",
    "time until 90 % of the peers up at the start have the broadcast; mean over those \
     broadcasts that get so far",
    Better::Lower,
);
const DELAY_99: MetricDef = MetricDef::new(
    "broadcast.delay_99",
    "s",
    "time until 99 % of the peers up at the start have the broadcast; mean over those \
     broadcasts that get so far",
    Better::Lower,
);
const DELAY_100: MetricDef = MetricDef::new(
    "broadcast.delay_100",
    "s",
    "time until all peers up at the start have the broadcast; mean over those broadcasts that \
     get so far",
    Better::Lower,
);
const DELAY_MEAN: MetricDef = MetricDef::new(
    "broadcast.delay_mean",
    "s",
    "mean time from the start of a broadcast to its delivery at a peer other than its origin (the \
     t_ave of Demers et al.)",
    Better::Lower,
);
const DELAY_LAST: MetricDef = MetricDef::new(
    "broadcast.delay_last",
    "s",
    "time from the start of a broadcast to its last delivery; mean over broadcasts (the t_last of \
     Demers et al.)",
    Better::Lower,
);
const DUPLICATES: MetricDef = MetricDef::new(
    "broadcast.duplicates",
    "",
    "payloads received by a peer that had them, per first receipt; whole run",
    Better::Lower,
);
const PAYLOADS: MetricDef = MetricDef::new(
    "broadcast.payloads",
    "",
    "payload messages sent per peer and broadcast (the traffic m of Demers et al.); whole run",
    Better::Lower,
);
const MESSAGES: MetricDef = MetricDef::new(
    "broadcast.messages",
    "",
    "messages of all kinds sent per peer and broadcast; whole run",
    Better::Lower,
);
const APP_BYTES: MetricDef = MetricDef::new(
    "broadcast.app_bytes",
    "B",
    "bytes sent per peer and broadcast, in the protocol's own framing; whole run",
    Better::Lower,
);
const WIRE_BYTES: MetricDef = MetricDef::new(
    "broadcast.wire_bytes",
    "B",
    "bytes sent per peer and broadcast, with UDP and IP headers; whole run",
    Better::Lower,
);
const ALL_MESSAGES: MetricDef = MetricDef::new(
    "traffic.messages",
    "",
    "messages of all kinds sent per peer of the population; whole run",
    Better::Lower,
);
const ALL_APP_BYTES: MetricDef = MetricDef::new(
    "traffic.app_bytes",
    "B",
    "bytes sent per peer of the population, in the protocol's own framing; whole run",
    Better::Lower,
);
const ALL_WIRE_BYTES: MetricDef = MetricDef::new(
    "traffic.wire_bytes",
    "B",
    "bytes sent per peer of the population, with UDP and IP headers; whole run",
    Better::Lower,
);

/// The shares of [`METRICS`]' `delay_*`, in percent.
pub(super) const SHARES: [u64; 4] = [50, 90, 99, 100];

/// When broadcasts count, and until when their deliveries do.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Broadcasts count that start at or after this time,
    pub from: Instant,
    /// and before this one.
    pub to: Instant,
    /// How long a delivery may take; `None` for until the end.
    pub deadline: Option<Duration>,
    /// The end of the run.
    pub end: Instant,
}

/// Messages and bytes of a run, as the engine counts them.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sent {
    /// Payload messages.
    pub payloads: u64,
    /// Messages of all kinds.
    pub messages: u64,
    /// Bytes in the protocol's own framing.
    pub app_bytes: u64,
    /// Bytes with headers.
    pub wire_bytes: u64,
    /// Payloads received by peers that had them.
    pub duplicates: u64,
    /// Pings of neighbours and their answers, in addition.
    pub upkeep: Traffic,
}

/// The observer: some array accesses per delivery.
#[derive(Debug)]
pub struct Meter {
    window: Window,
    tally: Tally,
    broadcasts: Vec<Option<Broadcast>>,
    /// Broadcasts started in any phase, and their first receipts.
    started: u64,
    receipts: u64,
    delays: Thinning,
}

impl Meter {
    /// Measures a run of `peers` peers; `key` picks the samples that are kept.
    pub fn new(window: Window, peers: u32, key: u64) -> Self {
        Self {
            window,
            tally: Tally::new(peers),
            broadcasts: Vec::new(),
            started: 0,
            receipts: 0,
            delays: Thinning::new(key),
        }
    }

    fn sent(&mut self, id: u32, at: Instant, origin: PeerId) {
        self.started += 1;
        if at < self.window.from || at >= self.window.to {
            return;
        }
        let until = self
            .window
            .deadline
            .map_or(self.window.end, |d| at.saturating_add(d));
        let index = id as usize;
        if self.broadcasts.len() <= index {
            self.broadcasts.resize_with(index + 1, || None);
        }
        self.broadcasts[index] = Some(Broadcast::new(at, until, origin, &self.tally));
    }

    #[inline]
    fn delivered(&mut self, id: u32, at: Instant, peer: PeerId) {
        self.receipts += 1;
        let broadcast = self.broadcasts.get_mut(id as usize);
        let Some(broadcast) = broadcast.and_then(Option::as_mut) else {
            return;
        };
        if broadcast.deliver(at, peer, &self.tally) {
            self.delays.offer(id, peer, at - broadcast.sent);
        }
    }

    /// Writes the metrics and samples; `planned` broadcasts were due in the measurement, `peers`
    /// the size of the population.
    pub fn finish(self, planned: u64, peers: u32, sent: Sent, record: &mut Record) {
        let Self {
            window,
            tally,
            broadcasts,
            started,
            receipts,
            delays,
        } = self;
        let all: Vec<Broadcast> = broadcasts.into_iter().flatten().collect();
        let outcomes: Vec<_> = all.iter().map(|b| b.outcome(&tally, window.end)).collect();
        let count = all.len() as u64;
        record.value(&COUNT, count as f64);
        record.value(&SKIPPED, planned.saturating_sub(count) as f64);

        let eligible: u64 = outcomes.iter().map(|o| u64::from(o.eligible)).sum();
        let reached: u64 = outcomes.iter().map(|o| u64::from(o.reached)).sum();
        let reliability = reached as f64 / eligible as f64;
        record.value(&RELIABILITY, reliability);
        let up: u64 = all.iter().map(|b| u64::from(b.up)).sum();
        let reached_up: u64 = all.iter().map(|b| u64::from(b.reached_up)).sum();
        record.value(&RELIABILITY_AT_SEND, reached_up as f64 / up as f64);
        let atomic = outcomes.iter().filter(|o| o.reached == o.eligible).count();
        record.proportion(&ATOMIC, atomic as u32, count as u32);
        record.value(&RESIDUE, 1.0 - reliability);

        let middle = window.from + (window.to - window.from) / 2;
        let halves = [false, true].map(|later| {
            let of = all.iter().zip(&outcomes);
            let of: Vec<_> = of.filter(|(b, _)| (b.sent >= middle) == later).collect();
            let sum = |number: fn(&Outcome) -> u32| -> u64 {
                of.iter()
                    .map(|(_, outcome)| u64::from(number(outcome)))
                    .sum()
            };
            let reliability = sum(|o| o.reached) as f64 / sum(|o| o.eligible) as f64;
            (reliability, mean(of.iter().map(|(b, _)| b.delays[0])).0)
        });
        record.halves(&RELIABILITY, halves.map(|half| half.0));
        record.halves(&DELAY_50, halves.map(|half| half.1));

        for (index, metric) in [DELAY_50, DELAY_90, DELAY_99, DELAY_100].iter().enumerate() {
            let (mean, missed) = mean(all.iter().map(|b| b.delays[index]));
            record.value(metric, mean);
            if missed > 0 && index < 3 {
                let (name, share) = (&metric.name, [50, 90, 99][index]);
                let note = format!(
                    "{name}: {missed} of {count} broadcasts never reached {share} % of the peers"
                );
                record.notes.push(note);
            }
        }
        let nanos: u128 = all.iter().map(|b| b.sum_nanos).sum();
        let deliveries: u64 = all.iter().map(|b| u64::from(b.deliveries)).sum();
        record.value(&DELAY_MEAN, nanos as f64 / 1e9 / deliveries as f64);
        record.value(&DELAY_LAST, mean(all.iter().map(|b| b.last)).0);

        record.value(&DUPLICATES, sent.duplicates as f64 / receipts as f64);
        let per_peer = |number: u64| number as f64 / f64::from(peers);
        // Of no broadcast there is no cost: not a number, and not infinity.
        let broadcasts = if started == 0 {
            f64::NAN
        } else {
            started as f64
        };
        let per_broadcast = |number| per_peer(number) / broadcasts;
        record.value(&PAYLOADS, per_broadcast(sent.payloads));
        record.value(&MESSAGES, per_broadcast(sent.messages));
        record.value(&APP_BYTES, per_broadcast(sent.app_bytes));
        record.value(&WIRE_BYTES, per_broadcast(sent.wire_bytes));
        let upkeep = sent.upkeep;
        record.value(&ALL_MESSAGES, per_peer(sent.messages + upkeep.messages));
        record.value(&ALL_APP_BYTES, per_peer(sent.app_bytes + upkeep.app_bytes));
        record.value(
            &ALL_WIRE_BYTES,
            per_peer(sent.wire_bytes + upkeep.wire_bytes),
        );

        let (values, censored) = delays.finish(eligible - reached);
        record.samples.push(Samples {
            name: "broadcast.delay".to_owned(),
            unit: "s".to_owned(),
            values,
            censored,
        });
    }
}

/// The mean of those that are there in seconds, and how many are not.
fn mean(delays: impl Iterator<Item = Option<Duration>>) -> (f64, u32) {
    let (mut nanos, mut there, mut missed) = (0u128, 0u32, 0);
    for delay in delays {
        match delay {
            Some(delay) => {
                nanos += u128::from(delay.as_nanos());
                there += 1;
            }
            None => missed += 1,
        }
    }
    (nanos as f64 / 1e9 / f64::from(there), missed)
}

impl Observer<Event> for Meter {
    #[inline]
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        match notice {
            Notice::Event(Event::Delivered(id)) => self.delivered(id, at, peer),
            Notice::Event(Event::Sent(id)) => self.sent(id, at, peer),
            Notice::Up => self.tally.up(peer, at),
            Notice::Left | Notice::Crashed => self.tally.down(peer, at),
        }
        Flow::Continue
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
