//! Kademlia: a distributed hash table by exclusive or.
//!
//! # What it is
//!
//! Peers and keys have identifiers, the distance of two is their exclusive or, and a value is stored
//! with the k peers closest to its key. A peer keeps up to k contacts for each length of prefix that
//! others share with it, and finds the closest to a key by asking the closest it knows, again and again.
//! Reference: Maymounkov & Mazières, "Kademlia: A Peer-to-Peer Information System Based on the XOR
//! Metric", IPTPS 2002. With other parameters it is `BitTorrent`'s Mainline DHT (BEP 5), that of IPFS
//! (libp2p) and Ethereum's Node Discovery v4; `s_kademlia` adds what Baumgart & Mies propose ("S/Kademlia:
//! A Practicable Approach Towards Secure Key-Based Routing", ICPADS 2007).
//!
//! # Roles and messages
//!
//! All peers are alike. Every request is a datagram and waits for its answer. Sizes are those of the
//! preset's format ([`wire`]); k = 20 named contacts where the number varies:
//!
//! | message | paper, `mainline` (KRPC, BEP 5) | `ipfs` (protocol buffers) | `discv4` (signed RLP) |
//! |---|---|---|---|
//! | `ping`, `pong` | 56, 47 B | 3, 3 B | 129, 149 B |
//! | `find_node` | 92 B | 39 B | 171 B |
//! | `nodes` | 578 B: 26 B a contact (20 id, 4 address, 2 port) | 1003 B: 50 B a contact | 1482 B with 16: 79 B a contact, 12 a packet |
//! | `find_value`, `value` | 95 B, 74 B + `value` | 39 B, 3 B + `value` | none |
//! | `store`, `stored` | 147 B + `value`, 47 B | 39 B + `value`, 3 B | none |
//!
//! `refresh`, `refreshed`, `republish` and `republished` are `find_node`, `nodes`, `store` and `stored`
//! by another name: what keeps tables and values in order is counted as maintenance.
//!
//! # Parameters
//!
//! Defaults are those of the preset; `sim explain protocol.kademlia` has all with their sources.
//!
//! | key | symbol | unit | `kademlia-2002` | `mainline` | `ipfs` | `discv4` |
//! |---|---|---|---|---|---|---|
//! | `k` | k | contacts | 20 | 8 | 20 | 16 |
//! | `alpha` | alpha | requests | 3 | 3 | 10 | 3 |
//! | `beta` | | answers | k | k | 3 | k |
//! | buckets | | | 64 | 64 | 64 | 17 |
//! | `replacements` | | contacts a bucket | 20 | 0 | 0 | 10 |
//! | `failures`, `keep_stale` | | requests | 5, yes | 2, no | 1, no | 1, no |
//! | `full_bucket`, `good_for` | | time | `wait`, 0 | `ping`, 15 min | `wait`, 10 min | `wait`, 0 |
//! | `revalidate` | | mean time | never | never | 3 s | 5 s |
//! | `refresh` | tRefresh | time | 1 h | 15 min | 10 min | 30 min |
//! | `timeout` | | time | 2 s | 2 s | 5 s | 500 ms |
//! | `expire`, `republish` | tExpire, tRepublish | time | 24 h, 24 h | 24 h, 24 h | 48 h, 22 h | 24 h, 24 h |
//! | `replicate` | tReplicate | time | 1 h | never | never | never |
//! | endpoint proof | | time | none | none | none | 24 h |
//! | `subnet_limits` | | contacts of a /24 | none | none | none | 2 a bucket, 10 a table |
//! | `s_kademlia.paths`, `.siblings`, `.puzzle` | d, 5 s, c1 | | none | none | none | none |
//!
//! # What is simplified, and how that biases results
//!
//! - **`start = "converged"` fills tables from the true population** of the peers that are up at the
//!   start, k at random of each range. In a network that has stood long, contacts that have been up for
//!   long are favoured (the paper's section 2.2): at the start of a run with churn, tables are fresher and
//!   their contacts shorter-lived than they would be. A warm-up of several refreshes mends both.
//! - Buckets are kept by common prefix from the start instead of being split when they overflow; what is
//!   kept is the same. The relaxed splitting and the b > 1 of section 4.2 are not there: lookups gain one
//!   bit for each bucket.
//! - Who does not answer within `timeout` is counted as failed once; late answers are a sign of life and
//!   nothing else. Round-trip times are not used to choose whom to ask.
//! - `final_round` counts answers, not rounds: with alpha = 3, three in a row that name nobody closer.
//! - Whoever sends anything is taken into the table, as in the paper. BEP 5 and libp2p take who has
//!   answered; without attackers or NAT that is the same.
//! - `full_bucket = "ping"` evicts whom `failures` pings in a row have not reached, one for each newcomer.
//! - Values that are fetched are not cached on the path (section 2.3, end): popular keys load the k
//!   closest more than they should. Keys are not handed to newcomers that are closer than those who hold
//!   them, but by the next `replicate` or `republish`.
//! - A peer that comes back with the same identifier still has its table and the list of what it has
//!   published, and has lost what it held for others. It joins again by looking itself up.
//! - Who knows nobody is told of `bootstrap` others that were in the network before it (or are in the
//!   population, if it comes later), up or down; there are no bootstrap nodes that all ask.
//! - IPFS: who fails in the last round gives way to the next closest, where libp2p keeps it among the k.
//!   Every peer is a server and reachable; no dial, no multistream, no Bitswap: publication and
//!   retrieval are faster than measured ones. `revalidate` pings one by one whom libp2p pings together.
//! - Discv4: `FIND_NODE` follows a proof by one `timeout`, as in go-ethereum; proofs are empty at the
//!   start, so that first contacts take longer. An answer of several packets is one message with the
//!   bytes of all, lost as one. `failures` holds for checks and lookups alike (go-ethereum forgives five
//!   in lookups). ENR requests are left out.
//! - A puzzle (`s_kademlia.puzzle`) costs nothing here: who makes an identifier once does not feel it. The
//!   record says what it costs, for attackers to pay.
//! - Identifiers are the first 64 bits of longer ones: see [`dht`](crate::protocols::dht).
//!
//! # Metrics
//!
//! Those of all hash tables ([`dht`](crate::protocols::dht)). `dht.hops` is the length of the shortest
//! chain of answers that led to the closest peer: 1 if it stood in the own table, 0 for the peer itself.
//! `dht.messages` are requests and answers; half of it is what `PeerSim`'s module calls hops. A lookup has
//! found k peers; `dht.correct` is over all of them, `dht.stretch` over the round trip to the closest.
//!
//! # Published numbers it reproduces
//!
//! Bits gained by a hop g(k) = sum over j of 1 - (1 - 2^-j)^k, hops (log2 N - log2 k) / g(k) + 1 and an
//! independent Monte Carlo of them; the presets; every lookup in a static network finds the k closest; what
//! disjoint paths are worth among insiders.

mod born;
pub mod buckets;
mod config;
pub mod lookup;
mod node;
mod preset;
mod rules;
mod run;
pub mod short_list;
pub mod table;
pub mod wire;
pub mod xor;

pub use born::Born;
pub use config::{Kademlia, SKademlia, Start};
pub use node::{Node, Run, Timer};
pub use preset::{Full, Parameters, Preset, SubnetLimits};
pub use rules::Rules;
