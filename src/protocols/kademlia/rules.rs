//! [`Rules`]: what all peers of a run have in common.

use super::config::Kademlia;
use super::lookup::Width;
use super::preset::{Full, Parameters, SubnetLimits};
use super::table::Shape;
use super::wire::Framing;
use crate::engine::Setup;
use crate::protocols::dht::{Contact, Ids};
use crate::random::Purpose;
use crate::random::hash::mix2;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// What all peers of a run have in common: parameters, and the plans they are born with.
#[derive(Debug)]
pub struct Rules {
    /// The shape of tables.
    pub shape: Shape,
    /// How wide lookups go.
    pub width: Width,
    /// Over how many paths.
    pub paths: usize,
    /// How many of the closest others a peer keeps beside its buckets.
    pub siblings: usize,
    /// Whether the oldest contact of a full bucket is pinged for a newcomer.
    pub pings: bool,
    /// Seconds for which nobody doubts a contact that was seen.
    pub good_for: u32,
    /// Mean time between checks, if there are any.
    pub revalidate: Option<Duration>,
    /// After how long a bucket is refreshed, if ever.
    pub refresh: Option<Duration>,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How long a value is held.
    pub expire: Duration,
    /// How often its publisher stores it again, if ever.
    pub republish: Option<Duration>,
    /// How often others pass it on, if ever.
    pub replicate: Option<Duration>,
    /// How long a proof of the other's address holds, if one is needed.
    pub proof: Option<Duration>,
    /// Limits on contacts of one /24.
    pub limits: Option<SubnetLimits>,
    /// How messages are written.
    pub framing: Framing,
    /// Bytes of a value.
    pub value: u16,
    /// How many others a peer knows that has no table.
    pub bootstrap: usize,
    /// All identifiers.
    pub ids: Arc<Ids>,
    /// /24 groups: a key, and how many.
    subnets: (u64, u32),
}

impl Rules {
    /// The rules of a run.
    pub fn new(config: &Kademlia, setup: &Setup, ids: Arc<Ids>) -> Self {
        let given: Parameters = config.parameters();
        let some = |span: Duration| Some(span).filter(|span| !span.is_zero());
        let (paths, siblings) = config
            .s_kademlia
            .map_or((1, 0), |s| (usize::from(s.paths), usize::from(s.siblings)));
        Self {
            shape: Shape {
                k: usize::from(given.k),
                buckets: usize::from(given.buckets),
                replacements: usize::from(given.replacements),
                failures: given.failures,
                keep_stale: given.keep_stale,
                marks: given.marks(),
            },
            width: Width {
                k: usize::from(given.k),
                alpha: usize::from(given.alpha),
                beta: usize::from(given.beta),
                final_round: config.final_round,
            },
            paths,
            siblings,
            pings: given.full_bucket == Full::Ping,
            good_for: Self::seconds_of(given.good_for),
            revalidate: some(given.revalidate),
            refresh: some(given.refresh),
            timeout: given.timeout,
            expire: given.expire,
            republish: some(given.republish),
            replicate: some(given.replicate),
            proof: some(given.endpoint_proof),
            limits: given.subnets,
            framing: given.framing,
            value: config.value.0 as u16,
            bootstrap: usize::from(config.bootstrap),
            ids,
            subnets: (setup.streams.key(Purpose::Places), config.subnets),
        }
    }

    /// The /24 of a contact's address: part of the address, which a contact stands for. Those of
    /// strangers are none of the honest ones'.
    pub fn subnet(&self, contact: Contact) -> u32 {
        let (key, count) = self.subnets;
        let strangers = self.ids.strangers();
        if contact.peer() >= strangers.first {
            let number = contact.peer().0 - strangers.first.0;
            return count + strangers.subnets.map_or(number, |all| number % all);
        }
        let hash = mix2(key, u64::from(contact.peer().0));
        ((u128::from(hash) * u128::from(count)) >> 64) as u32
    }

    /// Whole seconds since the start of the run.
    pub fn seconds(now: Instant) -> u32 {
        Self::seconds_of(now - Instant::ZERO)
    }

    /// Whole seconds of a time.
    pub fn seconds_of(span: Duration) -> u32 {
        (span.as_nanos() / 1_000_000_000) as u32
    }
}
