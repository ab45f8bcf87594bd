//! How transactions are announced and asked for.

use super::*;
use crate::protocols::bitcoin::Transactions;

type Told = Vec<Effect<Wire, Timer, Event>>;

fn bench(client: Client) -> Bench<Node> {
    node_of(Bitcoin {
        client,
        transactions: Some(Transactions::default()),
        ..Bitcoin::default()
    })
}

/// The connections on which something is announced.
fn announced(told: &Told) -> Vec<Conn> {
    let list = told.iter().filter_map(|effect| match effect {
        Effect::SendOn(conn, Wire::InvTx(_)) => Some(*conn),
        _ => None,
    });
    list.collect()
}

fn inv(transaction: u32) -> Wire {
    Wire::InvTx([transaction].into())
}

fn get(transaction: u32) -> Wire {
    Wire::GetTx([transaction].into())
}

#[test]
fn before_0_12_a_quarter_goes_at_once_but_nothing_of_ones_own() {
    let mut bench = bench(Client::Core0_10_1);
    let (from, _) = call(&mut bench, 0);
    let (other, _) = call(&mut bench, 1);
    let mut at_once = 0;
    for transaction in 0..1000 {
        let told = bench.data(from, PeerId(HONEST), Wire::Tx(transaction, 300));
        assert!(told.contains(&Effect::Emit(Event::Transaction(transaction))));
        let announced = announced(&told);
        assert!(!announced.contains(&from), "it knows that already");
        at_once += announced.len();
    }
    assert!((200..300).contains(&at_once), "{at_once} of 1000");
    for transaction in 1000..1100 {
        assert_eq!(announced(&bench.command(Command::Spend(transaction))), []);
    }
    // The rest waits for the turn of the connection.
    let told = bench.timer(Timer::Trickle(other));
    let lengths = told.iter().filter_map(|effect| match effect {
        Effect::SendOn(conn, Wire::InvTx(list)) if *conn == other => Some(list.len()),
        _ => None,
    });
    assert_eq!(lengths.sum::<usize>(), 1000 - at_once + 100);
}

#[test]
fn who_has_connected_is_asked_two_seconds_later_and_only_if_nobody_else_tells() {
    let mut bench = bench(Client::Core22_0);
    let (caller, _) = call(&mut bench, 0);
    let (own, _) = dial(&mut bench, 4);
    let told = bench.data(caller, PeerId(HONEST), inv(1));
    let wait = Duration::from_secs(2);
    assert_eq!(told, [Effect::Arm(wait, Timer::Ask(1))]);
    let told = bench.timer(Timer::Ask(1));
    assert!(told.contains(&Effect::SendOn(caller, get(1))));

    bench.data(caller, PeerId(HONEST), inv(2));
    let told = bench.data(own, PeerId(4), inv(2));
    assert!(told.contains(&Effect::SendOn(own, get(2))));
    // It does not come: the other one is asked, and then nobody is left.
    let told = bench.timer(Timer::Ask(2));
    assert!(told.contains(&Effect::SendOn(caller, get(2))));
    assert_eq!(bench.timer(Timer::Ask(2)), []);
    // Announced again, it is asked for again; once it is there, no more.
    let told = bench.data(own, PeerId(4), inv(2));
    assert!(told.contains(&Effect::SendOn(own, get(2))));
    bench.data(own, PeerId(4), Wire::Tx(2, 300));
    assert_eq!(bench.data(caller, PeerId(HONEST), inv(2)), []);
    assert_eq!(full(&bench).told(), 5);
}

#[test]
fn what_was_asked_on_a_lost_connection_is_asked_on_another_one() {
    let mut bench = bench(Client::Core0_14);
    let (first, _) = call(&mut bench, 0);
    let (second, _) = call(&mut bench, 1);
    let told = bench.data(first, PeerId(HONEST), inv(7));
    assert!(told.contains(&Effect::SendOn(first, get(7))));
    bench.data(second, PeerId(HONEST), inv(7));
    let told = bench.connection(first, Link::Closed(PeerId(HONEST)));
    assert!(told.contains(&Effect::SendOn(second, get(7))));
}

#[test]
fn who_wants_blocks_alone_is_told_of_blocks_alone() {
    let mut bench = bench(Client::Core22_0);
    let conn = bench.incoming();
    let caller = PeerId(HONEST);
    bench.connection(conn, Link::Accepted(caller));
    let address = full(&bench).shared.book.attack_address(0);
    bench.data(conn, caller, Wire::Version(address, false));
    bench.command(Command::Spend(0));
    assert_eq!(bench.timer(Timer::TrickleInbound), []);
    let told = bench.command(Command::Mine(0));
    assert!(told.contains(&Effect::SendOn(conn, Wire::Inv(0))));
    assert_eq!(bench.data(conn, caller, inv(9)), []);
}

#[test]
fn at_most_35_are_announced_at_once_and_the_clock_goes_on() {
    let mut bench = bench(Client::Core22_0);
    let (conn, _) = call(&mut bench, 0);
    for transaction in 0..50 {
        bench.command(Command::Spend(transaction));
    }
    for length in [35, 15] {
        let told = bench.timer(Timer::TrickleInbound);
        let list = told.iter().find_map(|effect| match effect {
            Effect::SendOn(to, Wire::InvTx(list)) if *to == conn => Some(list.len()),
            _ => None,
        });
        assert_eq!(list, Some(length));
        let goes_on = |effect: &_| matches!(effect, Effect::Arm(_, Timer::TrickleInbound));
        assert_eq!(told.iter().any(goes_on), length == 35);
    }
}
