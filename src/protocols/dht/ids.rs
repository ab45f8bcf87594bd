//! [`Ids`]: which identifiers the peers of a run have, and [`Contact`], what peers know of one another.

use super::id::Id;
use crate::churn::Identity;
use crate::engine::Setup;
use crate::peer::{PeerId, Population};
use crate::random::hash::mix3;
use crate::random::{Purpose, Streams};
use rand::Rng;
use std::collections::BTreeSet;
use std::fmt;

/// What one peer knows of another: its address and its identifier, in four bytes.
///
/// A peer may have several identifiers, at one time (virtual nodes) or one after the other; `number`
/// tells them apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contact(u32);

impl Contact {
    /// The identifier with this number of this peer.
    #[inline]
    pub const fn new(peer: PeerId, number: u8) -> Self {
        Self(peer.0 << 8 | number as u32)
    }

    /// Where to send.
    #[inline]
    pub const fn peer(self) -> PeerId {
        PeerId(self.0 >> 8)
    }

    /// Which of the peer's identifiers.
    #[inline]
    pub const fn number(self) -> u8 {
        self.0 as u8
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.peer().0, self.number())
    }
}

/// All identifiers of a run, fixed before it. Shared by all peers, of whom each may read its own and
/// those of contacts it has received.
#[derive(Clone, Debug)]
pub struct Ids {
    /// The first of each peer: distinct, ascending within a class.
    first: Vec<Id>,
    bits: u8,
    /// The others are hashes under this key.
    key: u64,
    /// How many a peer has at a time.
    each: u8,
    /// Whether a peer that comes back takes others.
    renewed: bool,
    /// The peers behind the honest ones.
    strangers: Strangers,
}

/// Peers that are not honest: those behind the first class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strangers {
    /// The first of them: the honest ones come before it.
    pub first: PeerId,
    /// Whether a network that has long stood at the start knows them, as it knows everybody else.
    pub are_born: bool,
    /// Over how many /24 their addresses are spread; each has one of its own if nothing is said.
    pub subnets: Option<u32>,
}

impl Ids {
    /// Uniform identifiers of `bits` bits, `each` of them for a peer at a time; `renewed` if a peer
    /// that comes back is another.
    ///
    /// # Panics
    /// If there are more peers than half of all identifiers, or `each` is zero (scenarios are checked
    /// before).
    pub fn new(
        bits: u8,
        each: u8,
        renewed: bool,
        population: &Population,
        streams: &Streams,
    ) -> Self {
        assert!(each > 0, "a peer has an identifier");
        let fits = bits > 25 || population.len() <= 1 << (bits - 1);
        assert!(fits, "too many peers for ids of {bits} bits");
        let mut first: Vec<Id> = Vec::with_capacity(population.len() as usize);
        for (class, count) in (0u64..).zip(population.classes().iter().map(|class| class.count)) {
            let mut rng = streams.chacha(Purpose::Birth, 1 << 50 | class);
            let mut own = Vec::with_capacity(count as usize);
            while own.len() < count as usize {
                let missing = count as usize - own.len();
                let drawn = std::iter::repeat_with(|| Id::random(bits, &mut rng));
                own.extend(
                    drawn
                        .take(missing)
                        .filter(|&id| !taken(&first, population, id)),
                );
                own.sort_unstable();
                own.dedup();
            }
            first.extend(own);
        }
        let key = streams.chacha(Purpose::Birth, 1 << 51).next_u64();
        let honest = population.classes().first().map_or(0, |class| class.count);
        let strangers = Strangers {
            first: PeerId(honest),
            are_born: false,
            subnets: None,
        };
        Self {
            first,
            bits,
            key,
            each,
            renewed,
            strangers,
        }
    }

    /// The same, where those who are not honest have chosen their first identifiers: `chosen`, in the
    /// order of their numbers; the others keep theirs. One that somebody has already becomes the next
    /// free one.
    #[must_use]
    pub fn with_strangers(mut self, strangers: Strangers, chosen: &[Id]) -> Self {
        let mut taken: BTreeSet<Id> = self.first.iter().copied().collect();
        let own = &mut self.first[strangers.first.index()..];
        for (place, &id) in own.iter_mut().zip(chosen) {
            let mut id = Id::cut(id.0, self.bits);
            while !taken.insert(id) {
                id = id.plus(1 << (Id::MOST_BITS - self.bits));
            }
            *place = id;
        }
        self.strangers = strangers;
        self
    }

    /// Who is not honest.
    pub fn strangers(&self) -> Strangers {
        self.strangers
    }

    /// Whether a network that has long stood at the start knows this peer.
    pub fn is_born(&self, peer: PeerId) -> bool {
        peer < self.strangers.first || self.strangers.are_born
    }

