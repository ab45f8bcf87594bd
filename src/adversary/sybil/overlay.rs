//! [`Overlay`]: what an attack has to know of a hash table's language, and [`Table`], its tables as links.

use crate::adversary::surrounded::{Link, Linked};
use crate::peer::PeerId;
use crate::protocols::dht::{Contact, Dht, Id};

/// What somebody asks of a peer of the attacker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Who is closest to this key?
    Closest(Id),
    /// Is this key yours?
    Yours(Id),
    /// Who comes after you?
    Next,
    /// Give me the value of this key.
    Value(Id),
    /// Keep a value under this key.
    Store(Id),
}

/// What it answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// These, closest first, are the closest; who asks need look no further.
    Closest(Vec<Contact>),
    /// This one is closer than I am; go on there.
    Closer(Contact),
    /// The key is mine; the value is stored; here it is.
    Done,
    /// I have no such value, though it should be here.
    Missing,
}

/// A hash table as an attacker inside it sees it.
pub trait Overlay: Dht {
    /// What a message asks; nothing if the answer is no lever for an attack.
    fn asked(message: &Self::Message) -> Option<Ask>;

    /// The messages by which a peer gives this answer to what `from` has asked.
    fn say(from: PeerId, asked: &Self::Message, answer: Answer) -> Vec<(PeerId, Self::Message)>;
}

/// The contacts in a peer's tables, as links it has chosen.
#[derive(Clone, Debug)]
pub struct Table(Vec<Link>);

impl Table {
    /// The tables of a peer now.
    pub fn of(peer: &impl Dht) -> Self {
        let mut links = Vec::new();
        peer.table(|contact| {
            links.push(Link {
                to: contact.peer(),
                is_own: true,
            });
        });
        Self(links)
    }
}

impl Linked for Table {
    fn links(&self) -> impl Iterator<Item = Link> {
        self.0.iter().copied()
    }
}
