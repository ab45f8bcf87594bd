//! The keys of `[protocol.bittorrent]`.

use super::choker::Slots;
use super::picker::Cut;
use crate::protocols::download::{Arrivals, Departure};
use crate::quantity::{Bandwidth, Bytes, Share};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// BitTorrent: a file in pieces, which those who want it give one another. `peers` is how many want it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct BitTorrent {
    /// How large the file is. Default: 100 MB.
    pub file: Bytes,
    /// How large a piece is; the last one may be shorter. Default: 256 KiB (BEP 3: "most commonly").
    pub piece: Bytes,
    /// How large a block is, which is what a request asks for. Default: 16 KiB (BEP 3).
    pub block: Bytes,
    /// How much of a transfer is simulated. Default: `block`.
    pub detail: Detail,
    /// How many requests to one neighbour are under way at one time, in blocks. Default: 5 (Cohen 2003,
    /// section 2.3); 2 with `detail = "piece"`.
    #[schemars(range(min = 1, max = 250))]
    pub pipeline: Option<u8>,
    /// How many have the file from the start and stay: peers of the class `seeds`, beside `peers`.
    /// Default: 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub seeds: u32,
    /// When those come who want the file. Default: all at once.
    pub arrivals: Arrivals,
    /// When who has the file goes. Default: never.
    pub departure: Departure,
    /// Mean of the exponential time after which a peer goes without the file (Qiu & Srikant, SIGCOMM 2004:
    /// 1/theta). Default: nobody gives up.
    pub patience: Option<Duration>,
    /// Which piece is asked for first. Default: `rarest-first`.
    pub selection: Selection,
    /// How many pieces are picked at random before any rule. Default: 1 (Cohen 2003, section 2.4.3:
    /// "until the first complete piece is assembled").
    pub random_first: u32,
    /// How many interested neighbours a peer sends to at one time. Default: 4 (BEP 3).
    #[schemars(range(min = 1, max = 1000))]
    pub upload_slots: u32,
    /// Whether the optimistic unchoke is one of the slots, as in BEP 3, or comes beside them, as in many
    /// clients. Default: true.
    pub optimistic_inside: bool,
    /// To whom a peer sends that has the whole file. Default: `in-turns`.
    pub seeding: Seeding,
    /// How often a peer chooses anew whom to send to. Default: 10 s (BEP 3).
    pub rechoke: Duration,
    /// How often the optimistic unchoke moves on, to the next multiple of `rechoke`. Default: 30 s (BEP 3).
    pub optimistic: Duration,
    /// After how long without a block a neighbour that owes some gets nothing for its rate any more
    /// (anti-snubbing). Default: 1 min (Cohen 2003, section 3.2.4).
    pub snub: Duration,
    /// How many peers the tracker names at most. Default: 50 (BEP 3's `numwant`, and the tracker of
    /// Cohen's client).
    #[schemars(range(min = 1, max = 1000))]
    pub peer_list: u32,
    /// With fewer neighbours a peer asks the tracker for more, at most once a minute. Default: 20 (Cohen's
    /// client, `min_peers`).
    pub min_neighbours: u32,
    /// Up to how many neighbours a peer connects to others. Default: 40 (Cohen's client,
    /// `max_initiate`).
    pub initiate: u32,
    /// How many neighbours a peer has at most. Default: 80 (Cohen's client, `max_allow_in`).
    #[schemars(range(min = 1, max = 10_000))]
    pub max_neighbours: u32,
    /// How often a peer reports to the tracker. Default: 30 min (the tracker of Cohen's client).
    pub announce: Duration,
    /// Peers that take and do not give.
    pub free_riders: FreeRiders,
    /// Peers that give no more than they have to.
    pub tyrants: Tyrants,
}

/// How much of a transfer is simulated.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// Every block is a message, as on the wire.
    #[default]
    Block,
    /// Every piece is a message, for large swarms: some sixteen times fewer events. A piece comes from one
    /// neighbour, and a neighbour's rate is known by whole pieces only: for links on which a piece takes
    /// seconds, not minutes.
    Piece,
}

