//! How a node gets transactions and passes them on: by `inv` and `getdata`, late on purpose.
//!
//! Timers run only while something waits. An exponential time has no memory, so this is the same as the
//! program's clocks that go on all the time.

use super::{Cx, Full};
use crate::engine::{Conn, TimerId};
use crate::protocols::bitcoin::connection::{Connection, Role};
use crate::protocols::bitcoin::message::{Event, Timer, Wire};
use crate::protocols::bitcoin::numbers::Numbers;
use crate::protocols::bitcoin::relay::{TURN, Trickle};
use crate::random::Draw;
use crate::random::hash::mix2;
use std::collections::BTreeMap;

/// What a node knows of transactions.
#[derive(Debug, Default)]
pub(super) struct Mempool {
    has: Numbers,
    /// What it was told of and does not have.
    asked: BTreeMap<u32, Asked>,
    /// How often it was told of any.
    pub(super) told: u64,
    /// Whether the clock that all connections of others share runs.
    trickles_inbound: bool,
}

/// A transaction that is asked for, or will be.
#[derive(Debug)]
struct Asked {
    /// Who is asked; nobody yet.
    from: Option<Conn>,
    others: Vec<Conn>,
    timer: TimerId,
}

impl Mempool {
    /// What was in memory is gone but for the transactions, which are on disk. (`mempool.dat` is of
    /// 0.14; before, a node came back with none.)
    pub(super) fn restart(&mut self) {
        self.asked.clear();
        self.trickles_inbound = false;
    }
}

impl Full {
    /// It makes a transaction.
    pub(super) fn spend(&mut self, transaction: u32, cx: Cx<'_, '_>) {
        let Some(mempool) = &mut self.mempool else {
            return;
        };
        mempool.has.add(transaction);
        cx.emit(Event::Made(transaction));
        self.announce(transaction, true, cx);
    }

    /// Puts a transaction on the list of everybody who does not have it yet.
    fn announce(&mut self, transaction: u32, is_own: bool, cx: Cx<'_, '_>) {
        let trickle = self.shared.profile.transactions.trickle;
        let secret = mix2(self.address.0.into(), transaction.into());
        let goes_at_once = trickle == Trickle::Turns && !is_own && secret.is_multiple_of(4);
        let mut starts = Vec::new();
        for connection in self.connections.iter_mut() {
            let knows = connection.transactions.known.has(transaction);
            if knows || !connection.is_ready || !connection.relays_transactions() {
                continue;
            }
            if goes_at_once {
                connection.transactions.known.add(transaction);
                cx.send_on(connection.conn, Wire::InvTx([transaction].into()));
                continue;
            }
            connection.transactions.waiting.push(transaction);
            if connection.transactions.waiting.len() == 1 {
                starts.push((connection.conn, connection.role == Role::Inbound));
            }
        }
        for (conn, is_inbound) in starts {
            self.start_trickle(conn, is_inbound, cx);
        }
    }

    /// Something waits for a connection on which nothing waited.
    fn start_trickle(&mut self, conn: Conn, is_inbound: bool, cx: Cx<'_, '_>) {
        let (mean, timer) = match self.shared.profile.transactions.trickle {
            Trickle::Turns => {
                let turns = self.connections.iter().count() as u64;
                (TURN * turns, Timer::Trickle(conn))
            }
            Trickle::Poisson { outbound, .. } if !is_inbound => (outbound, Timer::Trickle(conn)),
            Trickle::Poisson {
                inbound,
                together: false,
                ..
            } => (inbound, Timer::Trickle(conn)),
            Trickle::Poisson { inbound, .. } => {
                let Some(mempool) = &mut self.mempool else {
                    return;
                };
                if std::mem::replace(&mut mempool.trickles_inbound, true) {
                    return;
                }
                (inbound, Timer::TrickleInbound)
            }
        };
        let after = cx.rng().exp(mean);
        cx.arm(after, timer);
    }

    /// Tells one connection what has waited for it.
    pub(super) fn trickle(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let most = self.shared.profile.transactions.at_once;
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        let list = connection.transactions.take(most);
        let (is_inbound, waits) = (
            connection.role == Role::Inbound,
            !connection.transactions.waiting.is_empty(),
        );
        if !list.is_empty() {
            cx.send_on(conn, Wire::InvTx(list.into()));
        }
        if waits {
            self.start_trickle(conn, is_inbound, cx);
        }
    }

