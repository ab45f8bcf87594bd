//! [`Enode`]: a node as others name it, and [`Keys`], the identifiers that follow from the names.

use crate::peer::PeerId;
use crate::protocols::dht::Id;
use crate::random::hash::{mix2, mix3};

/// A public key and the address of the host that has it ("enode URL"). A host may have many keys:
/// they cost nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Enode {
    /// The host, which is its address.
    pub host: PeerId,
    /// Which of its keys. An honest node has one, 0.
    pub key: u16,
}

impl Enode {
    /// The node of an honest peer.
    pub const fn of(host: PeerId) -> Self {
        Self { host, key: 0 }
    }
}

/// What public keys hash to, a pure function of the seed: everybody can compute it of every key that
/// it has been told of.
#[derive(Clone, Debug)]
pub struct Keys {
    seed: u64,
    honest: u32,
    hosts: u32,
    /// Of the attacker's keys, dealt to its hosts in turns.
    made: Box<[Id]>,
}

impl Keys {
    /// The keys of `honest` peers, one each.
    pub fn new(seed: u64, honest: u32) -> Self {
        Self {
            seed,
            honest,
            hosts: 0,
            made: Box::default(),
        }
    }

    /// With keys that an attacker has made, dealt in turns to `hosts` peers after the honest ones.
    ///
    /// # Panics
    /// If a host has more than 65 536 (scenarios are checked before).
    #[must_use]
    pub fn with(self, hosts: u32, made: Box<[Id]>) -> Self {
        assert!(made.len() <= hosts as usize * (usize::from(u16::MAX) + 1));
        Self {
            hosts,
            made,
            ..self
        }
    }

    /// The identifier of a node: the hash of its key.
    pub fn id(&self, node: Enode) -> Id {
        let Some(host) = node.host.0.checked_sub(self.honest) else {
            return Id(mix2(self.seed, node.host.0.into()));
        };
        let at = usize::from(node.key) * self.hosts as usize + host as usize;
        self.made[at]
    }

    /// The first 64 bits of the key itself, by which the database is ordered.
    pub fn public(&self, node: Enode) -> u64 {
        mix3(self.seed ^ 1, node.host.0.into(), node.key.into())
    }

    /// The key with this number of those that an attacker has made.
    pub fn made(&self, number: u32) -> Enode {
        Enode {
            host: PeerId(self.honest + number % self.hosts),
            key: (number / self.hosts) as u16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_keys_are_dealt_in_turns() {
        let made: Box<[Id]> = (0..7).map(Id).collect();
        let keys = Keys::new(1, 10).with(3, made);
        for number in 0..7 {
            let node = keys.made(number);
            assert_eq!(node.host, PeerId(10 + number % 3));
            assert_eq!(keys.id(node), Id(number.into()));
        }
        let honest = |peer| keys.id(Enode::of(PeerId(peer)));
        assert_ne!(honest(0), honest(1));
    }
}
