use super::*;
use crate::churn::Choice;
use crate::protocols::gossip::eager::{self, Eager};
use crate::protocols::gossip::wire::UNLIMITED;
use crate::testkit::{Bench, Effect, Effects};
use std::collections::BTreeSet;

const PEERS: u32 = 10;
const PING: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(3);

type Peer = Keeper<Eager>;

/// Peer 0, which keeps the two oldest of four, and floods.
fn bench(both_ways: bool) -> Bench<Peer> {
    let keep = Kept {
        count: 2,
        candidates: 4,
        choice: Choice::Oldest,
        ping: PING,
        timeout: TIMEOUT,
        both_ways,
    };
    let flood = eager::Rules {
        targets: Targets::Kept(Vec::new()),
        fanout: None,
        ttl: UNLIMITED,
        size: 100,
        ack: None,
        forgets: false,
    };
    let rules = Arc::new(Rules::new(keep, PEERS));
    let peer = Keeper::new(Eager::new(Arc::new(flood)), rules);
    let mut bench = Bench::new(peer, PeerId(0), 1);
    bench.advance(Duration::from_secs(1000));
    bench
}

/// Who was pinged, and the number of the question.
fn pinged(effects: &Effects<Peer>) -> (Vec<u32>, u16) {
    let pings = effects.iter().filter_map(|effect| match effect {
        Effect::Send(to, Wire::Ping { number, .. }) => Some((to.0, *number)),
        _ => None,
    });
    let (asked, numbers): (Vec<u32>, Vec<u16>) = pings.unzip();
    (asked, numbers.first().copied().unwrap_or_default())
}

fn pong(number: u16, age: u32) -> Wire<wire::Wire> {
    Wire::Pong { number, age }
}

fn ping(number: u16) -> Wire<wire::Wire> {
    let keeps = false;
    Wire::Ping { number, keeps }
}

fn dropped(effects: &Effects<Peer>) -> Vec<u32> {
    let dropped = effects.iter().filter_map(|effect| match effect {
        Effect::Emit(Event::Dropped(peer)) => Some(peer.0),
        _ => None,
    });
    dropped.collect()
}

/// A peer that has started and keeps two of the four it asked: those are given back, oldest first.
fn settled() -> (Bench<Peer>, [u32; 2]) {
    let mut bench = bench(false);
    let (asked, number) = pinged(&bench.start());
    bench.advance(Duration::from_millis(100));
    for (&peer, age) in asked.iter().zip([10, 500, 20, 300]) {
        assert_eq!(bench.message(PeerId(peer), pong(number, age)), []);
    }
    bench.advance(TIMEOUT - Duration::from_millis(100));
    let effects = bench.timer(Timer::Choose);
    let kept = [asked[1], asked[3]];
    let took = |peer, age| {
        Effect::Emit(Event::Took {
            peer: PeerId(peer),
            age: Duration::from_secs(age) + TIMEOUT - Duration::from_millis(100),
            round_trip: Duration::from_millis(100),
        })
    };
    assert_eq!(effects, [took(kept[0], 500), took(kept[1], 300)]);
    (bench, kept)
}

#[test]
fn who_starts_asks_others_and_keeps_the_oldest_that_answer() {
    let effects = bench(false).start();
    let asked: BTreeSet<u32> = pinged(&effects).0.into_iter().collect();
    assert_eq!(asked.len(), 4);
    assert!(!asked.contains(&0));
    assert!(effects.contains(&Effect::Arm(TIMEOUT, Timer::Choose)));
    settled();
}

#[test]
fn a_ping_is_answered_with_the_age() {
    let (mut bench, _) = settled();
    bench.advance(Duration::from_secs(60));
    let answer = Effect::Send(PeerId(7), pong(9, 63));
    let first = bench.message(PeerId(7), ping(9));
    assert_eq!(first, [answer]);
    // Up again: of age zero.
    bench.start();
    assert_ne!(bench.message(PeerId(7), ping(9)), first);
}

#[test]
fn broadcasts_go_to_those_kept_but_the_one_they_came_from() {
    let (mut bench, [first, second]) = settled();
    let payload = Wire::Gossip(wire::Wire::Payload {
        id: 3,
        size: 100,
        ttl: UNLIMITED,
    });
    let effects = bench.message(PeerId(first), payload.clone());
    let delivered = Event::Gossip(wire::Event::Delivered(3));
    assert_eq!(
        effects,
        [
            Effect::Send(PeerId(second), payload),
            Effect::Emit(delivered)
        ]
    );
}

