//! The keys of `[protocol.kademlia]`.

use super::preset::{Full, Parameters, Preset, SubnetLimits};
use super::wire::Wire;
use crate::engine::Message;
use crate::protocols::dht::{self, Id};
use crate::quantity::Bytes;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kademlia: a hash table by exclusive or.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Kademlia {
    /// Whose parameters hold where nothing else is said; `kademlia-2002`, `mainline`, `ipfs` and `discv4`
    /// is the order in which the other keys give their defaults. Default: those of the paper.
    pub preset: Preset,
    /// The paper's k: contacts in a bucket, contacts in an answer, copies of a value. Default: the
    /// preset's (20, 8, 20, 16).
    #[schemars(range(min = 1, max = 255))]
    pub k: Option<u16>,
    /// The paper's alpha: requests under way at a time in a lookup, or on each of its `paths`.
    /// Default: the preset's (3, 3, 10, 3).
    #[schemars(range(min = 1, max = 255))]
    pub alpha: Option<u16>,
    /// How many of the closest have to answer before a lookup ends, or goes into its last round (the
    /// resiliency of libp2p).
    /// Default: k, but 3 with the preset `ipfs`.
    #[schemars(range(min = 1, max = 255))]
    pub beta: Option<u16>,
    /// Whether all of the k closest are asked at once when alpha answers in a row name nobody closer
    /// (section 2.3), or, with a beta below k, when beta have answered (libp2p's follow-up).
    /// Default: true.
    pub final_round: bool,
    /// Contacts in the replacement cache of each bucket (section 4.1); 0 for none. Default: the
    /// preset's (20, 0, 0, 10).
    #[schemars(range(min = 0, max = 255))]
    pub replacements: Option<u16>,
    /// After how many unanswered requests in a row a contact is stale (section 4.1). Default: the
    /// preset's (5, 2, 1, 1).
    #[schemars(range(min = 1, max = 100))]
    pub failures: Option<u8>,
    /// Whether a stale contact keeps its place until somebody is there to take it, and is named to
    /// nobody meanwhile (section 4.1). Default: the preset's (true, false, false, false).
    pub keep_stale: Option<bool>,
    /// What becomes of a newcomer whose bucket is full. Default: the preset's (`wait`, `ping`,
    /// `wait`, `wait`).
    pub full_bucket: Option<Full>,
    /// How long nobody doubts a contact that was seen: it is not pinged for a newcomer or to see
    /// whether it is there. Default: the preset's (0 s, 15 min, 10 min, 0 s).
    pub good_for: Option<Duration>,
    /// Mean time between two checks of the least recently seen contact of a random bucket; 0 for
    /// none. Default: the preset's (0 s, 0 s, 3 s, 5 s).
    pub revalidate: Option<Duration>,
    /// After how long without a lookup in its range a bucket is refreshed by one (section 2.3); 0 for
    /// never. Default: the preset's (1 h, 15 min, 10 min, 30 min).
    pub refresh: Option<Duration>,
    /// How long to wait for an answer. Default: the preset's (2 s, 2 s, 5 s, 500 ms).
    pub timeout: Option<Duration>,
    /// How long a value is held after its publisher has stored it. Default: the preset's (24 h, 24 h,
    /// 48 h, 24 h).
    pub expire: Option<Duration>,
    /// How often the publisher of a value stores it again; 0 for never. Default: the preset's (24 h,
    /// 24 h, 22 h, 24 h).
    pub republish: Option<Duration>,
    /// How often those who hold a value pass it on to the k closest, unless somebody else has just
    /// done so (section 2.5); 0 for never. Default: the preset's (1 h, 0 s, 0 s, 0 s).
    pub replicate: Option<Duration>,
    /// Limits on contacts whose addresses are in one /24. Default: the preset's (2 a bucket and 10 a
    /// table with `discv4`, else none).
    pub subnet_limits: Option<SubnetLimits>,
    /// Over how many /24 the honest peers are spread, evenly by chance. Default: 1 000 000 (our own
    /// choice), so that two rarely share one.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub subnets: u32,
    /// S/Kademlia: disjoint paths, sibling list, costly identifiers. Default: none of it.
    pub s_kademlia: Option<SKademlia>,
    /// Whether tables are filled at the start as those of a network that has long stood, or everybody
    /// joins during the bootstrap phase. Default: converged.
    pub start: Start,
    /// How many others a peer knows when it first comes up without a table: a list that came with the
    /// program, of peers that were there before. Default: 8 (our own choice).
    #[schemars(range(min = 1, max = 255))]
    pub bootstrap: u8,
    /// Bytes of a value. Default: 100 B (our own choice).
    pub value: Bytes,
    /// Length of identifiers in bits, from 8 to the 64 of our hash; on the wire they count as many bytes
    /// as the preset's format has. Default: 64.
    pub bits: u8,
    /// What is asked of the peers.
    pub lookups: dht::Lookups,
}

