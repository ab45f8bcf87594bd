//! [`Attacker`]: one host with many keys.

use super::config::EthereumEclipse;
use crate::engine::{Conn, Context, Link, Message, Protocol};
use crate::peer::PeerId;
use crate::protocols::dht::Id;
use crate::protocols::ethereum::enode::Enode;
use crate::protocols::ethereum::{Between, Shared, Timer, Wire};
use crate::random::Draw;
use crate::time::{Duration, Instant};
use std::collections::VecDeque;
use std::sync::Arc;

/// Nodes in an answer.
const NAMED: usize = 16;
/// A victim that has left so many pings unanswered is away, with some time for the last answer.
const SILENT: u64 = 3;
const LONGEST_RTT: Duration = Duration::from_secs(1);
/// Connections that a host asks for at a time while victims are away.
const KNOCKS: usize = 20_000;

/// The plan that all hosts have, fixed before the run.
#[derive(Debug)]
pub struct Orders {
    /// The attack's parameters.
    pub attack: EthereumEclipse,
    /// What keys hash to.
    pub shared: Arc<Shared>,
    /// Victims are the first honest peers.
    pub victims: Vec<PeerId>,
}

impl Orders {
    /// The keys made for a victim.
    pub fn keys_for(&self, victim: usize) -> impl Iterator<Item = Enode> + '_ {
        let ids = self.attack.ids;
        let first = victim as u32 * ids;
        (first..first + ids).map(|number| self.shared.keys.made(number))
    }
}

/// What an attack has cost.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Spent {
    /// Messages sent.
    pub messages: u64,
    /// Their bytes, in the protocol's own framing.
    pub bytes: u64,
    /// Connections opened.
    pub opened: u64,
    /// Lookups of victims answered with its own nodes.
    pub lies: u64,
}

/// One host of the attacker.
#[derive(Debug)]
pub struct Attacker {
    orders: Arc<Orders>,
    /// What it does about each victim.
    fronts: Vec<Front>,
    spent: Spent,
}

/// A victim as a host sees it.
#[derive(Debug)]
struct Front {
    victim: PeerId,
    /// This host's keys for it, those that are not connected in the order of their turns.
    free: VecDeque<u16>,
    all: Vec<u16>,
    /// Whose ping is next.
    turn: usize,
    /// Connections to it, asked for or standing, each with its key.
    open: Vec<(Conn, u16)>,
    /// Connections asked for while it is away, in the hope that it comes back.
    knocks: VecDeque<Conn>,
    /// When it last answered a ping.
    seen: Option<Instant>,
    /// Whether it was away and is there again.
    is_back: bool,
}

impl Front {
    /// Whether it has not answered for so long that it must be away.
    fn is_silent(&self, retry: Duration, now: Instant) -> bool {
        let since = |seen| now.saturating_since(seen) > LONGEST_RTT.saturating_add(retry * SILENT);
        self.seen.is_some_and(since)
    }
}

type Cx<'a, 'b> = &'a mut Context<'b, Attacker>;

impl Attacker {
    /// The host that is this peer.
    pub fn new(orders: Arc<Orders>, me: PeerId) -> Self {
        let front = |(at, &victim): (usize, &PeerId)| {
            let own = orders.keys_for(at).filter(|node| node.host == me);
            let all: Vec<u16> = own.map(|node| node.key).collect();
            Front {
                victim,
                free: all.iter().copied().collect(),
                all,
                turn: 0,
                open: Vec::new(),
                knocks: VecDeque::new(),
                seen: None,
                is_back: false,
            }
        };
        let fronts = orders.victims.iter().enumerate().map(front).collect();
        Self {
            orders,
            fronts,
            spent: Spent::default(),
        }
    }

    /// What it has spent.
    pub fn spent(&self) -> Spent {
        self.spent
    }

    fn count(&mut self, message: &Wire) {
        self.spent.messages += 1;
        self.spent.bytes += u64::from(message.bytes());
    }