#[test]
fn who_does_not_answer_is_lost_and_replaced() {
    let (mut bench, [first, second]) = settled();
    let effects = bench.timer(Timer::Beat);
    let (asked, number) = pinged(&effects);
    assert_eq!(asked, [first, second]);
    assert!(effects.contains(&Effect::Arm(PING, Timer::Beat)));
    bench.message(PeerId(second), pong(number, 400));
    let effects = bench.timer(Timer::Late);
    assert_eq!(dropped(&effects), [first]);
    let (asked, number) = pinged(&effects);
    assert_eq!(asked.len(), 4);
    for peer in asked {
        bench.message(PeerId(peer), pong(number, 1));
    }
    assert_eq!(bench.timer(Timer::Choose).len(), 1);
    assert_eq!(pinged(&bench.timer(Timer::Beat)).0.len(), 2);
}

#[test]
fn with_too_few_answers_it_looks_again_at_the_next_beat() {
    let mut bench = bench(false);
    bench.start();
    assert_eq!(bench.timer(Timer::Choose), []);
    let effects = bench.timer(Timer::Beat);
    assert_eq!(pinged(&effects).0.len(), 4);
    // While it looks it does not begin anew.
    assert_eq!(pinged(&bench.timer(Timer::Beat)).0.len(), 0);
}

/// Who keeps the peer gets broadcasts, too, until it has not said so for two pings and a time-out.
#[test]
fn both_ways_those_that_keep_the_peer_are_neighbours() {
    let mut bench = bench(true);
    let (asked, number) = pinged(&bench.start());
    bench.message(PeerId(asked[0]), pong(number, 9));
    bench.advance(TIMEOUT);
    let effects = bench.timer(Timer::Choose);
    // It says at once that it keeps the one who answered.
    assert_eq!(pinged(&effects).0, [asked[0]]);
    let keeper = PeerId(if asked[0] == 9 { 8 } else { 9 });
    for keeps in [false, true] {
        let number = 1;
        bench.message(keeper, Wire::Ping { number, keeps });
        let effects = bench.command(Publish(u32::from(keeps)));
        let sends = effects.iter().filter(|e| matches!(e, Effect::Send(..)));
        assert_eq!(sends.count(), 1 + usize::from(keeps));
    }
    bench.advance(PING * 2 + TIMEOUT);
    bench.timer(Timer::Beat);
    assert_eq!(bench.peer.node.targets().neighbours(PeerId(0)).len(), 2);
    bench.advance(Duration::from_secs(1));
    bench.timer(Timer::Beat);
    assert_eq!(bench.peer.node.targets().neighbours(PeerId(0)).len(), 1);
}

#[test]
fn who_restarts_knows_nobody() {
    let (mut bench, _) = settled();
    bench.start();
    let effects = bench.command(Publish(1));
    assert_eq!(effects, [Effect::Emit(Event::Gossip(wire::Event::Sent(1)))]);
}

#[test]
fn kinds_and_bytes_are_those_of_the_broadcast_and_two_more() {
    type Whole = Wire<wire::Wire>;
    assert_eq!(
        Whole::KINDS,
        ["payload", "ack", "request", "feedback", "ping", "pong"]
    );
    assert_eq!(
        <Wire<wire::Sync> as Message>::KINDS,
        ["payload", "digest", "ping", "pong"]
    );
    let ping = Whole::Ping {
        number: 1,
        keeps: true,
    };
    assert_eq!(Whole::KINDS[usize::from(ping.kind())], "ping");
    assert_eq!(Whole::KINDS[usize::from(pong(1, 2).kind())], "pong");
    assert_eq!((ping.bytes(), pong(1, 2).bytes()), (23, 27));
    assert_eq!(Whole::Gossip(wire::Wire::Request).kind(), 2);
}

/// Beside the 40 bytes of the strategy: hundreds, with what is kept.
#[test]
fn a_peer_is_small() {
    assert!(size_of::<Peer>() <= 160, "{}", size_of::<Peer>());
    assert!(size_of::<Option<Wire<wire::Wire>>>() <= 16);
}
