mod transactions;

use super::*;
use crate::protocols::bitcoin::address::{AttackPlan, Stamp};
use crate::protocols::bitcoin::addrman::Table;
use crate::protocols::bitcoin::{Client, Countermeasures};
use crate::testkit::{Bench, Effect};
use crate::time::Duration;

const HONEST: u32 = 1000;
/// Addresses of two groups for whoever connects, in turns.
const CALLERS: AttackPlan = AttackPlan {
    groups: 2,
    addresses_per_group: 500,
    peers: 1,
};

/// An honest node of number 0 on the bench, under these rules.
fn node(client: Client, countermeasures: Countermeasures) -> Bench<Node> {
    node_of(Bitcoin {
        client,
        countermeasures,
        ..Bitcoin::default()
    })
}

/// An honest node of number 0 on the bench.
fn node_of(config: Bitcoin) -> Bench<Node> {
    let book = AddressBook::new(7, HONEST, CALLERS).expect("an address plan that fits");
    let profile = config.profile();
    let known = AddrMan::new(profile.rules, 9);
    let shared = Shared {
        config,
        profile,
        book,
        seeds: 0..0,
        fixed_seeds: [book.honest_address(PeerId(3))].into(),
    };
    let added = [book.honest_address(PeerId(5))].into();
    let address = book.honest_address(PeerId(0));
    let node = Full::new(Arc::new(shared), address, known, added);
    let mut bench = Bench::new(Node::Full(Box::new(node)), PeerId(0), 3);
    bench.start();
    bench
}

fn full(bench: &Bench<Node>) -> &Full {
    match &bench.peer {
        Node::Full(node) => node,
        Node::Seed(_) => unreachable!("it is a node"),
    }
}

/// A caller with the `n`-th of their addresses connects and says who it is; what it is told.
fn call(bench: &mut Bench<Node>, n: u32) -> (Conn, Vec<Effect<Wire, Timer, Event>>) {
    let conn = bench.incoming();
    let caller = PeerId(HONEST);
    let mut told = bench.connection(conn, Link::Accepted(caller));
    let closed = told.contains(&Effect::Close(conn));
    if !closed {
        let address = full(bench).shared.book.attack_address(n);
        told.extend(bench.data(conn, caller, Wire::Version(address, true)));
    }
    (conn, told)
}

/// The node connects to an honest peer it has heard of; the connection, and what it says on it.
fn dial(bench: &mut Bench<Node>, peer: u32) -> (Conn, Vec<Effect<Wire, Timer, Event>>) {
    let now = Stamp::from(bench.now());
    if let Node::Full(node) = &mut bench.peer {
        let address = node.shared.book.honest_address(PeerId(peer));
        let rng = &mut crate::random::PeerRng::from_state(u64::from(peer));
        node.addrman
            .add(address, now, address, Duration::ZERO, now, rng);
    }
    bench.advance(Duration::from_mins(1));
    let effects = bench.timer(Timer::Dial);
    let connect = effects.iter().find_map(|effect| match effect {
        Effect::Connect(to, conn) => Some((*to, *conn)),
        _ => None,
    });
    let (to, conn) = connect.expect("a connection is missing");
    bench.connection(conn, Link::Opened(to));
    (conn, bench.data(conn, to, Wire::Verack))
}

fn trash(count: u32) -> Wire {
    let address = |n| (Address::trash(n), Stamp::from_secs(60));
    Wire::Addr((0..count).map(address).collect())
}

#[test]
fn who_connects_enters_tried_until_0_13() {
    for (client, entered) in [
        (Client::Core0_9_3, 1),
        (Client::Core0_10_1, 1),
        (Client::Core0_14, 0),
        (Client::Core22_0, 0),
    ] {
        let mut bench = node(client, Countermeasures::default());
        let (conn, told) = call(&mut bench, 0);
        assert!(told.contains(&Effect::SendOn(conn, Wire::Verack)));
        let known = full(&bench).addrman();
        assert_eq!(known.count(Table::Tried), entered, "{client:?}");
    }
}

