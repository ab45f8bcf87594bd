//! One peer of rumor mongering on the bench.

use super::*;
use crate::protocols::gossip::tests::star;
use crate::testkit::{Bench, Effect};

const CYCLE: Duration = Duration::from_secs(10);
const HUB: PeerId = PeerId(0);

fn leaf(push: bool, pull: bool, removal: Option<Removal>, synchronous: bool) -> Bench<Rumor> {
    let rules = Rules {
        targets: Targets::Neighbours(Arc::new(star(2))),
        cycle: Cycle {
            length: CYCLE,
            synchronous,
        },
        size: 100,
        push,
        pull,
        removal,
        forgets: false,
    };
    let mut leaf = Bench::new(Rumor::new(Arc::new(rules)), PeerId(1), 1);
    leaf.start();
    leaf
}

fn by_count(k: u32) -> Removal {
    Removal {
        k,
        counter: true,
        feedback: true,
    }
}

fn payload(id: u32) -> Wire {
    let (size, ttl) = (100, UNLIMITED);
    Wire::Payload { id, size, ttl }
}

fn sent(message: Wire) -> Effect<Wire, Tick, Event> {
    Effect::Send(HUB, message)
}

#[test]
fn what_is_hot_is_pushed_every_cycle() {
    let mut leaf = leaf(true, false, Some(by_count(1)), true);
    leaf.advance(Duration::from_secs(3));
    let rest = Effect::Arm(Duration::from_secs(7), Tick);
    assert_eq!(
        leaf.command(Publish(0)),
        [Effect::Emit(Event::Sent(0)), rest]
    );
    leaf.advance(Duration::from_secs(7));
    let expected = [sent(payload(0)), Effect::Arm(CYCLE, Tick)];
    assert_eq!(leaf.timer(Tick), expected);
}

#[test]
fn k_useless_contacts_in_a_row_end_the_interest() {
    let mut leaf = leaf(true, false, Some(by_count(2)), true);
    let heard = |leaf: &mut Bench<Rumor>, needed| {
        leaf.message(HUB, Wire::Feedback { id: 0, needed });
        leaf.advance(CYCLE);
        leaf.timer(Tick).contains(&sent(payload(0)))
    };
    leaf.command(Publish(0));
    assert!(heard(&mut leaf, false));
    assert!(
        heard(&mut leaf, true),
        "a useful contact starts the count anew"
    );
    assert!(heard(&mut leaf, false));
    assert!(!heard(&mut leaf, false));
    assert!(leaf.timer(Tick).is_empty(), "nothing is hot, so it sleeps");
}

#[test]
fn several_pulls_of_one_cycle_count_once() {
    let mut leaf = leaf(false, true, Some(by_count(2)), true);
    leaf.command(Publish(0));
    leaf.advance(CYCLE);
    assert_eq!(
        leaf.timer(Tick),
        [sent(Wire::Request), Effect::Arm(CYCLE, Tick)]
    );
    leaf.advance(Duration::from_secs(1));
    for _ in 0..3 {
        assert_eq!(leaf.message(HUB, Wire::Request), [sent(payload(0))]);
        leaf.message(
            HUB,
            Wire::Feedback {
                id: 0,
                needed: false,
            },
        );
    }
    leaf.timer(Tick);
    assert_eq!(leaf.peer.hot[0].count, 1);
    leaf.message(
        HUB,
        Wire::Feedback {
            id: 0,
            needed: false,
        },
    );
    leaf.message(
        HUB,
        Wire::Feedback {
            id: 0,
            needed: true,
        },
    );
    leaf.timer(Tick);
    assert_eq!(leaf.peer.hot[0].count, 0);
}

#[test]
fn in_common_cycles_what_is_new_is_needed_twice_and_not_yet_passed_on() {
    let mut leaf = leaf(false, true, Some(by_count(1)), true);
    leaf.advance(CYCLE + Duration::from_secs(1));
    let answer = |needed| sent(Wire::Feedback { id: 0, needed });
    assert!(leaf.message(HUB, payload(0)).contains(&answer(true)));
    assert_eq!(leaf.message(HUB, payload(0)), [answer(true)]);
    assert_eq!(leaf.message(HUB, Wire::Request), []);
    leaf.advance(CYCLE);
    assert_eq!(leaf.message(HUB, payload(0)), [answer(false)]);
    assert_eq!(leaf.message(HUB, Wire::Request), [sent(payload(0))]);
    assert_eq!(leaf.peer.duplicates(), 2);
}

#[test]
fn with_phases_of_their_own_the_second_copy_is_useless() {
    let mut leaf = leaf(true, false, Some(by_count(1)), false);
    leaf.message(HUB, payload(0));
    let needed = false;
    assert_eq!(
        leaf.message(HUB, payload(0)),
        [sent(Wire::Feedback { id: 0, needed })]
    );
}

#[test]
fn a_blind_peer_gets_no_feedback_and_counts_every_contact() {
    let blind = Removal {
        k: 1,
        counter: false,
        feedback: false,
    };
    let mut leaf = leaf(true, false, Some(blind), true);
    let effects = leaf.message(HUB, payload(0));
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Send(..)))
    );
    assert!(leaf.timer(Tick).contains(&sent(payload(0))));
    assert_eq!(leaf.timer(Tick), []);
}

#[test]
fn without_k_it_goes_on_for_ever_and_a_crash_ends_it() {
    let mut leaf = leaf(true, false, None, true);
    leaf.command(Publish(0));
    for _ in 0..50 {
        assert_eq!(
            leaf.timer(Tick),
            [sent(payload(0)), Effect::Arm(CYCLE, Tick)]
        );
    }
    leaf.start();
    assert_eq!(leaf.timer(Tick), []);
    leaf.message(HUB, payload(0));
    assert_eq!(leaf.peer.duplicates(), 1, "what was delivered is on disk");
}

#[test]
fn both_ways_one_partner_is_told_and_asked() {
    let mut leaf = leaf(true, true, Some(by_count(3)), true);
    leaf.command(Publish(0));
    leaf.advance(CYCLE);
    let expected = [
        sent(payload(0)),
        sent(Wire::Request),
        Effect::Arm(CYCLE, Tick),
    ];
    assert_eq!(leaf.timer(Tick), expected);
}