    fn send(&mut self, to: PeerId, message: Wire, cx: Cx<'_, '_>) {
        self.count(&message);
        cx.send(to, message);
    }

    fn say(&mut self, conn: Conn, message: Wire, cx: Cx<'_, '_>) {
        self.count(&message);
        cx.send_on(conn, message);
    }

    /// The front of a victim.
    fn front(&self, host: PeerId) -> Option<usize> {
        self.fronts.iter().position(|front| front.victim == host)
    }

    fn ping(&mut self, at: usize, key: u16, cx: Cx<'_, '_>) {
        let keys = Between { from: key, to: 0 };
        self.send(self.fronts[at].victim, Wire::Ping(keys), cx);
    }

    /// The next key pings each victim; a round has one ping of each.
    fn next_pings(&mut self, cx: Cx<'_, '_>) {
        let mut most = 1;
        for at in 0..self.fronts.len() {
            let front = &mut self.fronts[at];
            most = most.max(front.all.len());
            let turn = front.turn;
            front.turn += 1;
            if !front.all.is_empty() {
                let key = front.all[turn % front.all.len()];
                self.ping(at, key, cx);
            }
        }
        cx.arm(self.orders.attack.round / most as u64, Timer::Attack);
    }

    /// As many connections as a victim has: the nearest host may take them all.
    fn most(&self) -> usize {
        self.orders.shared.config.max_peers as usize
    }

    /// Looks whether the victim is there, and knocks while it is away; once it is back, takes what
    /// connections it can get.
    fn hold(&mut self, victim: u8, cx: Cx<'_, '_>) {
        cx.arm(self.orders.attack.retry, Timer::Hold(victim));
        let at = usize::from(victim);
        if self.fronts[at].is_back {
            // One more of those that somebody has left.
            self.connect(at, 1, cx);
            return;
        }
        if let Some(&key) = self.fronts[at].all.first() {
            self.ping(at, key, cx);
        }
        let at_a_time = KNOCKS / self.fronts.len();
        let (most, front) = (self.most(), &mut self.fronts[at]);
        if self.orders.attack.connects && front.is_silent(self.orders.attack.retry, cx.now()) {
            for _ in 0..most.min(at_a_time.saturating_sub(front.knocks.len())) {
                front.knocks.push_back(cx.connect(front.victim));
                self.spent.opened += 1;
            }
        }
    }

    /// Connects with up to `count` more of its keys to this victim.
    fn connect(&mut self, at: usize, count: usize, cx: Cx<'_, '_>) {
        if !self.orders.attack.connects {
            return;
        }
        let (most, front) = (self.most(), &mut self.fronts[at]);
        let missing = most.saturating_sub(front.open.len());
        for _ in 0..missing.min(count) {
            let Some(key) = front.free.pop_front() else {
                return;
            };
            front.open.push((cx.connect(front.victim), key));
            self.spent.opened += 1;
        }
    }

    /// A connection to this victim stands: one of the host's keys says hello, if it wants one more.
    fn opened(&mut self, at: usize, conn: Conn, cx: Cx<'_, '_>) {
        let (most, front) = (self.most(), &mut self.fronts[at]);
        if let Some(knock) = front.knocks.iter().position(|&other| other == conn) {
            front.knocks.remove(knock);
            if front.open.len() >= most || front.free.is_empty() {
                cx.close(conn);
                return;
            }
            front
                .open
                .extend(front.free.pop_front().map(|key| (conn, key)));
        }
        let mut open = front.open.iter();
        if let Some(&(_, key)) = open.find(|&&(ours, _)| ours == conn) {
            let keys = Between { from: key, to: 0 };
            self.say(conn, Wire::Hello(keys), cx);
        }
    }