#[test]
fn without_room_the_newcomer_goes_or_the_youngest_of_the_largest_group() {
    for (client, goes) in [(Client::Core0_9_3, None), (Client::Core0_14, Some(()))] {
        let mut bench = node(client, Countermeasures::default());
        let mut conns = Vec::new();
        // 117 slots: one caller of the second group, then all of the first.
        for n in std::iter::once(1).chain((0..116).map(|n| 2 * n)) {
            bench.advance(Duration::from_secs(1));
            let (conn, told) = call(&mut bench, n);
            assert!(!told.contains(&Effect::Close(conn)));
            conns.push(conn);
        }
        bench.advance(Duration::from_secs(1));
        let (late, told) = call(&mut bench, 3);
        let closed = told.iter().find_map(|effect| match effect {
            Effect::Close(conn) => Some(*conn),
            _ => None,
        });
        let expected = goes.map_or(late, |()| conns[116]);
        assert_eq!(closed, Some(expected), "{client:?}");
    }
}

#[test]
fn a_group_has_as_many_incoming_connections_as_it_may() {
    let two = Countermeasures {
        inbound_per_group: Some(2),
        ..Countermeasures::default()
    };
    let mut bench = node(Client::Core0_9_3, two);
    // Two of each group, then one more.
    for (n, stays) in [
        (0, true),
        (1, true),
        (2, true),
        (3, true),
        (4, false),
        (5, false),
    ] {
        let (conn, told) = call(&mut bench, n);
        assert_eq!(!told.contains(&Effect::Close(conn)), stays, "address {n}");
    }
}

#[test]
fn many_addresses_are_taken_from_who_was_asked() {
    let ban = Countermeasures {
        ban_unsolicited: Some(true),
        ..Countermeasures::default()
    };
    let new = |bench: &Bench<Node>| full(bench).addrman().count(Table::New);
    let mut bench = node(Client::Core0_9_3, ban);
    let (conn, _) = call(&mut bench, 0);
    bench.data(conn, PeerId(HONEST), trash(20));
    assert_eq!(new(&bench), 0);
    bench.data(conn, PeerId(HONEST), trash(10));
    assert_eq!(new(&bench), 10);
    let (conn, told) = dial(&mut bench, 5);
    assert!(told.contains(&Effect::SendOn(conn, Wire::GetAddr)));
    bench.data(conn, PeerId(5), trash(20));
    assert_eq!(new(&bench), 20);
    bench.data(conn, PeerId(5), trash(40));
    assert_eq!(new(&bench), 20, "it was asked once");
}

#[test]
fn addresses_are_limited_from_22_on() {
    let mut bench = node(Client::Core22_0, Countermeasures::default());
    let (conn, _) = call(&mut bench, 0);
    let new = |bench: &Bench<Node>| full(bench).addrman().count(Table::New);
    bench.data(conn, PeerId(HONEST), trash(10));
    assert_eq!(new(&bench), 1);
    // A tenth of an address a second.
    bench.advance(Duration::from_secs(50));
    bench.data(conn, PeerId(HONEST), trash(10));
    assert_eq!(new(&bench), 5);
}

#[test]
fn two_connections_are_for_blocks_alone_and_come_back_first() {
    let mut bench = node(Client::Core0_21, Countermeasures::default());
    for peer in 1..=8 {
        let (conn, told) = dial(&mut bench, peer);
        assert!(
            told.contains(&Effect::SendOn(conn, Wire::GetAddr)),
            "{peer}"
        );
    }
    let mut anchors = Vec::new();
    for peer in 9..=10 {
        let (conn, told) = dial(&mut bench, peer);
        assert!(
            !told.contains(&Effect::SendOn(conn, Wire::GetAddr)),
            "{peer}"
        );
        let connection = full(&bench)
            .connections()
            .iter()
            .find(|one| one.conn == conn);
        anchors.extend(connection.and_then(|one| one.address));
    }
    assert_eq!(full(&bench).anchors_now(), anchors);
    bench.start();
    let again = bench.timer(Timer::Dial);
    let owner = full(&bench).shared.book.owner(anchors[0]);
    let first = again
        .iter()
        .any(|effect| matches!(effect, Effect::Connect(to, _) if Some(*to) == owner));
    assert!(first, "{again:?}");
}