/// Which piece is asked for first.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// The one that fewest neighbours have, a random one of equals.
    #[default]
    RarestFirst,
    /// Any.
    Random,
    /// The first that is missing, as a player would.
    InOrder,
}

/// To whom a peer sends that has the whole file.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Seeding {
    /// To all in turns: to those it has begun to send to last; in two turns of `rechoke` out of three (of as many
    /// as `optimistic` has) another one comes in by chance (Legout, Urvoy-Keller & Michiardi, IMC 2006, section
    /// 2.3.2: Cohen's client since 4.0).
    #[default]
    InTurns,
    /// To those that take most, and to an optimistic one (BEP 3). Links shared by max-min fairness give many
    /// exactly the same: then those that have a slot keep it.
    Fastest,
}

/// Peers that take and do not give: they say that they have nothing, and unchoke nobody.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct FreeRiders {
    /// The share of `peers`, to the nearest peer. Default: none.
    pub share: Share,
    /// Whether they look for more neighbours all the time, to be unchoked optimistically by many: the
    /// large-view exploit (Sirivianos et al., IPTPS 2007). Default: false.
    pub large_view: bool,
    /// With `large_view`, how many neighbours they have at most. Default: 500.
    pub neighbours: u32,
}

/// Strategic clients: `BitTyrant` (Piatek et al., NSDI 2007, section 4). They give each neighbour the least that
/// it answers to, as far as they can tell, those first that give most for it. They need
/// `[bandwidth.fair-share]`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Tyrants {
    /// How many of `peers`, by chance among those that are not free riders. Default: none.
    pub count: u32,
    /// The class of links, by its name, that they are chosen from. Default: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    /// What a neighbour is offered at first; 20 % more after a turn of `rechoke` in vain, 10 % less after three
    /// that were answered. Default: 100 kbit/s (own choice; the paper: "just above the step" in the chance of
    /// an answer, which is a quarter of the uplink of most; with `file-sharing-2006` that is 96 kbit/s).
    pub offer: Bandwidth,
    /// How many neighbours they have at most; they look for more all the time. Default: as others do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neighbours: Option<u32>,
}

impl Default for Tyrants {
    fn default() -> Self {
        Self {
            count: 0,
            links: None,
            offer: Bandwidth(100_000),
            neighbours: None,
        }
    }
}

impl Default for FreeRiders {
    fn default() -> Self {
        Self {
            share: Share(0.0),
            large_view: false,
            neighbours: 500,
        }
    }
}

impl Default for BitTorrent {
    fn default() -> Self {
        Self {
            file: Bytes(100_000_000),
            piece: Bytes(256 << 10),
            block: Bytes(16 << 10),
            detail: Detail::Block,
            pipeline: None,
            seeds: 1,
            arrivals: Arrivals::default(),
            departure: Departure::default(),
            patience: None,
            selection: Selection::RarestFirst,
            random_first: 1,
            upload_slots: 4,
            optimistic_inside: true,
            seeding: Seeding::InTurns,
            rechoke: Duration::from_secs(10),
            optimistic: Duration::from_secs(30),
            snub: Duration::from_mins(1),
            peer_list: 50,
            min_neighbours: 20,
            initiate: 40,
            max_neighbours: 80,
            announce: Duration::from_mins(30),
            free_riders: FreeRiders::default(),
            tyrants: Tyrants::default(),
        }
    }
}

/// Pieces are numbered in 32 bits, and copies counted in 16; blocks of a piece are bits of a word.
const MOST_PIECES: u64 = 1 << 20;
const MOST_BLOCKS: u64 = 64;

impl BitTorrent {
    /// How the file is cut: in blocks as large as pieces where these are all that is simulated.
    pub fn cut(&self) -> Cut {
        let block = match self.detail {
            Detail::Block => self.block,
            Detail::Piece => self.piece,
        };
        Cut {
            file: self.file.0,
            piece: self.piece.0 as u32,
            block: block.0 as u32,
        }
    }

    /// How many requests to one neighbour are under way.
    pub fn requests(&self) -> usize {
        let default = match self.detail {
            Detail::Block => 5,
            Detail::Piece => 2,
        };
        usize::from(self.pipeline.unwrap_or(default))
    }

