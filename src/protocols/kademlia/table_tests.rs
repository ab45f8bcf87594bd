use super::*;
use crate::peer::PeerId;
use crate::protocols::kademlia::xor;
use proptest::prelude::*;

const SHAPE: Shape = Shape {
    k: 3,
    buckets: 6,
    replacements: 2,
    failures: 2,
    keep_stale: false,
    marks: true,
};

fn peer(number: u32) -> Contact {
    Contact::new(PeerId(number), 0)
}
/// The own identifier is zero, that of contact n has n in its high byte.
fn id(contact: Contact) -> u64 {
    u64::from(contact.peer().0) << 56
}
fn bucket(contact: Contact, shape: &Shape) -> usize {
    xor::bucket(id(contact), shape.buckets)
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Seen(u32),
    Failed(u32),
    Replace(u32),
}

/// One bucket as an obvious list.
#[derive(Clone, Default, Debug)]
struct Slow {
    contacts: Vec<(Contact, u32, u8)>,
    cache: Vec<Contact>,
}

impl Slow {
    /// Nobody is in the table and waits for a place in it.
    fn add(&mut self, contact: Contact, now: u32) {
        self.cache.retain(|&other| other != contact);
        self.contacts.push((contact, now, 0));
    }

    fn seen(&mut self, shape: &Shape, contact: Contact, now: u32) -> Seen {
        let before = self.contacts.len();
        self.contacts.retain(|&(other, ..)| other != contact);
        if self.contacts.len() < before {
            self.contacts.push((contact, now, 0));
            return Seen::Known;
        }
        let stale = |&(.., failures): &(Contact, u32, u8)| failures >= shape.failures;
        if self.contacts.len() >= shape.k {
            let Some(at) = self.contacts.iter().position(stale) else {
                self.cache.retain(|&other| other != contact);
                self.cache.push(contact);
                let over = self.cache.len().saturating_sub(shape.replacements);
                self.cache.drain(..over);
                return Seen::Full;
            };
            self.contacts.remove(at);
        }
        self.add(contact, now);
        Seen::Added
    }