#[test]
fn a_feeler_says_who_it_is_and_goes() {
    let feelers = Countermeasures {
        feelers: Some(true),
        ..Countermeasures::default()
    };
    let mut bench = node(Client::Core0_9_3, feelers);
    for peer in 1..=8 {
        dial(&mut bench, peer);
    }
    let now = Stamp::from(bench.now());
    let felt = if let Node::Full(node) = &mut bench.peer {
        let felt = node.shared.book.honest_address(PeerId(50));
        let rng = &mut crate::random::PeerRng::from_state(1);
        node.addrman.add(felt, now, felt, Duration::ZERO, now, rng);
        felt
    } else {
        unreachable!("it is a node")
    };
    let effects = bench.timer(Timer::Feeler);
    let conn = effects.iter().find_map(|effect| match effect {
        Effect::Connect(PeerId(50), conn) => Some(*conn),
        _ => None,
    });
    let conn = conn.expect("the only address of new");
    bench.connection(conn, Link::Opened(PeerId(50)));
    let told = bench.data(conn, PeerId(50), Wire::Verack);
    assert_eq!(told.first(), Some(&Effect::Close(conn)));
    let known = full(&bench).addrman().known(felt).expect("known");
    assert_eq!(known.table, Table::Tried);
    assert_eq!(full(&bench).connections().outbound(), 8);
}

#[test]
fn half_an_hour_without_a_block_asks_for_one_more_peer() {
    let mut bench = node(Client::Core0_21, Countermeasures::default());
    for peer in 1..=10 {
        dial(&mut bench, peer);
    }
    bench.advance(Duration::from_mins(15));
    bench.timer(Timer::StaleCheck);
    assert!(!full(&bench).wants_another);
    bench.advance(Duration::from_mins(10));
    bench.timer(Timer::StaleCheck);
    assert!(full(&bench).wants_another);
    dial(&mut bench, 11);
    assert_eq!(full(&bench).connections().outbound(), 11);
    // Nobody brought a block: the youngest goes again.
    let told = bench.timer(Timer::StaleCheck);
    assert!(told.iter().any(|effect| matches!(effect, Effect::Close(_))));
    assert_eq!(full(&bench).connections().outbound(), 10);
}

/// Peers of the command line at once, hard-coded ones only for a node that knows nobody after a minute.
#[test]
fn nobody_is_connected_to_who_is_connected_already() {
    let mut bench = node(Client::Core0_9_3, Countermeasures::default());
    // Whoever connects enters the tables: the only address there is.
    call(&mut bench, 0);
    assert_eq!(full(&bench).addrman().len(), 1);
    bench.advance(Duration::from_mins(1));
    let again = Effect::Arm(DIAL_PAUSE, Timer::Dial);
    assert_eq!(bench.timer(Timer::Dial), [again]);
}

#[test]
fn peers_are_found_in_the_programs_order() {
    let mut bench = node(Client::Core0_9_3, Countermeasures::default());
    let connects = |effects: &[Effect<Wire, Timer, Event>]| -> Vec<(PeerId, Conn)> {
        let made = effects.iter().filter_map(|effect| match effect {
            Effect::Connect(to, conn) => Some((*to, *conn)),
            _ => None,
        });
        made.collect()
    };
    let added = connects(&bench.timer(Timer::AddPeers));
    assert_eq!(added.len(), 1);
    assert_eq!(added[0].0, PeerId(5));
    // Nobody is connected to twice at a time; a lost connection is made again.
    assert!(connects(&bench.timer(Timer::AddPeers)).is_empty());
    bench.connection(added[0].1, Link::Refused(PeerId(5)));
    let again = connects(&bench.timer(Timer::AddPeers));
    bench.connection(again[0].1, Link::Opened(PeerId(5)));
    bench.data(again[0].1, PeerId(5), Wire::Verack);
    assert!(connects(&bench.timer(Timer::AddPeers)).is_empty());
    let role = |bench: &Bench<Node>| full(bench).connections().count(Role::Added);
    assert_eq!(role(&bench), 1);

    assert!(full(&bench).addrman().is_empty());
    bench.timer(Timer::FixedSeeds);
    assert_eq!(full(&bench).addrman().count(Table::New), 1);
    let mut stored = node(Client::Core0_9_3, Countermeasures::default());
    dial(&mut stored, 4);
    stored.timer(Timer::FixedSeeds);
    assert_eq!(full(&stored).addrman().len(), 1);
}
