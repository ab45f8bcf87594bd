//! Client-server: one server sends a file to everybody who wants it.
//!
//! # What it is
//!
//! Reference: Kurose & Ross, *Computer Networking*, "Peer-to-Peer File Distribution": what textbooks compare
//! peer-to-peer with. A client connects to the server, which sends it the file at once; all transfers share the
//! server's uplink.
//!
//! # Roles and messages
//!
//! `peers` want the file; the server has it (the class `seeds` of one, for `[[bandwidth.*.group]]`). A chunk
//! is as large as the part of the file in it: no headers.
//!
//! # Parameters
//!
//! | key | symbol | unit | default | source |
//! |---|---|---|---|---|
//! | `file` | F | bytes | 100 MB | own choice |
//! | `arrivals` | | | all at once | Kurose & Ross |
//!
//! # What is simplified, and how that biases results
//!
//! No request, no headers, no limit on connections, and a server whose disk is as fast as its uplink: as the
//! closed form has it. A real server is slower.
//!
//! # Metrics
//!
//! [`download::METRICS`].
//!
//! # Published numbers it reproduces
//!
//! The distribution time `max(N F / u_s, F / d_min)` of Kurose & Ross, to 0.5 %.

use crate::engine::{Message, Setup};
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::download::plan::{Chunk, Node, Plan};
use crate::protocols::download::{self, Arrivals};
use crate::quantity::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One server sends a file to everybody. `peers` is how many want it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ClientServer {
    /// How large the file is. Default: 100 MB.
    pub file: Bytes,
    /// When those come who want the file. Default: all at once.
    pub arrivals: Arrivals,
}

impl Default for ClientServer {
    fn default() -> Self {
        Self {
            file: Bytes(100_000_000),
            arrivals: Arrivals::default(),
        }
    }
}

/// A message holds at most so many bytes.
const LARGEST: u64 = 1 << 31;

impl ClientServer {
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Chunk::KINDS;

    /// Adds what is wrong, keyed relative to this table.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        if self.file.0 == 0 {
            let help = "there must be something to share";
            problems.push(("file".into(), "a file of no bytes".into(), help.into()));
        }
    }

    /// Runs the scenario.
    pub fn run(&self, setup: &Setup) -> Record {
        let server = PeerId(setup.population.classes()[0].count);
        let plan = Arc::new(Plan {
            server,
            file: self.file.0,
            passed_on: Vec::new(),
            chunks: self.file.0.div_ceil(LARGEST),
        });
        let spawn = |_| Node::new(Arc::clone(&plan));
        let what = (self.file.0, &self.arrivals);
        download::measure(setup, what, spawn, |_, _| {}).0
    }
}