/// S/Kademlia (Baumgart & Mies, ICPADS 2007).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct SKademlia {
    /// The paper's d: how many paths a lookup takes that share no peer. Default: 4 (the paper studies
    /// 1 to 8).
    #[schemars(range(min = 1, max = 20))]
    pub paths: u8,
    /// How many of the closest others a peer keeps beside its buckets, 5 s for the paper's s siblings;
    /// 0 for none. Default: 80, for its s of 16.
    #[schemars(range(min = 0, max = 255))]
    pub siblings: u8,
    /// The paper's c1: leading bits that a hash of the public key has to have zero (static crypto
    /// puzzle). Costs nothing here but attackers: 2^c1 hashes on average for each identifier.
    /// Default: 16 (our own choice).
    #[schemars(range(min = 0, max = 63))]
    pub puzzle: u8,
}

/// What the peers that are up at the start of a run know.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Tables as a network of these peers would have filled them: all who are up of a range with no
    /// more than k, else k of them at random.
    #[default]
    Converged,
    /// Nothing but `bootstrap` others: everybody joins at a random time of the bootstrap phase.
    Join,
}

impl Default for Kademlia {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            k: None,
            alpha: None,
            beta: None,
            final_round: true,
            replacements: None,
            failures: None,
            keep_stale: None,
            full_bucket: None,
            good_for: None,
            revalidate: None,
            refresh: None,
            timeout: None,
            expire: None,
            republish: None,
            replicate: None,
            subnet_limits: None,
            subnets: 1_000_000,
            s_kademlia: None,
            start: Start::default(),
            bootstrap: 8,
            value: Bytes(100),
            bits: Id::MOST_BITS,
            lookups: dht::Lookups::default(),
        }
    }
}

impl Default for SKademlia {
    fn default() -> Self {
        Self {
            paths: 4,
            siblings: 80,
            puzzle: 16,
        }
    }
}

/// The largest value: what fits into a UDP datagram over IPv4 (65 507 B) beside the header.
const LARGEST_VALUE: u64 = 65_000;

impl Kademlia {
    /// The family's name in scenario files.
    pub const NAME: &'static str = "kademlia";
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Wire::KINDS;

    /// The preset's parameters with what is said otherwise.
    pub fn parameters(&self) -> Parameters {
        let preset = self.preset.parameters();
        let k = self.k.unwrap_or(preset.k);
        let all_k = preset.beta == preset.k;
        let beta = if all_k { k } else { preset.beta.min(k) };
        Parameters {
            k,
            alpha: self.alpha.unwrap_or(preset.alpha),
            beta: self.beta.unwrap_or(beta),
            buckets: preset.buckets.min(self.bits),
            replacements: self.replacements.unwrap_or(preset.replacements),
            failures: self.failures.unwrap_or(preset.failures),
            keep_stale: self.keep_stale.unwrap_or(preset.keep_stale),
            full_bucket: self.full_bucket.unwrap_or(preset.full_bucket),
            good_for: self.good_for.unwrap_or(preset.good_for),
            revalidate: self.revalidate.unwrap_or(preset.revalidate),
            refresh: self.refresh.unwrap_or(preset.refresh),
            timeout: self.timeout.unwrap_or(preset.timeout),
            expire: self.expire.unwrap_or(preset.expire),
            republish: self.republish.unwrap_or(preset.republish),
            replicate: self.replicate.unwrap_or(preset.replicate),
            endpoint_proof: preset.endpoint_proof,
            subnets: self.subnet_limits.or(preset.subnets),
            framing: preset.framing,
        }
    }

