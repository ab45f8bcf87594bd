//! Insiders of a hash table: peers of the attacker that join like all others and then drop, misroute or
//! lie, spread over all identifiers or placed around a key (Sybil and routing attacks).
//!
//! **References.** Douceur, "The Sybil Attack", IPTPS 2002; Sit & Morris, "Security Considerations for
//! Peer-to-Peer Distributed Hash Tables", IPTPS 2002 (wrong routing, wrong answers, storage and retrieval);
//! Castro, Druschel, Ganesh, Rowstron & Wallach, "Secure routing for structured peer-to-peer overlay
//! networks", OSDI 2002; Steiner, En-Najjary & Biersack, "Exploiting KAD", CCR 37(5) 2007 (identities
//! around a key).
//!
//! **What the attacker may do.** It has [`Sybil::ids`] peers, each with an address and an identifier of
//! its own. Identifiers are hashes: to place some near a key it has to make many and keep the nearest,
//! [`Key::hashes`] of them, and fewer if they are puzzles (S/Kademlia). The peers come into tables as
//! everybody does, by joining, or have long been there ([`Entry`]). From [`Sybil::start`] on, one after
//! the other over [`Sybil::ramp`], they answer as [`Sybil::routing`] and [`Sybil::values`] say. Who is on
//! their side is a plan from before the run; what else they know they have heard.
//!
//! **What it cannot do.** It forges no address, breaks no connection, reads nobody's table, and answers
//! only what it is asked. To everything but questions for keys and values it does what an honest peer
//! does: it answers pings, stabilizes, refreshes.
//!
//! **How it is written.** Against [`Overlay`], which a hash table implements in a few lines: which messages
//! are questions, how an answer is put, how many contacts an answer names. What counts as eclipsed is the
//! table's own number of closest peers ([`dht::Plan::wanted`](crate::protocols::dht::Plan)).
//!
//! **What counts.** A lookup is *won* if it comes to the closest honest peer, or fetches the value from an
//! honest one; *intercepted* if it ends at the attacker; its key is *eclipsed* if all of the closest it has
//! found are the attacker's. How much of tables the attacker holds is asked as for every overlay
//! ([`surrounded`](crate::adversary::surrounded)). What it costs stands beside: identities, hashes, bytes.
//!
//! **Simplified, and what that does to results**
//!
//! - Peers of the attacker do not churn. In a network that does they grow old, which tables favour: the
//!   attack is stronger than one from rented machines that come and go.
//! - All messages for keys are treated alike, whoever they come from and whatever for: lookups of peers
//!   that refresh or join are answered falsely, too. An attacker that spares them is seen less.
//! - Nobody checks an answer: no peer blames who has named somebody that did not answer.
//! - The distances of identities placed around a key are those of the nearest of so many uniform hashes, in
//!   the limit of many (a Poisson process).
//! - The metrics of hash tables ([`dht`](crate::protocols::dht)) count the attacker's peers as peers; a
//!   lookup that ends well in the eyes of its peer may have been won by the attacker.

mod chord;
mod config;
mod kademlia;
mod metrics;
mod overlay;
mod peer;
mod plot;
mod run;
mod spy;

pub use config::{Entry, Key, Place, Routing, Sybil, Values};
pub use metrics::{METRICS, SERIES};
pub use overlay::{Answer, Ask, Overlay, Table};
pub use peer::{Spent, Suspect};
pub use plot::Plot;
pub use run::{Cast, Target, prepare, run};

#[cfg(test)]
mod tests;