    /// The identifiers of a run: `bits` bits, `each` of them for a peer at a time, others after an
    /// absence if the churn says so.
    ///
    /// # Panics
    /// As [`Ids::new`].
    pub fn of(bits: u8, each: u8, setup: &Setup) -> Self {
        let renewed = setup.churn.identity() == Identity::New;
        Self::new(bits, each, renewed, &setup.population, &setup.streams)
    }

    /// The identifier that belongs to a contact.
    ///
    /// # Panics
    /// If there is no such peer.
    #[inline]
    pub fn id(&self, contact: Contact) -> Id {
        let peer = contact.peer();
        match contact.number() {
            0 => self.first[peer.index()],
            number => self.hashed(u64::from(peer.0), u64::from(number)),
        }
    }

    fn hashed(&self, one: u64, other: u64) -> Id {
        Id::cut(mix3(self.key, one, other), self.bits)
    }

    /// The identifier of the key with this number, uniform by hash.
    pub fn key(&self, number: u32) -> Id {
        self.hashed(1 << 32 | u64::from(number), u64::MAX)
    }

    /// The identifiers of a peer in its life with this number, the first being 0.
    pub fn contacts(&self, peer: PeerId, life: u32) -> impl Iterator<Item = Contact> + use<> {
        let first = if self.renewed {
            life.wrapping_mul(u32::from(self.each))
        } else {
            0
        };
        (0..self.each).map(move |at| Contact::new(peer, (first as u8).wrapping_add(at)))
    }

    /// How long they are, in bits.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether a peer that comes back is another.
    pub fn renewed(&self) -> bool {
        self.renewed
    }

    /// How many peers there are.
    pub fn peers(&self) -> u32 {
        self.first.len() as u32
    }
}

/// Whether an earlier class has this identifier.
fn taken(first: &[Id], population: &Population, id: Id) -> bool {
    let mut rest = first;
    for class in population.classes() {
        let (own, others) = rest.split_at(rest.len().min(class.count as usize));
        if own.binary_search(&id).is_ok() {
            return true;
        }
        rest = others;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Class;

    fn ids(bits: u8, counts: &[u32], each: u8, renewed: bool) -> Ids {
        let class = |&count| Class {
            name: "peers".to_owned(),
            count,
        };
        let population = Population::new(counts.iter().map(class).collect());
        Ids::new(bits, each, renewed, &population, &Streams::new(1))
    }

    #[test]
    fn first_ids_are_distinct_and_in_order_within_a_class() {
        let ids = ids(8, &[60, 0, 60], 1, false);
        let all: Vec<Id> = (0..120)
            .map(|p| ids.id(Contact::new(PeerId(p), 0)))
            .collect();
        assert!(all[..60].is_sorted() && all[60..].is_sorted());
        let mut sorted = all.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 120);
        assert!(all.iter().all(|id| id.0 << 8 == 0));
    }

    #[test]
    fn another_class_changes_nobodys_id() {
        let (few, many) = (ids(64, &[50], 1, false), ids(64, &[50, 9], 1, false));
        assert_eq!(few.first[..], many.first[..50]);
        assert_eq!(few.key(3), many.key(3));
    }

    #[test]
    fn strangers_choose_their_ids_and_nobody_has_one_twice() {
        let honest = ids(64, &[50], 1, false);
        let target = honest.key(0);
        let strangers = Strangers {
            first: PeerId(50),
            are_born: false,
            subnets: None,
        };
        let chosen = [target, target, honest.first[7]];
        let all = ids(64, &[50, 4], 1, false).with_strangers(strangers, &chosen);
        assert_eq!(all.first[..50], honest.first[..]);
        assert_eq!(all.first[50..52], [target, target.plus(1)]);
        assert_eq!(all.first[52], honest.first[7].plus(1));
        assert!(all.is_born(PeerId(49)) && !all.is_born(PeerId(50)));
    }

    #[test]
    fn who_comes_back_as_another_has_other_ids() {
        let ids = ids(64, &[4], 3, true);
        let peer = PeerId(2);
        let of = |life| ids.contacts(peer, life).collect::<Vec<_>>();
        assert_eq!(of(0), [0, 1, 2].map(|n| Contact::new(peer, n)));
        assert_eq!(of(1), [3, 4, 5].map(|n| Contact::new(peer, n)));
        assert_eq!(of(256), of(0));
        let same = Ids {
            renewed: false,
            ..ids.clone()
        };
        assert!(same.contacts(peer, 1).eq(of(0)));
        assert_ne!(ids.id(of(0)[1]), ids.id(of(1)[1]));
    }

    #[test]
    fn a_contact_is_an_address_and_a_number() {
        let last = Contact::new(PeerId(PeerId::LIMIT - 1), 255);
        assert_eq!(
            (last.peer(), last.number()),
            (PeerId(PeerId::LIMIT - 1), 255)
        );
        assert_eq!(size_of::<Option<Contact>>(), 8);
        assert_eq!(format!("{:?}", Contact::new(PeerId(7), 1)), "7.1");
    }
}
