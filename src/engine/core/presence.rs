//! Peers come and go: by churn, by faults, by plan.

use super::Core;
use crate::engine::connections::State;
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::observer::Notice;
use crate::engine::port::end_arg;
use crate::engine::protocol::Protocol;
use crate::engine::queue::Queue;
use crate::engine::setup::Setup;
use crate::peer::PeerId;
use crate::random::{PeerRng, Purpose};
use crate::time::Instant;
use std::ops::Range;

/// Why and when a peer comes and goes; only kept where anybody does.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    pub(super) rng: PeerRng,
    /// What churn wants.
    pub(super) up: bool,
    /// How many faults keep it down.
    struck: u32,
}

/// What a churn event asks for.
pub(super) mod change {
    pub(in crate::engine::core) const DOWN: u64 = 0;
    pub(in crate::engine::core) const UP: u64 = 1;
    pub(in crate::engine::core) const STRIKE: u64 = 2;
    pub(in crate::engine::core) const RECOVER: u64 = 3;
}

impl<P: Protocol, Q: Queue<P::Message>> Core<P, Q> {
    pub(super) fn presence(setup: &Setup, shard: &Range<u32>) -> Vec<Presence> {
        let located = setup
            .population
            .iter()
            .filter(|(peer, ..)| shard.contains(&peer.0));
        let presence = located.map(|(_, class, index)| Presence {
            rng: setup.streams.peer(Purpose::Churn, class, index),
            up: true,
            struck: 0,
        });
        presence.collect()
    }

    pub(super) fn plan_change(&mut self, index: usize, key: Key, at: Instant, arg: u64) {
        let peer = PeerId(self.low + index as u32);
        let id = (at.as_nanos(), key.source, key.seq);
        self.port
            .queue
            .push(Event::new(id, peer, Kind::Churn, arg, None));
    }

    pub(super) fn on_change(&mut self, index: usize, key: Key, arg: u64) {
        let peer = PeerId(self.low + index as u32);
        let presence = &mut self.presence[index];
        let mut planned = None;
        match arg {
            change::STRIKE => presence.struck += 1,
            change::RECOVER => presence.struck -= 1,
            _ => {
                presence.up = arg == change::UP;
                if presence.up
                    && let Some(lease) = self.port.leases.get_mut(index)
                {
                    *lease = lease.wrapping_add(1);
                }
                let Presence { up, rng, .. } = presence;
                planned = self.churn.next(peer, key.time, *up, rng);
            }
        }
        let wanted = presence.up && presence.struck == 0;
        if let Some(at) = planned {
            let next = self.next_key(index, key.time);
            let arg = if self.presence[index].up {
                change::DOWN
            } else {
                change::UP
            };
            self.plan_change(index, next, at, arg);
        }
        if wanted != self.peers[index].head.is_up() {
            self.deliver(index, key, Kind::Churn);
            if wanted {
                self.come_up(index);
            } else {
                self.go_down(
                    index,
                    key.time,
                    arg == change::DOWN && self.churn.graceful(),
                );
            }
        }
    }

    pub(super) fn come_up(&mut self, index: usize) {
        self.peers[index].head.life += 1;
        self.port.notice(Notice::Up);
        let now = self.port.current.time;
        self.with(index, now, P::on_start);
    }

    /// The peer's connections end with it: in good order they are closed, in a crash the kernel of
    /// its machine resets them.
    fn go_down(&mut self, index: usize, now: Instant, graceful: bool) {
        let me = PeerId(self.low + index as u32);
        if graceful {
            self.with(index, now, P::on_leave);
        }
        if !self.port.tables.is_empty() {
            for end in self.port.table(me).clear() {
                if end.state() == State::Open {
                    let kind = if graceful { Kind::Fin } else { Kind::Rst };
                    let key = self.next_key(index, now);
                    let arg = end_arg(end.remote, end.tag());
                    self.port.signal(key, PeerId(end.peer), kind, arg, end.last);
                }
            }
        }
        if let Some(busy) = self.port.busy.get_mut(index) {
            *busy = 0;
        }
        if let Some(link) = self.port.links.get_mut(index) {
            link.clear();
        }
        self.port.cut_flows(now.as_nanos(), me);
        self.peers[index].head.life += 1;
        self.port.notice(if graceful {
            Notice::Left
        } else {
            Notice::Crashed
        });
    }
}
