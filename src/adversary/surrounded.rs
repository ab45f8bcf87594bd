//! Whether a peer is surrounded: the same question for every overlay.
//!
//! An overlay says which links a peer has ([`Linked`]); who the attacker is and how it gets between is
//! its own. A peer is *surrounded* when it has links of its own and every link, whoever opened it, ends
//! at the attacker; *held outbound* (the reading of Heilman et al., USENIX Security 2015) when all the
//! links that it opened do.

use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// One link of a peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// The other side.
    pub to: PeerId,
    /// Whether the peer chose it: a connection it opened, an entry of its routing table.
    pub is_own: bool,
}

/// A peer of an overlay, as far as its links go.
pub trait Linked {
    /// Its links now.
    fn links(&self) -> impl Iterator<Item = Link>;
}

/// How many links there are, and how many of them end at the attacker.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Held {
    /// Own links that the attacker holds, and all.
    pub own: (u32, u32),
    /// The same of links that others opened.
    pub others: (u32, u32),
}

impl Held {
    /// Counts a peer's links.
    pub fn of(peer: &impl Linked, is_attacker: impl Fn(PeerId) -> bool) -> Self {
        let mut held = Self::default();
        for link in peer.links() {
            let side = if link.is_own {
                &mut held.own
            } else {
                &mut held.others
            };
            side.0 += u32::from(is_attacker(link.to));
            side.1 += 1;
        }
        held
    }

    /// Whether the attacker holds all links that the peer opened, and there are some.
    pub fn is_held_outbound(&self) -> bool {
        self.own.1 > 0 && self.own.0 == self.own.1
    }

    /// Whether the attacker holds all links, whoever opened them, and there are some.
    pub fn is_cut_off(&self) -> bool {
        let (ours, all) = (self.own.0 + self.others.0, self.own.1 + self.others.1);
        all > 0 && ours == all
    }

    /// Whether it holds all the others as well.
    pub fn is_surrounded(&self) -> bool {
        self.is_held_outbound() && self.others.0 == self.others.1
    }
}

/// Since when a peer is surrounded, and when that had lasted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Siege {
    since: Option<Instant>,
    begun: Option<Instant>,
}

impl Siege {
    /// The peer is looked at; `hold` is how long it has to be surrounded until that counts.
    pub fn look(&mut self, at: Instant, is_surrounded: bool, hold: Duration) {
        if !is_surrounded {
            self.since = None;
            return;
        }
        let since = *self.since.get_or_insert(at);
        if self.begun.is_none() && at.saturating_since(since) >= hold {
            self.begun = Some(since);
        }
    }

    /// From when on the peer was surrounded for long enough, the first time.
    pub fn begun(&self) -> Option<Instant> {
        self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Peer(Vec<Link>);

    impl Linked for Peer {
        fn links(&self) -> impl Iterator<Item = Link> {
            self.0.iter().copied()
        }
    }

    /// Peers from 100 on are the attacker's.
    fn held(own: &[u32], others: &[u32]) -> Held {
        let link = |is_own| {
            move |&to: &u32| Link {
                to: PeerId(to),
                is_own,
            }
        };
        let links = own
            .iter()
            .map(link(true))
            .chain(others.iter().map(link(false)));
        Held::of(&Peer(links.collect()), |peer| peer.0 >= 100)
    }

    #[test]
    fn every_link_counts_and_nobody_alone_is_surrounded() {
        assert!(held(&[100, 101], &[102]).is_surrounded());
        assert!(held(&[100], &[]).is_surrounded());
        let outbound = held(&[100, 101], &[7, 102]);
        assert!(outbound.is_held_outbound() && !outbound.is_surrounded());
        assert!(!held(&[100, 7], &[102]).is_held_outbound());
        assert!(!held(&[], &[]).is_surrounded());
        assert!(!held(&[], &[100]).is_surrounded());
        assert!(held(&[], &[100]).is_cut_off() && held(&[101], &[]).is_cut_off());
        assert!(!held(&[], &[]).is_cut_off() && !held(&[101], &[7]).is_cut_off());
    }

    #[test]
    fn a_siege_has_to_last() {
        let minute = Duration::from_mins(1);
        let at = |minutes| Instant::ZERO + minute * minutes;
        let mut siege = Siege::default();
        for (now, surrounded) in [(1, true), (4, true), (5, false), (6, true), (10, true)] {
            siege.look(at(now), surrounded, minute * 5);
            assert_eq!(siege.begun(), None, "{now}");
        }
        siege.look(at(11), true, minute * 5);
        siege.look(at(12), false, minute * 5);
        assert_eq!(siege.begun(), Some(at(6)));
    }
}
