//! Who can be reached: network address translators and firewalls, as data. What each has let out is
//! the engine's ([`Holes`]).
//!
//! A peer behind a translator gets through to anybody who is open, and gets the answers. Others get
//! through to it only while the translator remembers that the peer sent something out, and how much of
//! the sender has to match is what tells the kinds apart (RFC 4787, sections 4 and 5; the older names
//! are those of RFC 3489). Two peers that both send to one another at about the same time open both
//! sides: that is hole punching, and it works for the pairs for which Ford, Srisuresh & Kegel,
//! "Peer-to-Peer Communication Across Network Address Translators", USENIX ATC 2005, say so: for all
//! but symmetric with symmetric and symmetric with port-restricted. A protocol that wants it lets a
//! third peer tell both sides when to send.
//!
//! Several peers may be behind one translator: they reach one another directly, and whom one has sent
//! to may answer all where only addresses count.
//!
//! Simplified: a peer's kind of gate is fixed for the run (its address may change, see
//! [`Addressing`](crate::churn::Addressing)); what is on the way is judged when it
//! arrives; an open connection keeps its hole. There is no carrier-grade translator behind a
//! translator, and no hairpin through one's own. Peers behind one translator are of one place, but
//! their messages take as long as any within that place.

use crate::input::BuildError;
use crate::network::config::{Problem, problem};
use crate::network::dealt::dealt;
use crate::peer::{PeerId, Population};
use crate::quantity::Share;
use crate::random::{Purpose, Streams};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[reachability]`: the shares of peers, to the nearest peer, that not everybody can reach; who is
/// random, class by class of peers. The rest is open. Left out: everybody is.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ReachConfig {
    /// Behind a translator that lets everybody in while it remembers anything ("full cone":
    /// endpoint-independent filtering).
    #[serde(default = "nobody")]
    pub full_cone: Share,
    /// Behind a translator that lets in whom the peer has sent to ("restricted cone":
    /// address-dependent filtering).
    #[serde(default = "nobody")]
    pub restricted: Share,
    /// Behind one that also wants the same port ("port-restricted cone": address and port-dependent
    /// filtering), as most at home.
    #[serde(default = "nobody")]
    pub port_restricted: Share,
    /// Behind one that shows another port to everybody it sends to ("symmetric": address and
    /// port-dependent mapping), as most of mobile networks.
    #[serde(default = "nobody")]
    pub symmetric: Share,
    /// Behind a firewall that lets in answers, by address and port, and never a new connection.
    #[serde(default = "nobody")]
    pub outbound_only: Share,
    /// How many peers are behind one translator, of the same place and kind; the last may have fewer.
    /// Default 1.
    #[schemars(range(min = 1, max = 65_536))]
    #[serde(default = "one")]
    pub behind_one: u32,
    /// How long a translator remembers what was sent out. Default 2 min (RFC 4787, REQ-5: not less).
    #[serde(default = "two_minutes")]
    pub memory: Duration,
}

fn nobody() -> Share {
    Share(0.0)
}
fn one() -> u32 {
    1
}
fn two_minutes() -> Duration {
    Duration::from_mins(2)
}

impl Default for ReachConfig {
    fn default() -> Self {
        Self {
            full_cone: nobody(),
            restricted: nobody(),
            port_restricted: nobody(),
            symmetric: nobody(),
            outbound_only: nobody(),
            behind_one: one(),
            memory: two_minutes(),
        }
    }
}

/// What stands before a peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Nothing.
    Open,
    /// See [`ReachConfig::full_cone`].
    FullCone,
    /// See [`ReachConfig::restricted`].
    Restricted,
    /// See [`ReachConfig::port_restricted`].
    PortRestricted,
    /// See [`ReachConfig::symmetric`].
    Symmetric,
    /// See [`ReachConfig::outbound_only`].
    OutboundOnly,
}

/// What the gates of all peers are.
#[derive(Clone, Debug)]
pub struct Reach {
    gates: Vec<Gate>,
    /// The first peer behind the same translator; empty if everybody has one of their own.
    first: Vec<PeerId>,
    memory: Duration,
}

/// What a gate has let out and remembers: when last, and when to whom. The list grows with the peers
/// or addresses one sends to within the memory of the gate, 16 bytes each; a full cone has none.
#[derive(Clone, Default, Debug)]
pub struct Holes {
    /// When anything was let out last, and a nanosecond; zero if nothing was.
    last: u64,
    /// By peer, or by address where only that counts.
    to: Vec<(PeerId, u64)>,
}

impl Holes {
    /// Reads its line ahead of its use.
    #[inline]
    pub fn touch(&self) -> u32 {
        self.last as u32
    }

    /// Reads the lines of its list ahead of their use, if they are few.
    #[inline]
    pub fn touch_list(&self) -> u32 {
        const FEW: usize = 16;
        const PER_LINE: usize = 4;
        let few = self.to.len().min(FEW);
        let lines = self.to[..few].iter().step_by(PER_LINE);
        lines.fold(0, |seen, (whom, _)| seen ^ whom.0)
    }
}

impl ReachConfig {
    fn shares(&self) -> [(Gate, &'static str, Share); 5] {
        [
            (Gate::FullCone, "full_cone", self.full_cone),
            (Gate::Restricted, "restricted", self.restricted),
            (
                Gate::PortRestricted,
                "port_restricted",
                self.port_restricted,
            ),
            (Gate::Symmetric, "symmetric", self.symmetric),
            (Gate::OutboundOnly, "outbound_only", self.outbound_only),
        ]
    }

    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        let sum: f64 = self.shares().iter().map(|(_, _, share)| share.0).sum();
        if sum > 1.0 + 1e-9 {
            let message = format!("the shares sum to {}", Share(sum));
            problem(problems, "", &message, "at most 100 %; the rest is open");
        }
        if self.memory.is_zero() {
            let help = "such as \"2 min\"";
            problem(
                problems,
                "memory",
                "a gate without memory lets nothing in",
                help,
            );
        }
    }

    /// A few words for results.
    pub fn about(&self) -> String {
        let behind = self
            .shares()
            .into_iter()
            .filter(|(_, _, share)| share.0 > 0.0);
        let behind = behind.map(|(_, name, share)| format!("{share} {}", name.replace('_', "-")));
        let behind: Vec<String> = behind.collect();
        if behind.is_empty() {
            return "everybody can be reached".to_owned();
        }
        format!("behind gates: {}", behind.join(", "))
    }
}

impl Reach {
    /// Who is behind what, drawn from [`Purpose::Places`] class by class.
    ///
    /// # Errors
    /// If the shares are more than all.
    pub(super) fn build(
        config: &ReachConfig,
        population: &Population,
        streams: &Streams,
        place: impl Fn(PeerId) -> Option<usize>,
    ) -> Result<Self, BuildError> {
        let mut problems = Vec::new();
        config.validate(&mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("reachability.{key}");
            let key = key.trim_end_matches('.');
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let shares = config.shares();
        let gate = |kind: u8| shares.get(usize::from(kind)).map_or(Gate::Open, |of| of.0);
        let gates = dealt(&shares.map(|(_, _, share)| share.0), population, |number| {
            streams.chacha(Purpose::Places, 2 << 40 | number as u64)
        });
        let kinds = if config.behind_one > 1 {
            gates.as_slice()
        } else {
            &[]
        };
        let mut first = Vec::with_capacity(kinds.len());
        let mut last: BTreeMap<_, (PeerId, u32)> = BTreeMap::new();
        for ((peer, class, _), &kind) in population.iter().zip(kinds) {
            let open = gate(kind) == Gate::Open;
            let found = last.entry((class, kind, place(peer))).or_insert((peer, 0));
            if open || found.1 == config.behind_one {
                *found = (peer, 0);
            }
            found.1 += 1;
            first.push(found.0);
        }
        let gates = gates.iter().map(|&kind| gate(kind)).collect();
        Ok(Self {
            gates,
            first,
            memory: config.memory,
        })
    }

    /// Whether everybody can connect to a peer.
    pub fn is_open(&self, peer: PeerId) -> bool {
        self.gate(peer) == Gate::Open
    }

    /// What stands before a peer.
    #[inline]
    pub fn gate(&self, peer: PeerId) -> Gate {
        self.gates.get(peer.index()).copied().unwrap_or(Gate::Open)
    }

    /// The first of the peers that share an address with this one: the peer itself if it has one of
    /// its own.
    #[inline]
    pub fn address(&self, peer: PeerId) -> PeerId {
        self.first.get(peer.index()).copied().unwrap_or(peer)
    }

    /// `me` sends something out to `to`.
    #[inline]
    pub fn let_out(&self, holes: &mut Holes, me: PeerId, to: PeerId, now: u64) {
        let gate = self.gate(me);
        if gate == Gate::Open {
            return;
        }
        holes.last = now + 1;
        if gate == Gate::FullCone {
            return;
        }
        let whom = self.whom(gate, to);
        match holes.to.binary_search_by_key(&whom, |&(whom, _)| whom) {
            Ok(at) => holes.to[at].1 = now,
            Err(mut at) => {
                if holes.to.len() == holes.to.capacity() {
                    // Before it grows, what is forgotten goes.
                    let memory = self.memory.as_nanos();
                    holes.to.retain(|&(_, last)| now - last <= memory);
                    at = holes.to.partition_point(|&(other, _)| other < whom);
                }
                holes.to.insert(at, (whom, now));
            }
        }
    }

    /// What a gate remembers of somebody.
    #[inline]
    fn whom(&self, gate: Gate, peer: PeerId) -> PeerId {
        if gate == Gate::Restricted {
            self.address(peer)
        } else {
            peer
        }
    }

    /// Whether the gate of `me` lets in what `from` has sent; a new connection, or a datagram.
    #[inline]
    pub fn lets_in(&self, holes: &Holes, me: PeerId, from: PeerId, now: u64, new: bool) -> bool {
        let gate = self.gate(me);
        if gate == Gate::Open || self.address(me) == self.address(from) {
            return true;
        }
        let memory = self.memory.as_nanos();
        let hole = || {
            let whom = self.whom(gate, from);
            let found = holes.to.binary_search_by_key(&whom, |&(whom, _)| whom);
            found.is_ok_and(|at| now - holes.to[at].1 <= memory)
        };
        match gate {
            Gate::Open => true,
            Gate::FullCone => holes.last > 0 && now < holes.last + memory,
            Gate::Restricted => hole(),
            // The other side's symmetric gate shows a port that nobody has sent to.
            Gate::PortRestricted => self.gate(from) != Gate::Symmetric && hole(),
            // The other side sends to a port that this gate shows to somebody else, unless its own
            // gate has let this side's packet in, which told it the port.
            Gate::Symmetric => {
                let strict = [Gate::PortRestricted, Gate::Symmetric, Gate::OutboundOnly];
                !strict.contains(&self.gate(from)) && hole()
            }
            Gate::OutboundOnly => !new && self.gate(from) != Gate::Symmetric && hole(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATES: [Gate; 6] = [
        Gate::Open,
        Gate::FullCone,
        Gate::Restricted,
        Gate::PortRestricted,
        Gate::Symmetric,
        Gate::OutboundOnly,
    ];

    fn reach(gates: &[Gate]) -> Reach {
        Reach {
            gates: gates.to_vec(),
            first: Vec::new(),
            memory: Duration::from_secs(120),
        }
    }

    /// Whether B gets through to A after A has sent to B just now.
    fn after_a_punch(a: Gate, b: Gate) -> bool {
        let reach = reach(&[a, b]);
        let mut holes = Holes::default();
        reach.let_out(&mut holes, PeerId(0), PeerId(1), 5);
        reach.lets_in(&holes, PeerId(0), PeerId(1), 10, true)
    }

    /// The table of pairs: a hole is punched if one of the two first packets comes through.
    #[test]
    fn holes_are_punched_for_the_pairs_that_the_literature_names() {
        let translators = &GATES[1..5];
        for &a in translators {
            for &b in translators {
                let punched = after_a_punch(a, b) || after_a_punch(b, a);
                let hopeless = matches!(
                    (a, b),
                    (Gate::Symmetric, Gate::Symmetric | Gate::PortRestricted)
                        | (Gate::PortRestricted, Gate::Symmetric)
                );
                assert_eq!(punched, !hopeless, "{a:?} with {b:?}");
            }
        }
    }

    #[test]
    fn without_a_hole_only_the_open_are_reached() {
        for gate in GATES {
            let reach = reach(&[gate, Gate::Open]);
            let lets_in = reach.lets_in(&Holes::default(), PeerId(0), PeerId(1), 10, true);
            assert_eq!(lets_in, gate == Gate::Open, "{gate:?}");
        }
    }

    #[test]
    fn answers_come_in_while_they_are_remembered() {
        for gate in GATES {
            let reach = reach(&[gate, Gate::Open]);
            let mut holes = Holes::default();
            reach.let_out(&mut holes, PeerId(0), PeerId(1), 0);
            let minute = 60_000_000_000;
            assert!(reach.lets_in(&holes, PeerId(0), PeerId(1), minute, false));
            let late = reach.lets_in(&holes, PeerId(0), PeerId(1), 3 * minute, false);
            assert_eq!(late, gate == Gate::Open, "{gate:?}");
        }
    }

    #[test]
    fn shares_are_exact() {
        let config = ReachConfig {
            full_cone: Share(0.1),
            restricted: nobody(),
            port_restricted: Share(0.5),
            symmetric: Share(0.15),
            outbound_only: Share(0.05),
            ..ReachConfig::default()
        };
        let population = Population::uniform(1000);
        let reach = Reach::build(&config, &population, &Streams::new(1), |_| None).expect("valid");
        let count = |gate| reach.gates.iter().filter(|&&other| other == gate).count();
        assert_eq!(GATES.map(count), [200, 100, 0, 500, 150, 50]);
    }

    #[test]
    fn peers_behind_one_translator_share_an_address_and_a_place() {
        let config = ReachConfig {
            restricted: Share(0.6),
            behind_one: 4,
            ..ReachConfig::default()
        };
        let population = Population::uniform(1000);
        let place = |peer: PeerId| Some(peer.index() % 3);
        let reach = Reach::build(&config, &population, &Streams::new(1), place).expect("valid");
        let mut sizes = BTreeMap::new();
        for peer in (0..1000).map(PeerId) {
            let first = reach.address(peer);
            *sizes.entry(first).or_insert(0) += 1;
            assert_eq!(place(peer), place(first));
            assert_eq!(reach.gate(peer), reach.gate(first));
        }
        let count = |size| sizes.values().filter(|&&of| of == size).count();
        // 600 in fours but for the last of each of three places; the open ones alone.
        assert!(count(4) >= 147, "{sizes:?}");
        assert!(count(1) >= 400 && count(1) <= 403, "{sizes:?}");
        let (home, _) = sizes.iter().find(|(_, size)| **size == 4).expect("a home");
        let mut behind = (0..1000)
            .map(PeerId)
            .filter(|&peer| reach.address(peer) == *home);
        let (me, other) = (behind.next().expect("four"), behind.next().expect("four"));
        let none = Holes::default();
        assert!(reach.lets_in(&none, me, other, 10, true), "at home");
        let (another, _) = sizes.iter().rfind(|(_, size)| **size == 4).expect("a home");
        let (known, neighbour) = {
            let mut all = (0..1000)
                .map(PeerId)
                .filter(|&peer| reach.address(peer) == *another);
            (all.next().expect("four"), all.next().expect("four"))
        };
        let mut holes = Holes::default();
        assert!(!reach.lets_in(&holes, me, neighbour, 10, true));
        reach.let_out(&mut holes, me, known, 5);
        assert!(
            reach.lets_in(&holes, me, neighbour, 10, true),
            "the same address"
        );
    }
}