    /// What the choker has to give.
    pub fn slots(&self) -> Slots {
        Slots {
            upload: self.upload_slots as usize,
            inside: self.optimistic_inside,
        }
    }

    /// Adds what is wrong across fields, keyed relative to this table.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        let (file, piece, block) = (self.file.0, self.piece.0, self.block.0);
        if file == 0 {
            problem(
                "file",
                "a file of no bytes",
                "there must be something to share",
            );
        } else if piece > file {
            let help = format!("at most the file: {} B", self.file.0);
            problem("piece", "a piece is larger than the file", &help);
        }
        if piece == 0 || piece > 1 << 30 {
            problem(
                "piece",
                "out of range",
                "such as \"256 KiB\", at most 1 GiB",
            );
        } else if file.div_ceil(piece) > MOST_PIECES {
            let message = format!("{} pieces are more than a million", file.div_ceil(piece));
            problem("piece", &message, "larger pieces");
        }
        if block == 0 || block > piece {
            problem("block", "not within a piece", "such as \"16 KiB\"");
        } else if block <= 1500 && self.detail == Detail::Block {
            let help = "above 1500 B, which is bulk";
            problem("block", "as small as a message", help);
        } else if piece.div_ceil(block) > MOST_BLOCKS {
            let message = format!("{} blocks in a piece", piece.div_ceil(block));
            problem(
                "block",
                &message,
                "at most 64: larger blocks or smaller pieces",
            );
        }
        if self.seeds == 0 {
            problem(
                "seeds",
                "nobody has the file, so nobody will ever have it",
                "at least 1",
            );
        }
        for (key, value) in [
            ("pipeline", u32::from(self.pipeline.unwrap_or(1))),
            ("upload_slots", self.upload_slots),
            ("peer_list", self.peer_list),
            ("initiate", self.initiate),
            ("max_neighbours", self.max_neighbours),
            ("free_riders.neighbours", self.free_riders.neighbours),
            ("tyrants.neighbours", self.tyrants.neighbours.unwrap_or(1)),
        ] {
            if value == 0 || value > 10_000 {
                problem(key, "out of range", "from 1 to 10000");
            }
        }
        for (key, span) in [
            ("rechoke", Some(self.rechoke)),
            ("optimistic", Some(self.optimistic)),
            ("snub", Some(self.snub)),
            ("announce", Some(self.announce)),
            ("patience", self.patience),
        ] {
            if span.is_some_and(Duration::is_zero) {
                problem(key, "no time at all", "such as \"30 s\"");
            }
        }
        if self.tyrants.offer == Bandwidth(0) {
            problem("tyrants.offer", "a rate of zero", "such as \"100 kbit/s\"");
        }
        if let Arrivals::Poisson(poisson) = &self.arrivals
            && poisson.rate.mean_interval() == Duration::MAX
        {
            problem(
                "arrivals.poisson.rate",
                "nobody ever comes",
                "such as \"1 /s\"",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let config: BitTorrent = toml::from_str(text).expect("the shape is right");
        let mut problems = Vec::new();
        config.validate(&mut problems);
        problems.into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn says_what_is_wrong_all_at_once() {
        assert_eq!(problems(""), Vec::<String>::new());
        assert_eq!(problems("file = \"0 B\"\nseeds = 0"), ["file", "seeds"]);
        assert_eq!(problems("file = \"100 kB\""), ["piece"]);
        assert_eq!(
            problems("piece = \"4 MiB\"\nrechoke = \"0 s\""),
            ["block", "rechoke"]
        );
        assert_eq!(
            problems("arrivals.poisson.rate = \"0 /s\""),
            ["arrivals.poisson.rate"]
        );
        assert_eq!(
            problems("tyrants = { neighbours = 0, offer = \"0 kbit/s\" }"),
            ["tyrants.neighbours", "tyrants.offer"]
        );
    }

    #[test]
    fn pieces_are_blocks_where_blocks_are_not_simulated() {
        let config: BitTorrent = toml::from_str("detail = \"piece\"").expect("valid");
        assert_eq!(config.cut().block, 256 << 10);
        assert_eq!(
            (config.requests(), BitTorrent::default().requests()),
            (2, 5)
        );
    }
}
