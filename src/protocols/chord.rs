//! Chord: keys belong to their successors on a ring of identifiers.
//!
//! # What it is
//!
//! Peers and keys have places on a ring; a key belongs to the first peer at or after it. A node knows
//! its next few successors, which keep the ring together, and some log2 N fingers, nodes at or after
//! distances of 2^i, which make lookups short. Reference: Stoica, Morris, Liben-Nowell, Karger,
//! Kaashoek, Dabek & Balakrishnan, *Chord: A Scalable Peer-to-Peer Lookup Protocol for Internet
//! Applications*, IEEE/ACM Transactions on Networking 11(1), 2003; sections below are of it.
//!
//! # Roles and messages
//!
//! All peers are alike. A peer has one node, or several (virtual nodes, section V-B). Messages are
//! datagrams; the paper gives no sizes. Each begins with 25 B (1 B type, 4 B number of the request,
//! 20 B the sender's SHA-1 identifier); a contact is 26 B (20 B identifier, 6 B address and port, as
//! BEP 5 packs it), a key 20 B. Our own choice but for these two.
//!
//! | message | bytes | what it says |
//! |---|---|---|
//! | `find` | 45, and 26 for each node to avoid; handed on: 73 | whose is this key? |
//! | `next` | 51; as an acknowledgement 25 | this node is closer to it |
//! | `found` | 25 + 26 s; to the origin 2 more | it belongs to the first of my s successors |
//! | `find_finger`, `next_finger`, `found_finger`, `…_join` | the same | for a finger, for a place in the ring |
//! | `deliver`, `delivered` | 46, 26 and the value; 52 if refused | confirm, store, fetch |
//! | `stabilize`, `state` | 25, 51 + 26 s | who is before you, who comes after? |
//! | `notify`, `ping`, `pong` | 25 | I am before you; are you there? yes |
//! | `copies` | 25 + (20 + value) each | values to keep |
//! | `leave` | 51 + 26 s | I leave, between these |
//!
//! # Parameters
//!
//! | key | symbol | unit | default | source |
//! |---|---|---|---|---|
//! | `bits` | m | bits | 64 | SHA-1's 160 cut short, see [`dht`](crate::protocols::dht) |
//! | `successors` | r | nodes | 20 | section V-D; `OverSim` 8 |
//! | `stabilize`, `fix_fingers` | | time | 30 s | section V-E (15 to 45 s, uniform); `OverSim` 20 s, 120 s |
//! | `fingers` | | | a random one | SIGCOMM 2001; the journal's pseudocode: in turn; `OverSim`: all |
//! | `check_predecessor` | | time | 30 s | not in the paper; `OverSim` 5 s |
//! | `timeout` | | time | 1.5 s | `OverSim` (`rpcUdpTimeout`) |
//! | `virtual_nodes` | r in section V-B | nodes | 1 | |
//! | `replicas` | | copies | 1 | section IV-E.3 names the scheme and no number |
//! | `routing.recursive.patience` | | time | 10 s | our own choice |
//!
//! # What is simplified, and how that biases results
//!
//! - `start = "converged"` gives peers that are up at the start the tables that a correct ring of them
//!   has. From then on the ring is kept by messages only.
//! - **A peer that joins asks random addresses of the population**, up or down, until one answers that
//!   is in the ring: a list as a web page or an old cache has it, of nobody's making and as old as
//!   the run. Joining costs some time-outs more where few are up.
//! - A node that has joined stabilizes at once and looks its fingers up one after the other (as
//!   `init_finger_table` of the conference version does, and `OverSim`); the pseudocode of the journal
//!   leaves them to the periodic rounds, where lookups through new nodes are longer for some minutes.
//! - A round of stabilization goes on at once to a node that turns out to be between, and so on, where
//!   the pseudocode waits for the next round: many that join in one place are in order within a round.
//! - With `confirm` a node that is told to be a key's successor says so, or names its predecessor. That
//!   costs a message each way, and finds most nodes that have come between since the last round; the
//!   paper's count of hops leaves it out, and so does ours, but for such corrections.
//! - A time-out stands for a dead node: with losses live ones are avoided, too, and, with `forget`,
//!   dropped, until stabilization or the next lookup of a finger brings them back.
//! - When somebody does not answer an iterative lookup, the last one who did is asked again and told
//!   whom to avoid. The paper only says that "the next best" is tried: this costs a round trip.
//! - Values are names: their bytes travel, and nobody stores bytes. A crash loses them; a copy is never
//!   dropped while its peer is up, so `availability` is above that of a store that makes room.
//!   Many values at once are one datagram, lost as one.
//! - Time-outs are fixed, not adapted to round trips: lookups under churn are slower than they could be.
//!
//! # Metrics
//!
//! Those of [`dht`](crate::protocols::dht::METRICS). Hops are the nodes that a lookup is forwarded to
//! until the key's predecessor, as in the paper's section V-C: one less than messages of a recursive
//! lookup, for the answer is no hop. `dht.correct` is the share of lookups that name the node that is
//! the key's successor when they end, among those that have joined.
//!
//! # Published numbers it reproduces
//!
//! Path lengths of 1/2 log2 N (section V-C), and with successor lists 1/2 log2 N - 1/2 log2 r + 1 (V-D);
//! Tables II and III; keys per node with and without virtual nodes (V-B).

mod birth;
mod config;
mod lookup;
pub mod message;
mod peer;
mod relay;
pub mod ring;
mod run;
pub mod tables;
mod upkeep;
mod values;

pub use birth::Birth;
pub use config::{Chord, Fingers, Handover, Join, Numbers, Preset, Recursive, Routing, Start};
pub use peer::{Node, Peer, Rules, Timer};

#[cfg(test)]
mod tests;
