//! [`Tables`]: fingers, successors and predecessor of one node, and where a lookup goes from it.

use super::ring::in_open;
use crate::protocols::dht::{Contact, Id, Ids};

/// What a node knows of the ring.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The node itself.
    pub me: Contact,
    /// Its identifier.
    pub id: Id,
    /// Who is before it on the ring, as far as it knows.
    pub predecessor: Option<Contact>,
    /// Who comes after it, nearest first: at most r.
    pub successors: Vec<Contact>,
    /// At `i` the first node at or after `id + 2^(63 - i)`. Fingers that would lie within the
    /// successor's part of the ring are the successor, and left out: about log2 N remain.
    pub fingers: Vec<Contact>,
}

/// Where a lookup goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// To the closest known node before the key.
    To(Contact),
    /// Nowhere: nobody is known between this node and the key, so the key is its successor's.
    Here,
}

impl Tables {
    /// A node that knows nobody.
    pub fn new(me: Contact, ids: &Ids) -> Self {
        Self {
            me,
            id: ids.id(me),
            predecessor: None,
            successors: Vec::new(),
            fingers: Vec::new(),
        }
    }

    /// The first successor, if any is known.
    pub fn successor(&self) -> Option<Contact> {
        self.successors.first().copied()
    }

    /// The closest known node before `key` that is not among `avoid` (fingers and successor list:
    /// `closest_preceding_node` of section IV-E.3).
    #[inline]
    pub fn step(&self, key: Id, avoid: &[Contact], ids: &Ids) -> Step {
        // Whole way round to a key at the node's own place.
        let limit = self.id.ahead(key).wrapping_sub(1);
        let before = |contact: Contact| {
            let distance = self.id.ahead(ids.id(contact)).wrapping_sub(1);
            (distance < limit && !avoid.contains(&contact)).then_some((distance, contact))
        };
        // A finger that begins at or after the key is no nearer than the key.
        let first = limit.leading_zeros() as usize;
        let fingers = self.fingers.get(first.min(self.fingers.len())..);
        let finger = fingers.unwrap_or_default().iter().find_map(|&c| before(c));
        // The list is worth a look only if it reaches beyond the finger.
        let reach = self
            .successors
            .last()
            .map_or(0, |&last| self.id.ahead(ids.id(last)));
        let in_list = match finger {
            Some((distance, _)) if distance >= reach => None,
            _ => self.successors.iter().rev().find_map(|&c| before(c)),
        };
        match finger.max(in_list) {
            Some((_, contact)) => Step::To(contact),
            None => Step::Here,
        }
    }

    /// How many fingers lie beyond the successor.
    pub fn fingers_wanted(&self, ids: &Ids) -> usize {
        self.successor().map_or(0, |successor| {
            let near = self.id.ahead(ids.id(successor)).wrapping_sub(1);
            (near.leading_zeros() as usize).min(usize::from(ids.bits()))
        })
    }

    /// Where the finger at `index` begins.
    pub fn finger_start(&self, index: usize) -> Id {
        self.id.plus(1 << (63 - index))
    }

    /// Sets the finger at `index`; those that are not wanted any more go.
    pub fn set_finger(&mut self, index: usize, contact: Contact, ids: &Ids) {
        let wanted = self.fingers_wanted(ids);
        self.fingers.truncate(wanted);
        if contact == self.me || index >= wanted {
            return;
        }
        if let Some(finger) = self.fingers.get_mut(index) {
            *finger = contact;
        } else {
            // Those before it are not known yet: until then this one, which is nearer, has to do.
            self.fingers.resize(index + 1, contact);
        }
    }

    /// Takes over what `first` knows of those behind it: the list is `first` and then its list, as
    /// far as it goes, at most `r` long.
    pub fn adopt(&mut self, first: Contact, list: &[Contact], r: usize) {
        self.successors.clear();
        let me = self.me;
        let behind = list.iter().copied().take_while(|&contact| contact != me);
        for contact in std::iter::once(first).chain(behind) {
            if self.successors.len() < r && contact != me && !self.successors.contains(&contact) {
                self.successors.push(contact);
            }
        }
    }

    /// Puts a node that has turned out to be between this one and its successor in front.
    pub fn insert(&mut self, successor: Contact, r: usize) {
        self.successors.retain(|&contact| contact != successor);
        self.successors.insert(0, successor);
        self.successors.truncate(r);
    }

    /// Whether `contact` is between this node and its successor; anybody is if there is none.
    pub fn is_before_successor(&self, contact: Contact, ids: &Ids) -> bool {
        contact != self.me
            && self
                .successor()
                .is_none_or(|successor| in_open(ids.id(contact), self.id, ids.id(successor)))
    }

    /// Whether `contact` is between the predecessor and this node; anybody is if there is none.
    pub fn is_after_predecessor(&self, contact: Contact, ids: &Ids) -> bool {
        contact != self.me
            && self
                .predecessor
                .is_none_or(|predecessor| in_open(ids.id(contact), ids.id(predecessor), self.id))
    }

    /// Drops a node that is gone from all tables. A finger becomes the next nearer one known.
    pub fn forget(&mut self, gone: Contact) {
        if self.predecessor == Some(gone) {
            self.predecessor = None;
        }
        self.successors.retain(|&contact| contact != gone);
        for index in (0..self.fingers.len()).rev() {
            if self.fingers[index] == gone {
                let nearer = self.fingers.get(index + 1).copied();
                match nearer.or_else(|| self.successor()) {
                    Some(nearer) => self.fingers[index] = nearer,
                    None => self.fingers.truncate(index),
                }
            }
        }
    }

    /// Every contact, each once.
    pub fn each(&self, mut see: impl FnMut(Contact)) {
        self.successors.iter().for_each(|&contact| see(contact));
        for (index, &finger) in self.fingers.iter().enumerate() {
            // Equal fingers stand side by side.
            let again = index > 0 && self.fingers[index - 1] == finger;
            if !again && !self.successors.contains(&finger) {
                see(finger);
            }
        }
        if let Some(predecessor) = self.predecessor
            && !self.successors.contains(&predecessor)
            && !self.fingers.contains(&predecessor)
        {
            see(predecessor);
        }
    }
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