    /// Tells all connections of others.
    pub(super) fn trickle_inbound(&mut self, cx: Cx<'_, '_>) {
        if let Some(mempool) = &mut self.mempool {
            mempool.trickles_inbound = false;
        }
        let waits =
            |one: &&Connection| one.role == Role::Inbound && !one.transactions.waiting.is_empty();
        let waiting = self.connections.iter().filter(waits);
        let waiting: Vec<Conn> = waiting.map(|one| one.conn).collect();
        for conn in waiting {
            self.trickle(conn, cx);
        }
    }

    pub(super) fn on_inv_tx(&mut self, conn: Conn, list: &[u32], cx: Cx<'_, '_>) {
        let relay = self.shared.profile.transactions;
        let (Some(mempool), Some(connection)) = (&mut self.mempool, self.connections.get(conn))
        else {
            return;
        };
        if !connection.relays_transactions() {
            return;
        }
        let waits = !connection.is_outbound() && !relay.inbound_delay.is_zero();
        let mut ask = Vec::new();
        for &transaction in list {
            mempool.told += 1;
            connection.transactions.known.add(transaction);
            if mempool.has.has(transaction) {
                continue;
            }
            match mempool.asked.get_mut(&transaction) {
                Some(asked) if waits || asked.from.is_some() => asked.others.push(conn),
                Some(asked) => {
                    cx.cancel(asked.timer);
                    asked.from = Some(conn);
                    asked.timer = cx.arm(relay.timeout, Timer::Ask(transaction));
                    ask.push(transaction);
                }
                None if waits => {
                    let timer = cx.arm(relay.inbound_delay, Timer::Ask(transaction));
                    let others = vec![conn];
                    let asked = Asked {
                        from: None,
                        others,
                        timer,
                    };
                    mempool.asked.insert(transaction, asked);
                }
                None => {
                    let timer = cx.arm(relay.timeout, Timer::Ask(transaction));
                    let (from, others) = (Some(conn), Vec::new());
                    let asked = Asked {
                        from,
                        others,
                        timer,
                    };
                    mempool.asked.insert(transaction, asked);
                    ask.push(transaction);
                }
            }
        }
        if !ask.is_empty() {
            cx.send_on(conn, Wire::GetTx(ask.into()));
        }
    }

    /// It is time to ask somebody, or somebody else, for a transaction: first whom this node has
    /// connected to itself. If there is nobody, it is forgotten until it is announced again.
    pub(super) fn ask_for(&mut self, transaction: u32, cx: Cx<'_, '_>) {
        let timeout = self.shared.profile.transactions.timeout;
        let Some(mempool) = &mut self.mempool else {
            return;
        };
        let Some(asked) = mempool.asked.get_mut(&transaction) else {
            return;
        };
        if asked.others.is_empty() {
            mempool.asked.remove(&transaction);
            return;
        }
        let mut is_own = |conn: &Conn| {
            let connection = self.connections.get(*conn);
            connection.is_some_and(|connection| connection.is_outbound())
        };
        let at = asked.others.iter().position(&mut is_own).unwrap_or(0);
        let conn = asked.others.remove(at);
        asked.from = Some(conn);
        asked.timer = cx.arm(timeout, Timer::Ask(transaction));
        cx.send_on(conn, Wire::GetTx([transaction].into()));
    }

    pub(super) fn on_get_tx(&mut self, conn: Conn, list: &[u32], cx: Cx<'_, '_>) {
        let (Some(mempool), Some(config)) = (&self.mempool, &self.shared.config.transactions)
        else {
            return;
        };
        let bytes = config.size.0 as u32;
        for &transaction in list.iter().filter(|&&one| mempool.has.has(one)) {
            cx.send_on(conn, Wire::Tx(transaction, bytes));
        }
    }

    pub(super) fn on_tx(&mut self, conn: Conn, transaction: u32, cx: Cx<'_, '_>) {
        let Some(mempool) = &mut self.mempool else {
            return;
        };
        if let Some(asked) = mempool.asked.remove(&transaction) {
            cx.cancel(asked.timer);
        }
        let is_new = mempool.has.add(transaction);
        if let Some(connection) = self.connections.get(conn) {
            connection.transactions.known.add(transaction);
            if is_new {
                connection.last_transaction = Some(cx.now());
            }
        }
        if is_new {
            cx.emit(Event::Transaction(transaction));
            self.announce(transaction, false, cx);
        }
    }

    /// A connection is gone: what was asked there is asked elsewhere.
    pub(super) fn ask_others_than(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let Some(mempool) = &mut self.mempool else {
            return;
        };
        let mut again = Vec::new();
        for (&transaction, asked) in &mut mempool.asked {
            asked.others.retain(|&other| other != conn);
            if asked.from == Some(conn) {
                cx.cancel(asked.timer);
                again.push(transaction);
            }
        }
        for transaction in again {
            self.ask_for(transaction, cx);
        }
    }
}
