//! The name of a peer.

use std::fmt;

/// A peer's number within a run: dense, from 0, at most [`PeerId::LIMIT`] of them.
///
/// Numbers are given class by class in the order of the scenario, attackers last, so that adding
/// attackers renumbers nobody. A number says nothing about shards or threads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PeerId(pub u32);

impl PeerId {
    /// The largest number of peers in a run: an event keeps the peer in 24 bits.
    pub const LIMIT: u32 = 1 << 24;

    /// As an index into a table of all peers.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer {}", self.0)
    }
}

/// A class of peers: so many that share a place in the scenario and a behaviour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Class {
    /// Its name in the scenario ("peers", "attackers").
    pub name: String,
    /// How many there are, online or not.
    pub count: u32,
}

/// All peers of a run, class by class.
///
/// Everything a peer is born with (place, access link, churn, random stream) is keyed by
/// (class, index within the class).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Population {
    classes: Vec<Class>,
}

impl Population {
    /// The peers of these classes, numbered in this order.
    ///
    /// # Panics
    /// If there are more than [`PeerId::LIMIT`] peers (scenarios are checked before).
    pub fn new(classes: Vec<Class>) -> Self {
        let total: u64 = classes.iter().map(|class| u64::from(class.count)).sum();
        assert!(
            total <= u64::from(PeerId::LIMIT),
            "{total} peers are more than a run can hold"
        );
        Self { classes }
    }

    /// `count` peers of one class.
    pub fn uniform(count: u32) -> Self {
        Self::new(vec![Class {
            name: "peers".to_owned(),
            count,
        }])
    }

    /// So many `peers`, and then so many `attackers`.
    pub fn attacked(peers: u32, attackers: u32) -> Self {
        let class = |name: &str, count| Class {
            name: name.to_owned(),
            count,
        };
        Self::new(vec![class("peers", peers), class("attackers", attackers)])
    }

    /// The classes, in order.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// How many peers there are in all.
    pub fn len(&self) -> u32 {
        self.classes.iter().map(|class| class.count).sum()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The class of a peer and its index within the class.
    ///
    /// # Panics
    /// If there is no such peer.
    pub fn locate(&self, peer: PeerId) -> (u16, u32) {
        let mut first = 0;
        for (number, class) in self.classes.iter().enumerate() {
            if peer.0 < first + class.count {
                return (number as u16, peer.0 - first);
            }
            first += class.count;
        }
        panic!("{peer} is not one of {first} peers")
    }

    /// Every peer with its class and its index within it, in order of number.
    pub fn iter(&self) -> impl Iterator<Item = (PeerId, u16, u32)> + '_ {
        let located = self.classes.iter().enumerate();
        let located =
            located.flat_map(|(number, class)| (0..class.count).map(move |i| (number as u16, i)));
        located
            .enumerate()
            .map(|(id, (class, index))| (PeerId(id as u32), class, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_class_by_class() {
        let class = |name: &str, count| Class {
            name: name.to_owned(),
            count,
        };
        let population =
            Population::new(vec![class("honest", 3), class("none", 0), class("bad", 2)]);
        let all: Vec<_> = population.iter().collect();
        assert_eq!(all[4], (PeerId(4), 2, 1));
        assert!(
            all.iter()
                .all(|&(peer, class, i)| population.locate(peer) == (class, i))
        );
        assert_eq!(population.len(), 5);
    }
}