    /// About how many bytes the contacts of a peer take among so many.
    pub fn bytes_per_peer(&self, peers: u64) -> u64 {
        let given = self.parameters();
        let (k, marks) = (u64::from(given.k), given.marks());
        // Buckets that are full, and those near the own identifier, which hold about k together.
        let full = u64::from((peers / k.max(1)).checked_ilog2().unwrap_or(0));
        let contacts = (full + 2) * k * if marks { 8 } else { 4 };
        let replacements = full * u64::from(given.replacements) * 4;
        let siblings = self.s_kademlia.map_or(0, |s| u64::from(s.siblings) * 4);
        contacts + replacements + siblings
    }

    /// Adds what is wrong across fields: key relative to `[protocol.kademlia]`, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let given = self.parameters();
        let mut problem = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        if self.bits > Id::MOST_BITS {
            let message = format!("ids longer than the {} bits of our hash", Id::MOST_BITS);
            let help = "at most 64, in which 160-bit ids differ just as well";
            problem("bits", message, help);
        } else if self.bits < 8 {
            problem("bits", "so few ids".to_owned(), "from 8 to 64");
        }
        if given.alpha > given.k {
            let message = format!("more requests at a time than the k = {} closest", given.k);
            let key = if self.alpha.is_some() { "alpha" } else { "k" };
            problem(key, message, "alpha is at most k");
        }
        if given.beta > given.k {
            let message = format!("more answers than the k = {} closest can give", given.k);
            let key = if self.beta.is_some() { "beta" } else { "k" };
            problem(key, message, "beta is at most k");
        }
        if let Some(s) = &self.s_kademlia
            && u16::from(s.paths) > given.k
        {
            let message = format!("more paths than the k = {} contacts to start from", given.k);
            problem("s_kademlia.paths", message, "at most k");
        }
        if given.timeout.is_zero() {
            let help = "more than a round trip";
            problem("timeout", "no time to answer".to_owned(), help);
        }
        if given.expire.is_zero() {
            problem(
                "expire",
                "values are gone at once".to_owned(),
                "such as \"24 h\"",
            );
        }
        if self.value.0 > LARGEST_VALUE {
            let help = "at most 65000 B";
            problem("value", "does not fit into a datagram".to_owned(), help);
        }
        let mut own = Vec::new();
        self.lookups.validate(&mut own);
        let own = own.into_iter();
        problems.extend(own.map(|(key, message, help)| (format!("lookups.{key}"), message, help)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Kademlia {
        toml::from_str(text).expect("the shape is right")
    }
    fn problems(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        read(text).validate(&mut problems);
        problems.into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn what_is_said_goes_before_the_preset() {
        let mainline = read("preset = \"mainline\"\nrefresh = \"1 h\"").parameters();
        assert_eq!((mainline.k, mainline.beta), (8, 8));
        assert_eq!(mainline.refresh, Duration::from_hours(1));
        assert_eq!(mainline.good_for, Duration::from_mins(15));
        let short = read("bits = 12\nk = 5").parameters();
        assert_eq!((short.k, short.beta, short.buckets), (5, 5, 12));
        let ipfs = read("preset = \"ipfs\"\nk = 40").parameters();
        assert_eq!((ipfs.beta, ipfs.alpha), (3, 10));
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [
            "",
            "preset = \"discv4\"\nsubnet_limits = { bucket = 1, table = 3 }",
            "s_kademlia = { paths = 8 }\nstart = \"join\"\nfull_bucket = \"ping\"",
        ] {
            let kademlia = read(text);
            let written = toml::to_string(&kademlia).unwrap();
            assert_eq!(read(&written), kademlia, "{written}");
        }
    }

    #[test]
    fn says_what_is_wrong_all_at_once() {
        assert_eq!(problems(""), Vec::<String>::new());
        let text = r#"
            bits = 65
            k = 2
            beta = 3
            s_kademlia.paths = 3
            timeout = "0 s"
            expire = "0 s"
            value = "1 MB"
            lookups.keys.zipf = {}
        "#;
        let expected = [
            "bits",
            "k",
            "beta",
            "s_kademlia.paths",
            "timeout",
            "expire",
            "value",
            "lookups.keys.zipf",
        ];
        assert_eq!(problems(text), expected);
        assert_eq!(problems("alpha = 21"), ["alpha"]);
    }
}
