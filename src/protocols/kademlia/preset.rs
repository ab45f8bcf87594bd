//! The parameters of published programs and papers, each with its source.

use super::wire::Framing;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose parameters.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Preset {
    /// Maymounkov & Mazières, IPTPS 2002: k 20, alpha 3, buckets refreshed after an hour, values held
    /// for 24 h and copied every hour; section 4.1 with its replacement caches and five unanswered
    /// requests.
    #[default]
    #[serde(rename = "kademlia-2002")]
    Kademlia2002,
    /// `BitTorrent`'s Mainline DHT, BEP 5: k 8, a contact good for 15 min, then pinged before a newcomer
    /// has its place.
    #[serde(rename = "mainline")]
    Mainline,
    /// IPFS, go-libp2p-kad-dht: k 20, alpha 10 and beta 3, refresh every 10 min, provider records
    /// held for 48 h and published anew every 22 h.
    #[serde(rename = "ipfs")]
    Ipfs,
    /// Ethereum's Node Discovery v4 as in go-ethereum: 17 buckets of 16 with 10 replacements each,
    /// endpoint proof, at most 2 contacts of a /24 in a bucket and 10 in a table. No values.
    #[serde(rename = "discv4")]
    Discv4,
}

/// What becomes of a newcomer whose bucket is full.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Full {
    /// It is forgotten, unless there is a replacement cache to hold it.
    Wait,
    /// The least recently seen contact is pinged, and gives way if it does not answer (section 2.2 of
    /// the paper). Nobody is pinged who was seen within `good_for`.
    Ping,
}

/// At most so many contacts whose addresses are in one /24.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct SubnetLimits {
    /// In a bucket, its replacements included.
    #[schemars(range(min = 1, max = 255))]
    pub bucket: u8,
    /// In a table.
    #[schemars(range(min = 1, max = 255))]
    pub table: u8,
}

/// All that presets decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Contacts in a bucket, contacts in an answer, and copies of a value.
    pub k: u16,
    /// Requests under way in a lookup.
    pub alpha: u16,
    /// How many of the closest have to answer before a lookup ends.
    pub beta: u16,
    /// Buckets of a table; the last takes all that is closer.
    pub buckets: u8,
    /// Contacts in the replacement cache of a bucket.
    pub replacements: u16,
    /// Unanswered requests in a row that make a contact stale.
    pub failures: u8,
    /// Whether stale contacts keep their places while there is nobody to take them.
    pub keep_stale: bool,
    /// What becomes of a newcomer to a full bucket.
    pub full_bucket: Full,
    /// How long nobody doubts a contact that was seen.
    pub good_for: Duration,
    /// Mean time between two checks of the oldest contact of a random bucket, zero for none.
    pub revalidate: Duration,
    /// After how long without a lookup a bucket is refreshed, zero for never.
    pub refresh: Duration,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How long a value is held after its publisher has stored it.
    pub expire: Duration,
    /// How often the publisher stores it again, zero for never.
    pub republish: Duration,
    /// How often those who hold it pass it on, zero for never.
    pub replicate: Duration,
    /// How long a proof of the other's address holds, zero if none is needed.
    pub endpoint_proof: Duration,
    /// Limits on contacts of one /24.
    pub subnets: Option<SubnetLimits>,
    /// How messages are written.
    pub framing: Framing,
}

impl Parameters {
    /// Whether there is something to remember of each contact beside its order.
    pub const fn marks(&self) -> bool {
        !self.good_for.is_zero() || self.failures > 1 || self.keep_stale
    }
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kademlia2002, Self::Mainline, Self::Ipfs, Self::Discv4];

    /// The parameters.
    pub const fn parameters(self) -> Parameters {
        match self {
            Self::Kademlia2002 => PAPER,
            Self::Mainline => MAINLINE,
            Self::Ipfs => IPFS,
            Self::Discv4 => DISCV4,
        }
    }
}

/// Maymounkov & Mazières 2002: k 20 and alpha 3 as examples (sections 2.1, 2.3), refresh after an hour
/// (2.3), values republished every hour by holders and every 24 h by the publisher, else they expire
/// (2.5), five unanswered requests (4.1). Replacement caches of k, and the time-out, are our own
/// choices: the paper gives none.
const PAPER: Parameters = Parameters {
    k: 20,
    alpha: 3,
    beta: 20,
    buckets: 64,
    replacements: 20,
    failures: 5,
    keep_stale: true,
    full_bucket: Full::Wait,
    good_for: Duration::ZERO,
    revalidate: Duration::ZERO,
    refresh: Duration::from_hours(1),
    timeout: Duration::from_secs(2),
    expire: Duration::from_hours(24),
    republish: Duration::from_hours(24),
    replicate: Duration::from_hours(1),
    endpoint_proof: Duration::ZERO,
    subnets: None,
    framing: Framing::Krpc,
};

/// BEP 5, "Routing Table": K 8, good for 15 min, refresh after 15 min, "try once more" before a contact
/// is discarded. Alpha, the time-out and the life of a value are not in it: alpha and the life are the
/// paper's.
const MAINLINE: Parameters = Parameters {
    k: 8,
    beta: 8,
    replacements: 0,
    failures: 2,
    keep_stale: false,
    full_bucket: Full::Ping,
    good_for: Duration::from_mins(15),
    refresh: Duration::from_mins(15),
    replicate: Duration::ZERO,
    ..PAPER
};

/// go-libp2p-kad-dht and the libp2p specification: bucket size 20, concurrency 10, resiliency 3, table
/// refresh 10 min, which also pings who was not seen since (here one by one, so that all of some 200
/// have their turn in that time); who does not answer is removed at once.
/// Provider records: valid 48 h, republished every 22 h, by their publisher alone. Time-out: the 5 s of
/// a dial (Trautwein et al., SIGCOMM 2022, section 6.1).
const IPFS: Parameters = Parameters {
    k: 20,
    alpha: 10,
    beta: 3,
    replacements: 0,
    failures: 1,
    keep_stale: false,
    refresh: Duration::from_mins(10),
    good_for: Duration::from_mins(10),
    revalidate: Duration::from_secs(3),
    timeout: Duration::from_secs(5),
    expire: Duration::from_hours(48),
    republish: Duration::from_hours(22),
    replicate: Duration::ZERO,
    framing: Framing::Libp2p,
    ..PAPER
};

/// go-ethereum, `p2p/discover/table.go` and `v4_udp.go`: `bucketSize` 16, `alpha` 3, `nBuckets` 17,
/// `maxReplacements` 10, `bucketIPLimit` 2 and `tableIPLimit` 10 per /24, `refreshInterval` 30 min,
/// `revalidateInterval` 10 s (the mean of a uniform time up to it), `respTimeout` 500 ms,
/// `bondExpiration` 24 h. A contact that does not answer a check is replaced at once.
const DISCV4: Parameters = Parameters {
    k: 16,
    alpha: 3,
    beta: 16,
    buckets: 17,
    replacements: 10,
    failures: 1,
    keep_stale: false,
    revalidate: Duration::from_secs(5),
    refresh: Duration::from_mins(30),
    timeout: Duration::from_millis(500),
    replicate: Duration::ZERO,
    endpoint_proof: Duration::from_hours(24),
    subnets: Some(SubnetLimits {
        bucket: 2,
        table: 10,
    }),
    framing: Framing::Discv4,
    ..PAPER
};
