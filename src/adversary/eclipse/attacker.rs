//! [`Attacker`]: one machine with many addresses.

use super::Eclipse;
use crate::engine::{Conn, Context, Link, Protocol};
use crate::peer::PeerId;
use crate::protocols::bitcoin::address::{Address, Stamp};
use crate::protocols::bitcoin::{Command, Event, Shared, Timer, Wire};
use crate::random::Draw;
use crate::time::Duration;
use rand::Rng;
use std::sync::Arc;

/// How soon a machine tries again to get a connection it wants to hold.
const RETRY: Duration = Duration::from_secs(1);

/// The plan that all machines have, fixed before the run.
#[derive(Debug)]
pub struct Orders {
    /// The attack's parameters.
    pub attack: Eclipse,
    /// What a node knows of the network's plan.
    pub shared: Arc<Shared>,
    /// Victims are the first honest peers.
    pub victims: Vec<PeerId>,
}

/// One machine of the attacker.
#[derive(Debug)]
pub struct Attacker {
    orders: Arc<Orders>,
    machine: u32,
    /// How many of its own addresses have had their turn.
    turn: u32,
    /// Connections it has opened: from which address, to which victim, and whether it is to stay.
    open: Vec<Opened>,
    /// Connections it wants to hold at each victim.
    wanted: Vec<u32>,
    /// Whether a victim's restart has been noticed.
    restarted: Vec<bool>,
}

#[derive(Debug)]
struct Opened {
    conn: Conn,
    victim: u8,
    address: Address,
    stays: bool,
}

type Cx<'a, 'b> = &'a mut Context<'b, Attacker>;

impl Attacker {
    /// Machine number `machine`.
    pub fn new(orders: Arc<Orders>, machine: u32) -> Self {
        let victims = orders.victims.len();
        Self {
            orders,
            machine,
            turn: 0,
            open: Vec::new(),
            // One connection that tells when the victim restarts.
            wanted: vec![1; victims],
            restarted: vec![false; victims],
        }
    }

    /// How many of the attacker's addresses this machine has.
    fn own_addresses(&self) -> u32 {
        let all = self.orders.shared.book.attack_addresses();
        let machines = self.orders.attack.machines;
        all / machines + u32::from(self.machine < all % machines)
    }

    /// How many connections it has opened.
    pub fn opened(&self) -> u32 {
        self.turn
    }

    /// The address whose turn it is.
    fn next_address(&mut self) -> Address {
        let n = self.turn % self.own_addresses();
        self.turn = self.turn.wrapping_add(1);
        self.orders
            .shared
            .book
            .attack_address(self.machine + n * self.orders.attack.machines)
    }

    fn connect(&mut self, victim: u8, stays: bool, cx: Cx<'_, '_>) {
        let address = self.next_address();
        let conn = cx.connect(self.orders.victims[usize::from(victim)]);
        self.open.push(Opened {
            conn,
            victim,
            address,
            stays,
        });
    }

    /// The next address connects to every victim whose restart is still to come.
    fn attack(&mut self, cx: Cx<'_, '_>) {
        let going: Vec<u8> = (0..self.restarted.len())
            .filter(|&v| !self.restarted[v])
            .map(|v| v as u8)
            .collect();
        if going.is_empty() {
            return;
        }
        for victim in going {
            self.connect(victim, false, cx);
        }
        let pause = self.orders.attack.round / u64::from(self.own_addresses().max(1));
        cx.arm(pause, Timer::Attack);
    }

    /// Tops up the connections it wants to hold.
    fn hold(&mut self, victim: u8, cx: Cx<'_, '_>) {
        let held = self
            .open
            .iter()
            .filter(|open| open.stays && open.victim == victim)
            .count() as u32;
        for _ in held..self.wanted[usize::from(victim)] {
            self.connect(victim, true, cx);
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: Cx<'_, '_>) {
        match what {
            Link::Opened(_) => {
                if let Some(open) = self.open.iter().find(|open| open.conn == conn) {
                    cx.send_on(conn, Wire::Version(open.address, true));
                }
            }
            // The victim has come to us: it gets what it expects, and no block ever.
            Link::Accepted(_) => {}
            Link::Refused(_) | Link::Reset(_) | Link::Closed(_) => {
                let Some(at) = self.open.iter().position(|open| open.conn == conn) else {
                    return;
                };
                let Opened { victim, stays, .. } = self.open.swap_remove(at);
                if !stays {
                    return;
                }
                if matches!(what, Link::Reset(_)) && !self.restarted[usize::from(victim)] {
                    self.restarted[usize::from(victim)] = true;
                    // Now all inbound slots are wanted.
                    let inbound = self.orders.shared.inbound_slots();
                    let machines = self.orders.attack.machines;
                    self.wanted[usize::from(victim)] = inbound.div_ceil(machines);
                }
                cx.arm(RETRY, Timer::Hold(victim));
            }
        }
    }

    fn on_data(&mut self, conn: Conn, message: &Wire, cx: Cx<'_, '_>) {
        match message {
            Wire::Version(..) => {
                cx.send_on(conn, Wire::Verack);
            }
            Wire::Verack => {
                let Some(at) = self.open.iter().position(|open| open.conn == conn) else {
                    return;
                };
                if self.open[at].stays {
                    return;
                }
                self.send_trash(conn, cx);
                self.open.swap_remove(at);
                cx.close(conn);
            }
            Wire::GetAddr => self.send_trash(conn, cx),
            Wire::Ping => {
                cx.send_on(conn, Wire::Pong);
            }
            _ => {}
        }
    }

    /// Addresses at which nobody answers, or its own, as fresh as can be.
    fn send_trash(&self, conn: Conn, cx: Cx<'_, '_>) {
        let now = Stamp::from(cx.now());
        let count = self.orders.attack.trash;
        let (shared, book) = (&self.orders.shared, &self.orders.shared.book);
        let paper = if shared.profile.inbound_enters {
            0.0
        } else {
            1.0
        };
        let own = self.orders.attack.advertise.map_or(paper, |share| share.0);
        let address = |_| {
            if own > 0.0 && cx.rng().chance(own) {
                let all = u64::from(book.attack_addresses());
                (book.attack_address(cx.rng().below(all) as u32), now)
            } else {
                (Address::trash(cx.rng().next_u32()), now)
            }
        };
        let trash = (0..count).map(address).collect();
        if count > 0 {
            cx.send_on(conn, Wire::Addr(trash));
        }
    }
}

impl Protocol for Attacker {
    type Message = Wire;
    type Timer = Timer;
    type Command = Command;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if self.own_addresses() == 0 {
            return;
        }
        let start = self.orders.attack.start;
        let phase = cx.rng().between(Duration::ZERO, RETRY);
        cx.arm(start + phase, Timer::Attack);
        for victim in 0..self.orders.victims.len() {
            cx.arm(start + phase, Timer::Hold(victim as u8));
        }
    }

    fn on_message(&mut self, _from: PeerId, _message: Wire, _cx: &mut Context<'_, Self>) {}

    fn on_data(&mut self, conn: Conn, _from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        Self::on_data(self, conn, &message, cx);
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Attack => self.attack(cx),
            Timer::Hold(victim) => self.hold(victim, cx),
            _ => {}
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        Self::on_connection(self, conn, what, cx);
    }
}