    fn failed(&mut self, shape: &Shape, contact: Contact, now: u32) {
        let Some(at) = self
            .contacts
            .iter()
            .position(|&(other, ..)| other == contact)
        else {
            self.cache.retain(|&other| other != contact);
            return;
        };
        self.contacts[at].2 += 1;
        let stale = self.contacts[at].2 >= shape.failures;
        if stale && (!shape.keep_stale || !self.cache.is_empty()) {
            self.contacts.remove(at);
            if let Some(next) = self.cache.pop() {
                self.add(next, now);
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0u8..5, 1u32..64).prop_map(|(kind, who)| match kind {
        0 => Step::Failed(who),
        1 => Step::Replace(who),
        _ => Step::Seen(who),
    });
    prop::collection::vec(step, 0..250)
}

fn shapes() -> impl Strategy<Value = Shape> {
    (1usize..5, 1usize..7, 0usize..3, 1u8..4, any::<bool>()).prop_map(
        |(k, buckets, replacements, failures, keep_stale)| Shape {
            k,
            buckets,
            replacements,
            failures,
            keep_stale,
            marks: failures > 1 || keep_stale,
        },
    )
}

#[test]
fn a_table_is_like_buckets_of_lists() {
    proptest!(|(shape in shapes(), steps in steps())| {
        let mut slow = vec![Slow::default(); shape.buckets];
        let mut table = Table::default();
        for (now, step) in (0..).zip(steps) {
            let (Step::Seen(who) | Step::Failed(who) | Step::Replace(who)) = step;
            let contact = peer(who);
            let at = bucket(contact, &shape);
            let list = &mut slow[at];
            match step {
                Step::Seen(_) => {
                    let expected = list.seen(&shape, contact, now);
                    prop_assert_eq!(table.seen(&shape, at, contact, now), expected);
                }
                Step::Failed(_) => {
                    list.failed(&shape, contact, now);
                    table.failed(&shape, at, contact, now);
                }
                // The oldest gives way to somebody new.
                Step::Replace(_) => {
                    let known = list.contacts.iter().any(|&(other, ..)| other == contact);
                    if let Some((old, _)) = table.oldest(at, now).filter(|_| !known) {
                        prop_assert_eq!(old, list.contacts[0].0);
                        list.contacts.remove(0);
                        list.add(contact, now);
                        table.replace(&shape, at, (old, contact), now);
                    }
                }
            }
            for (bucket, list) in slow.iter().enumerate() {
                let contacts: Vec<_> = list.contacts.iter().map(|&(who, ..)| who).collect();
                prop_assert_eq!(table.bucket(bucket), contacts);
                prop_assert_eq!(table.replacements(bucket), list.cache.as_slice());
                if shape.marks {
                    let first = list.contacts.first().map(|&(who, when, _)| (who, now - when));
                    prop_assert_eq!(table.oldest(bucket, now), first);
                }
            }
        }
    });
}

#[test]
fn the_closest_are_the_closest_of_all() {
    let who = prop::collection::btree_set(1u32..256, 0..60);
    proptest!(|(shape in shapes(), who in who, target: u64, count in 1usize..20, but in 0u32..256)| {
        let mut table = Table::default();
        for &who in &who {
            let contact = peer(who);
            table.seen(&shape, bucket(contact, &shape), contact, 0);
        }
        let but = peer(but);
        let rank = |contact| xor::distance(id(contact), target);
        let mut expected: Vec<_> = table.contacts().to_vec();
        expected.retain(|&contact| contact != but);
        expected.sort_by_key(|&contact| rank(contact));
        expected.truncate(count);
        let mut got = Vec::new();
        table.closest(&shape, (target, count), Some(but), rank, &mut got);
        got.sort_by_key(|&contact| rank(contact));
        prop_assert_eq!(got, expected);
    });
}

#[test]
fn stale_contacts_are_named_to_nobody_while_there_are_others() {
    let shape = Shape {
        failures: 1,
        keep_stale: true,
        ..SHAPE
    };
    let closest = |table: &Table| {
        let mut out = Vec::new();
        table.closest(&shape, (0, 10), None, id, &mut out);
        out
    };
    let (one, other) = (peer(200), peer(201));
    let mut table = Table::default();
    for contact in [one, other] {
        table.seen(&shape, 0, contact, 0);
    }
    assert!(!table.failed(&shape, 0, one, 1));
    assert_eq!(closest(&table), [other]);
    assert!(!table.failed(&shape, 0, other, 1));
    assert_eq!(closest(&table), [one, other], "better than nobody");
    table.seen(&shape, 0, one, 2);
    assert_eq!(closest(&table), [one]);
}

/// A full bucket of contacts that answer stays as it is (section 2.2): newcomers wait.
#[test]
fn the_last_seen_replacement_has_the_place_of_who_does_not_answer() {
    let mut table = Table::default();
    for who in 200..205 {
        let expected = if who < 203 { Seen::Added } else { Seen::Full };
        assert_eq!(table.seen(&SHAPE, 0, peer(who), 0), expected);
    }
    assert_eq!(table.oldest(0, 3), Some((peer(200), 3)));
    assert!(!table.failed(&SHAPE, 0, peer(200), 7), "once is not twice");
    assert!(table.failed(&SHAPE, 0, peer(200), 8));
    assert_eq!(table.bucket(0), [201, 202, 204].map(peer));
    assert_eq!(table.replacements(0), [peer(203)]);
}

#[test]
fn without_marks_a_table_is_four_bytes_a_contact() {
    let plain = Shape {
        failures: 1,
        marks: false,
        ..SHAPE
    };
    let lists = (0..3u32).map(|n| (0, peer(200 + n)));
    assert!(Table::filled(&plain, lists.clone(), 0).marks.is_empty());
    assert_eq!(
        Table::filled(&SHAPE, lists, 5).oldest(0, 1 << 24),
        Some((peer(200), (1 << 24) - 5))
    );
    assert!(size_of::<Table>() <= 80);
}
