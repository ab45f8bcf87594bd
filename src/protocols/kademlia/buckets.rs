//! [`Buckets`]: lists of contacts by common prefix, each in order of when its contacts were last
//! seen, in one piece of memory.
//!
//! All lists lie one behind the other, the farthest bucket first: 4 bytes a contact and 2 a bucket.
//! A contact that is new shifts those behind it, which a table of some hundred contacts feels less
//! than it would feel the empty places of blocks of k contacts (1.35 kB a peer against 1.8 kB with a
//! million peers and k = 20). What moves within a list moves nothing else.

use crate::protocols::dht::Contact;
use std::ops::Range;

/// Places that a full vector grows by: doubling would leave a third of the memory of a million tables
/// unused.
const GROWTH: usize = 16;

/// Lists of contacts, the least recently seen of each first.
#[derive(Clone, Default, Debug)]
pub struct Buckets {
    contacts: Vec<Contact>,
    /// Where each list ends; up to the last that is not empty.
    ends: Vec<u16>,
}

impl Buckets {
    /// All contacts, bucket by bucket.
    pub fn all(&self) -> &[Contact] {
        &self.contacts
    }

    /// How many buckets there are, up to the last that has somebody.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether nobody is in any bucket.
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty()
    }

    /// Bytes on the heap.
    pub fn heap(&self) -> usize {
        self.contacts.capacity() * size_of::<Contact>() + self.ends.capacity() * size_of::<u16>()
    }

    /// Where the contacts of a bucket are in [`Buckets::all`].
    #[inline]
    pub fn range(&self, bucket: usize) -> Range<usize> {
        let Some(&end) = self.ends.get(bucket) else {
            return self.contacts.len()..self.contacts.len();
        };
        let start = if bucket == 0 {
            0
        } else {
            self.ends[bucket - 1]
        };
        usize::from(start)..usize::from(end)
    }

    /// The contacts of a bucket, least recently seen first.
    #[inline]
    pub fn of(&self, bucket: usize) -> &[Contact] {
        &self.contacts[self.range(bucket)]
    }

    /// Where in [`Buckets::all`] a contact of this bucket is.
    #[inline]
    pub fn find(&self, bucket: usize, contact: Contact) -> Option<usize> {
        let range = self.range(bucket);
        let at = self.contacts[range.clone()]
            .iter()
            .position(|&other| other == contact)?;
        Some(range.start + at)
    }

    /// Adds a contact as the most recently seen of its bucket, and says where it is now.
    pub fn push(&mut self, bucket: usize, contact: Contact) -> usize {
        if self.ends.len() <= bucket {
            let end = self.contacts.len() as u16;
            self.ends.reserve_exact(bucket + 1 - self.ends.len());
            self.ends.resize(bucket + 1, end);
        }
        if self.contacts.len() == self.contacts.capacity() {
            self.contacts.reserve_exact(GROWTH);
        }
        let at = usize::from(self.ends[bucket]);
        self.contacts.insert(at, contact);
        for end in &mut self.ends[bucket..] {
            *end += 1;
        }
        at
    }

    /// Takes out the contact at this place.
    pub fn remove(&mut self, bucket: usize, at: usize) -> Contact {
        let contact = self.contacts.remove(at);
        for end in &mut self.ends[bucket..] {
            *end -= 1;
        }
        contact
    }

    /// Makes the contact at this place the most recently seen of its bucket, and says where it is now.
    #[inline]
    pub fn to_tail(&mut self, bucket: usize, at: usize) -> usize {
        let tail = self.range(bucket).end - 1;
        self.contacts[at..=tail].rotate_left(1);
        tail
    }

    /// Reads a line of memory here and there.
    #[inline]
    pub fn touch(&self) -> u32 {
        // 16 contacts to a line: two buckets of 20, and the last two that are full.
        let last = self.contacts.len().wrapping_sub(1);
        let places = [
            0,
            16,
            32,
            last.wrapping_sub(48),
            last.wrapping_sub(24),
            last,
        ];
        let lines = places.iter().map(|&at| {
            let contact = self.contacts.get(at);
            contact.map_or(0, |contact| contact.peer().0)
        });
        lines.fold(self.ends.first().copied().map_or(0, u32::from), |a, b| {
            a ^ b
        })
    }

    /// Takes everybody at once, each list in its order, with no place to spare.
    pub fn fill(&mut self, lists: impl Iterator<Item = (usize, Contact)> + Clone) {
        debug_assert!(lists.clone().is_sorted_by_key(|(bucket, _)| bucket));
        let count = lists.clone().count();
        let last = lists.clone().last().map_or(0, |(bucket, _)| bucket + 1);
        (self.contacts, self.ends) = (Vec::with_capacity(count), Vec::with_capacity(last));
        for (bucket, contact) in lists {
            self.ends.resize(bucket, self.contacts.len() as u16);
            self.contacts.push(contact);
        }
        self.ends.resize(last, self.contacts.len() as u16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;
    use proptest::prelude::*;

    fn peer(number: u32) -> Contact {
        Contact::new(PeerId(number), 0)
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Seen(usize, u32),
        Gone(usize, u32),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let seen = (0usize..8, 0u32..20).prop_map(|(bucket, who)| Step::Seen(bucket, who));
        let gone = (0usize..8, 0u32..20).prop_map(|(bucket, who)| Step::Gone(bucket, who));
        prop::collection::vec(prop_oneof![3 => seen, 1 => gone], 0..200)
    }

    #[test]
    fn lists_in_one_piece_are_like_lists() {
        proptest!(|(steps in steps())| {
            let mut slow: Vec<Vec<Contact>> = vec![Vec::new(); 8];
            let mut fast = Buckets::default();
            for step in steps {
                let (Step::Seen(bucket, who) | Step::Gone(bucket, who)) = step;
                let (list, contact) = (&mut slow[bucket], peer(who));
                let known = list.iter().position(|&other| other == contact);
                if let Some(at) = known {
                    list.remove(at);
                }
                let at = fast.find(bucket, contact);
                prop_assert_eq!(at.map(|at| at - fast.range(bucket).start), known);
                match (step, at) {
                    (Step::Seen(..), Some(at)) => {
                        list.push(contact);
                        fast.to_tail(bucket, at);
                    }
                    (Step::Seen(..), None) => {
                        list.push(contact);
                        let at = fast.push(bucket, contact);
                        prop_assert_eq!(fast.all()[at], contact);
                    }
                    (Step::Gone(..), Some(at)) => prop_assert_eq!(fast.remove(bucket, at), contact),
                    (Step::Gone(..), None) => {}
                }
                for (bucket, list) in slow.iter().enumerate() {
                    prop_assert_eq!(fast.of(bucket), list.as_slice());
                }
                prop_assert_eq!(fast.all(), slow.concat());
            }
            let lists = slow.iter().enumerate();
            let lists = lists.flat_map(|(bucket, list)| list.iter().map(move |&who| (bucket, who)));
            let mut filled = Buckets::default();
            filled.fill(lists);
            for (bucket, list) in slow.iter().enumerate() {
                prop_assert_eq!(filled.of(bucket), list.as_slice());
            }
        });
    }
}