    /// The victim answers: if it did not for a while, it has restarted. It is pinged with all keys at once,
    /// and its connections are taken.
    fn on_pong(&mut self, at: usize, cx: Cx<'_, '_>) {
        let (front, now) = (&mut self.fronts[at], cx.now());
        let was_away = front.is_silent(self.orders.attack.retry, now);
        front.seen = Some(now);
        if front.is_back || !was_away {
            return;
        }
        front.is_back = true;
        if self.orders.attack.poisons {
            for key in self.fronts[at].all.clone() {
                self.ping(at, key, cx);
            }
        }
        self.connect(at, self.most(), cx);
    }

    fn ended(&mut self, victim: PeerId, conn: Conn) {
        let Some(at) = self.front(victim) else { return };
        let front = &mut self.fronts[at];
        if let Some(at) = front.open.iter().position(|&(other, _)| other == conn) {
            let (_, key) = front.open.swap_remove(at);
            front.free.push_back(key);
        } else if let Some(at) = front.knocks.iter().position(|&other| other == conn) {
            front.knocks.remove(at);
        }
    }

    /// The nodes for this victim that are closest to a target.
    fn own_near(&self, at: usize, target: Id) -> Box<[Enode]> {
        let keys = &self.orders.shared.keys;
        let all = self.orders.keys_for(at);
        let mut all: Vec<(u64, Enode)> =
            all.map(|node| (target.xor(keys.id(node)), node)).collect();
        if all.len() > NAMED {
            all.select_nth_unstable(NAMED);
            all.truncate(NAMED);
        }
        all.sort_unstable();
        all.into_iter().map(|(_, node)| node).collect()
    }
}

impl Protocol for Attacker {
    type Message = Wire;
    type Timer = Timer;
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        let attack = &self.orders.attack;
        let phase = cx.rng().between(Duration::ZERO, attack.retry);
        let (start, poisons) = (attack.start + phase, attack.poisons);
        if poisons {
            cx.arm(start, Timer::Attack);
        }
        for victim in 0..self.fronts.len() {
            cx.arm(start, Timer::Hold(victim as u8));
        }
    }

    /// To others than victims its keys are dead: so they stay out of their tables.
    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        let Some(at) = self.front(from) else { return };
        let EthereumEclipse { poisons, lies, .. } = self.orders.attack;
        match message {
            Wire::Pong(_) => self.on_pong(at, cx),
            // Whoever leaves pings unanswered comes into no table.
            Wire::Ping(keys) if poisons => {
                let keys = Between {
                    from: keys.to,
                    to: 0,
                };
                self.send(from, Wire::Pong(keys), cx);
            }
            Wire::FindNode(keys, target) if lies => {
                self.spent.lies += 1;
                let near = self.own_near(at, target);
                let keys = Between {
                    from: keys.to,
                    to: 0,
                };
                self.send(from, Wire::Neighbors(keys, near), cx);
            }
            _ => {}
        }
    }

    fn on_data(&mut self, conn: Conn, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        let Some(at) = self.front(from) else {
            // Nobody else is let in.
            cx.close(conn);
            return;
        };
        match message {
            Wire::Hello(keys) => {
                let mut open = self.fronts[at].open.iter();
                // An answer, unless the victim has dialled one of its keys.
                if !open.any(|&(ours, _)| ours == conn) {
                    let keys = Between {
                        from: keys.to,
                        to: 0,
                    };
                    self.say(conn, Wire::Hello(keys), cx);
                }
            }
            Wire::TooManyPeers => {
                cx.close(conn);
                self.ended(from, conn);
            }
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Attack => self.next_pings(cx),
            Timer::Hold(victim) => self.hold(victim, cx),
            _ => {}
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        match what {
            Link::Accepted(_) => {}
            Link::Opened(victim) => {
                if let Some(at) = self.front(victim) {
                    self.opened(at, conn, cx);
                }
            }
            Link::Refused(victim) | Link::Reset(victim) | Link::Closed(victim) => {
                self.ended(victim, conn);
            }
        }
    }
}
