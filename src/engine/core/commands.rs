//! What the workload asks of peers.

use super::Core;
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::observer::Workload;
use crate::engine::protocol::Protocol;
use crate::engine::queue::Queue;
use crate::peer::PeerId;

/// Commands of the workload that concern this shard.
pub(super) struct Commands<C> {
    workload: Box<dyn Workload<C>>,
    /// How many commands the workload has given so far, to whomever.
    seq: u32,
    ahead: Option<(u64, u32, PeerId, C)>,
    pending: Vec<Option<C>>,
    free: Vec<u32>,
}

impl<C> Commands<C> {
    /// Those of this workload.
    pub(super) fn of(workload: Box<dyn Workload<C>>) -> Self {
        Self {
            workload,
            seq: 0,
            ahead: None,
            pending: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<P: Protocol, Q: Queue<P::Message>> Core<P, Q> {
    pub(super) fn on_command(&mut self, index: usize, event: &Event<P::Message>) {
        let at = event.arg() as u32;
        self.commands.free.push(at);
        let Some(command) = self.commands.pending[at as usize].take() else {
            return;
        };
        if !self.peers[index].head.is_up() {
            self.port.counts.commands_to_the_dead += 1;
            return;
        }
        let key = event.key();
        self.deliver(index, key, Kind::Command);
        self.with(index, key.time, |peer, cx| peer.on_command(command, cx));
    }

    /// Looks one command of this shard ahead.
    pub(super) fn pull_command(&mut self) {
        while self.commands.ahead.is_none() {
            let Some((at, peer, command)) = self.commands.workload.next() else {
                return;
            };
            let seq = self.commands.seq;
            self.commands.seq = seq.checked_add(1).expect("a workload of 2^32 commands");
            if self.index_here(peer).is_some() {
                self.commands.ahead = Some((at.as_nanos(), seq, peer, command));
            }
        }
    }

    /// When the next command is due.
    pub(crate) fn next_command(&self) -> Option<u64> {
        self.commands.ahead.as_ref().map(|&(time, ..)| time)
    }

    /// Puts the commands before `time` into the queue.
    pub(crate) fn queue_commands(&mut self, before: u64) {
        while self.next_command().is_some_and(|time| time < before) {
            let Some((time, seq, peer, command)) = self.commands.ahead.take() else {
                return;
            };
            let slot = if let Some(slot) = self.commands.free.pop() {
                self.commands.pending[slot as usize] = Some(command);
                slot
            } else {
                self.commands.pending.push(Some(command));
                self.commands.pending.len() as u32 - 1
            };
            let id = (time, Key::WORKLOAD, seq);
            self.port
                .queue
                .push(Event::new(id, peer, Kind::Command, u64::from(slot), None));
            self.pull_command();
        }
    }
}
