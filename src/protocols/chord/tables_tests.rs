use super::*;
use crate::peer::{PeerId, Population};
use crate::random::Streams;
use proptest::prelude::*;

const PEERS: u32 = 200;

fn ids() -> Ids {
    Ids::new(64, 1, false, &Population::uniform(PEERS), &Streams::new(2))
}
fn node(peer: u32) -> Contact {
    Contact::new(PeerId(peer % PEERS), 0)
}

/// The tables of a ring of `there`, with `r` successors.
fn tables(me: Contact, there: &[Contact], r: usize, ids: &Ids) -> Tables {
    let mut tables = Tables::new(me, ids);
    let mut behind: Vec<_> = there.iter().copied().filter(|&c| c != me).collect();
    behind.sort_by_key(|&c| tables.id.ahead(ids.id(c)));
    tables.successors = behind.iter().copied().take(r).collect();
    for index in 0..tables.fingers_wanted(ids) {
        let start = tables.finger_start(index);
        let finger = there.iter().min_by_key(|&&c| start.ahead(ids.id(c)));
        tables.set_finger(index, *finger.expect("somebody"), ids);
    }
    tables
}

proptest! {
    /// The obvious way: of all contacts that are before the key and not to be avoided, the farthest.
    #[test]
    fn a_step_goes_to_the_closest_known_node_before_the_key(
        there in prop::collection::btree_set(0..PEERS, 2..60),
        avoided in prop::collection::vec(any::<bool>(), 200),
        key in any::<u64>(),
        r in 1usize..12,
    ) {
        let ids = ids();
        let there: Vec<_> = there.into_iter().map(node).collect();
        let tables = tables(there[0], &there, r, &ids);
        let avoid: Vec<_> = (0..PEERS).filter(|&p| avoided[p as usize]).map(node).collect();
        let mut best = None;
        tables.each(|contact| {
            let between = in_open(ids.id(contact), tables.id, Id(key));
            if between && !avoid.contains(&contact) {
                best = best.max(Some((tables.id.ahead(ids.id(contact)), contact)));
            }
        });
        let expected = best.map_or(Step::Here, |(_, contact)| Step::To(contact));
        prop_assert_eq!(tables.step(Id(key), &avoid, &ids), expected);
    }
}

#[test]
fn a_lookup_in_a_correct_ring_ends_before_the_key() {
    let ids = ids();
    let there: Vec<_> = (0..PEERS).map(node).collect();
    let key = Id(ids.id(node(77)).0 - 1);
    let mut at = node(150);
    let mut hops = 0;
    while let Step::To(next) = tables(at, &there, 1, &ids).step(key, &[], &ids) {
        (at, hops) = (next, hops + 1);
    }
    assert_eq!(at, node(76));
    assert!(hops <= 8, "{hops}");
}

#[test]
fn a_list_is_the_successor_and_its_list_and_ends_before_the_node_itself() {
    let mut tables = Tables::new(node(5), &ids());
    tables.adopt(node(6), &[node(7), node(8), node(9)], 3);
    assert_eq!(tables.successors, [node(6), node(7), node(8)]);
    tables.adopt(node(6), &[node(7), node(5), node(6)], 9);
    assert_eq!(tables.successors, [node(6), node(7)]);
    tables.insert(node(4), 2);
    assert_eq!(tables.successors, [node(4), node(6)]);
}

#[test]
fn who_is_gone_is_in_no_table_and_its_fingers_become_nearer_ones() {
    let ids = ids();
    let there: Vec<_> = (0..PEERS).map(node).collect();
    let mut tables = tables(node(10), &there, 3, &ids);
    tables.predecessor = Some(node(9));
    let (first, second) = (tables.fingers[0], tables.fingers[1]);
    assert_ne!(first, second);
    tables.forget(first);
    assert_eq!(tables.fingers[0], second);
    tables.forget(node(11));
    assert_eq!(tables.successor(), Some(node(12)));
    tables.forget(node(9));
    assert_eq!(tables.predecessor, None);
    tables.each(|contact| assert!(![first, node(11), node(9)].contains(&contact)));
}

#[test]
fn neighbours_are_those_in_between() {
    let ids = ids();
    let mut tables = Tables::new(node(10), &ids);
    assert!(tables.is_before_successor(node(99), &ids));
    assert!(tables.is_after_predecessor(node(99), &ids));
    tables.successors = vec![node(20)];
    tables.predecessor = Some(node(3));
    for (contact, before, after) in [(15, true, false), (20, false, false), (7, false, true)] {
        assert_eq!(tables.is_before_successor(node(contact), &ids), before);
        assert_eq!(tables.is_after_predecessor(node(contact), &ids), after);
    }
    assert!(!tables.is_before_successor(node(10), &ids));
}
