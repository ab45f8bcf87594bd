//! Values at the nodes: whose they are, and copies.

use super::message::{Body, Reply};
use super::peer::{Cx, Peer};
use super::ring::in_half_open;
use crate::protocols::dht::{Contact, Id, What};

impl Peer {
    /// Does what is asked with a key that should be this node's; `insist` if whoever asks knows that
    /// the one before it is gone.
    pub(super) fn receive(
        &mut self,
        at: u8,
        key: Id,
        what: What,
        insist: bool,
        cx: &mut Cx<'_>,
    ) -> Reply {
        let node = &mut self.nodes[usize::from(at)];
        if what == What::Get && node.values.contains(&key) {
            return Reply::Done;
        }
        let ids = &self.rules.ids;
        if let Some(predecessor) = node.tables.predecessor
            && !insist
            && !in_half_open(key, ids.id(predecessor), node.tables.id)
        {
            return Reply::Instead(predecessor);
        }
        match what {
            What::Find => Reply::Done,
            What::Get => Reply::Missing,
            What::Put => {
                node.values.insert(key);
                let copies = self.rules.replicas - 1;
                let keepers: Vec<_> = node
                    .tables
                    .successors
                    .iter()
                    .take(copies)
                    .copied()
                    .collect();
                for keeper in keepers {
                    self.send_values(at, keeper, Box::new([key]), cx);
                }
                Reply::Done
            }
        }
    }

    /// Gives copies of the node's own values to those who have come to keep them.
    pub(super) fn copy_to(&self, at: u8, keepers: &[Contact], cx: &mut Cx<'_>) {
        let node = &self.nodes[usize::from(at)];
        if keepers.is_empty() || node.values.is_empty() {
            return;
        }
        let ids = &self.rules.ids;
        let mine = |key: &&Id| {
            let before = node.tables.predecessor;
            before.is_none_or(|before| in_half_open(**key, ids.id(before), node.tables.id))
        };
        let keys: Box<[Id]> = node.values.iter().filter(mine).copied().collect();
        for &keeper in keepers {
            self.send_values(at, keeper, keys.clone(), cx);
        }
    }

    /// Sends values, if there are any.
    pub(super) fn send_values(&self, at: u8, to: Contact, keys: Box<[Id]>, cx: &mut Cx<'_>) {
        if !keys.is_empty() {
            let value = self.rules.value;
            self.send(at, to, Body::Copies { keys, value }, cx);
        }
    }
}
