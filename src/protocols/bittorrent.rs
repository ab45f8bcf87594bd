//! BitTorrent: a file in pieces, which those who want it give one another, tit for tat.
//!
//! # What it is
//!
//! References: BEP 3, "The BitTorrent Protocol Specification"; BEP 15, "UDP Tracker Protocol"; Cohen,
//! "Incentives build robustness in BitTorrent", P2PEcon 2003. A *tracker* knows who is in the swarm and
//! names random ones. Peers connect to some forty others, tell which pieces they have, and ask for blocks of
//! pieces they lack. A peer sends to a few neighbours only, those from whom it gets most (*tit for tat*), and
//! to one more by turns (*optimistic unchoke*), and asks for the pieces that are rarest among its neighbours.
//!
//! # Roles and messages
//!
//! `peers` want the file and come by `arrivals`; `seeds` have it from the start; one more peer is the tracker,
//! which everybody knows from the torrent. Over connections, but for the tracker:
//!
//! | message | bytes | source |
//! |---|---|---|
//! | handshake, with the bitfield | 68 + 5 + a bit a piece | BEP 3 |
//! | choke, unchoke, interested, not interested | 5 | BEP 3 |
//! | have | 9 | BEP 3 |
//! | request, cancel | 17 | BEP 3 |
//! | piece | 13 + the block | BEP 3 |
//! | announce, and the tracker's answer (datagrams) | 98; 20 + 6 a peer | BEP 15 |
//!
//! # Parameters
//!
//! | key | unit | default | source |
//! |---|---|---|---|
//! | `file`, `piece`, `block` | bytes | 100 MB, 256 KiB, 16 KiB | own choice; BEP 3 |
//! | `pipeline` | requests | 5 | Cohen, section 2.3 |
//! | `selection`, `random_first` | | rarest-first, 1 | Cohen, section 2.4 |
//! | `upload_slots`, `optimistic_inside` | | 4, true | BEP 3 |
//! | `seeding` | | in-turns | Legout et al., IMC 2006 |
//! | `rechoke`, `optimistic`, `snub` | time | 10 s, 30 s, 1 min | BEP 3; Cohen, section 3.2 |
//! | `peer_list`, `announce` | peers, time | 50, 30 min | BEP 3 and Cohen's client |
//! | `min_neighbours`, `initiate`, `max_neighbours` | peers | 20, 40, 80 | Cohen's client |
//! | `free_riders` | | none | Sirivianos et al., IPTPS 2007 |
//! | `tyrants` | | none | Piatek et al., NSDI 2007 |
//! | `departure`, `patience` | time | never, none | 1/gamma and 1/theta of Qiu & Srikant, SIGCOMM 2004 |
//!
//! # What is simplified, and how that biases results
//!
//! - Under `[bandwidth.fair-share]` **small messages pass beside blocks**, and cost the links nothing:
//!   requests and haves are never late behind a block of the same connection, and the two to three percent
//!   that they take of a real link are not taken. Times come out that much too short.
//! - A block is handed to the network when it is asked for; a choke takes back what has not begun to leave, and
//!   so does a cancel. The block that is leaving goes on. With `detail = "piece"` that is a piece; a
//!   cancel stops it, and counts it as not sent.
//! - Who is choked expects the block it asked for first, which is leaving, and asks nobody else for it before
//!   another one comes on the connection, or `snub` is over (as with the rejects of BEP 6; a client of BEP 3
//!   alone gets some blocks twice).
//! - Neighbours get a `have` only if they lack the piece (as in later clients; BEP 3's client tells all).
//! - **The tracker is reached by datagrams, without the exchange of connection identifiers of BEP 15**, and
//!   knows nothing of those that crash: they stay on its list.
//! - A peer has unlimited memory and disk, blocks are never damaged, nothing is encrypted, no DHT, no exchange of
//!   peers, no super-seeding, no adaptive pipeline: over links of several MB/s and long ways `pipeline`
//!   holds a connection back to so many blocks a round trip.
//! - Rates are those of the last two turns of the choker, by whole blocks.
//! - A tyrant knows its uplink, holds its connections to its offers to the bit, and expects of a neighbour that
//!   does not send what the announced pieces tell, in as many parts as it has slots itself. What nobody
//!   is worth it keeps back: it is as selfish as the paper's most selfish client.
//! - A peer that goes is gone for good; a free rider goes when it has the file.
//!
//! # Metrics
//!
//! [`download::METRICS`](crate::protocols::download::METRICS) and [`METRICS`]; over time how many have
//! the file, and how many copies the rarest piece has ([`SERIES`]).
//!
//! # Published numbers it reproduces
//!
//! No swarm is faster than the bounds of Kurose & Ross and of Mundinger, Weber & Weiss; among equals with a server
//! as in the textbook's figure it is within a quarter of the first. The steady state of Qiu & Srikant (SIGCOMM
//! 2004): the time to the file does not depend on how many come. Neighbours have something for one another nearly
//! all the time (Legout et al., IMC 2006); slow peers take more than they give, and uplinks are busy with few
//! neighbours (Bharambe et al., INFOCOM 2006). One tyrant of 1 Mbit/s is faster by a third, and a swarm of tyrants
//! slower (Piatek et al., NSDI 2007); free riders who know everybody are faster than others while they are few
//! (Sirivianos et al., IPTPS 2007).
//!
//! Two do not come out as remembered, and why is not known: among 40 peers of three speeds the fast ones send to
//! their like 2.8 times as often as by chance, but all peers 1.5 times where Legout et al. have twice; and of a flash
//! crowd of 1000 an eighth of the uplinks is idle, where Bharambe et al. have hardly any. (Rows E6 and E5 of
//! `sim validate E --full`.)

pub mod bits;
pub mod choker;
mod config;
mod metrics;
mod neighbour;
mod node;
mod peer;
pub mod picker;
mod run;
mod tracker;
pub mod tyrant;
pub mod wire;

pub use config::{BitTorrent, Detail, FreeRiders, Seeding, Selection, Tyrants};
pub use metrics::{METRICS, SERIES};
pub use node::Node;
pub use peer::{Manner, Peer, Rules, Tally};
pub use tracker::Tracker;

use crate::protocols::download::Event;

#[cfg(test)]
mod tests;
