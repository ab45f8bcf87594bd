//! Ideal peer-to-peer: a file reaches everybody in the shortest time there is.
//!
//! # What it is
//!
//! References: the bound of Kurose & Ross, *Computer Networking*, "Peer-to-Peer File Distribution", and the
//! plan that reaches it, Kumar & Ross, "Peer-assisted file distribution: the minimum distribution time" (Hot Topics in Web Systems
//! 2006): the server sends every peer a part of its own, which that peer passes on to all others as it comes in;
//! what the peers' uplinks cannot carry the server sends to everybody itself. No protocol can be faster;
//! what BitTorrent lacks of it is the price of not having a plan.
//!
//! # Roles and messages
//!
//! `peers` want the file, all at once; the server has it (the class `seeds` of one, for
//! `[[bandwidth.*.group]]`). A chunk is as large as the part of the file in it: no headers.
//!
//! # Parameters
//!
//! | key | symbol | unit | default | source |
//! |---|---|---|---|---|
//! | `file` | F | bytes | 100 MB | own choice |
//! | `chunks` | | | 200 | own choice |
//!
//! # What is simplified, and how that biases results
//!
//! - **The plan knows all links before the run**: that is what makes it ideal, and what no deployed system
//!   has.
//! - A peer passes a chunk on when all of it has come: the last one is late by a chunk's time, 0.5 % with 200
//!   chunks.
//! - Everybody is connected to everybody, so at most 200 peers. With unequal uplinks the server, which sends to
//!   all at the same rate, is late with the larger parts; the times are then above the bound.
//!
//! # Metrics
//!
//! [`download::METRICS`].
//!
//! # Published numbers it reproduces
//!
//! The bound `max(F / u_s, F / d_min, N F / (u_s + sum u))`, to 1 % with equal peers.

use crate::engine::{Message, Setup};
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::download::plan::{Chunk, Node, Plan};
use crate::protocols::download::{self, Arrivals};
use crate::quantity::Bytes;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A file reaches everybody by a plan that nobody can better. `peers` is how many want it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct IdealP2p {
    /// How large the file is. Default: 100 MB.
    pub file: Bytes,
    /// In how many chunks each part of the file travels. Default: 200.
    #[schemars(range(min = 1, max = 10_000))]
    pub chunks: u32,
}

impl Default for IdealP2p {
    fn default() -> Self {
        Self {
            file: Bytes(100_000_000),
            chunks: 200,
        }
    }
}

impl IdealP2p {
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Chunk::KINDS;
    /// Everybody is connected to everybody: not more than so many.
    pub const MOST_PEERS: u32 = 200;

    /// Adds what is wrong, keyed relative to this table.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        if self.file.0 == 0 {
            problem(
                "file",
                "a file of no bytes",
                "there must be something to share",
            );
        }
        if !(1..=10_000).contains(&self.chunks) {
            problem("chunks", "out of range", "from 1 to 10000");
        } else if self.file.0 / u64::from(self.chunks) > 1 << 31 {
            problem("chunks", "a chunk is larger than 2 GiB", "more chunks");
        }
    }

    /// The plan: within the shortest time each peer passes on as much as its uplink carries.
    fn plan(&self, setup: &Setup) -> Plan {
        let peers = setup.population.classes()[0].count;
        let server = PeerId(peers);
        let access = setup.network.access().expect("settings ask for links");
        let up = |peer: u32| access.link(PeerId(peer)).up.0 as f64 / 8.0;
        let all: f64 = (0..peers).map(up).sum();
        let downs = (0..peers).map(|peer| access.link(PeerId(peer)).down.0 as f64 / 8.0);
        let slowest = downs.fold(f64::INFINITY, f64::min);
        let (file, count) = (self.file.0 as f64, f64::from(peers));
        let own = access.link(server).up.0 as f64 / 8.0;
        let time = (file / own)
            .max(file / slowest)
            .max(count * file / (own + all));
        let through_peers = (time * all / (count - 1.0).max(1.0)).min(file);
        let part = |peer| (through_peers * up(peer) / all).floor() as u64;
        Plan {
            server,
            file: self.file.0,
            passed_on: (0..peers).map(part).collect(),
            chunks: self.chunks.into(),
        }
    }

    /// Runs the scenario.
    ///
    /// # Panics
    /// If peers have no access links (scenarios are checked before).
    pub fn run(&self, setup: &Setup) -> Record {
        let plan = Arc::new(self.plan(setup));
        let spawn = |_| Node::new(Arc::clone(&plan));
        let arrivals = Arrivals::Within(Duration::ZERO);
        download::measure(setup, (self.file.0, &arrivals), spawn, |_, _| {}).0
    }
}
