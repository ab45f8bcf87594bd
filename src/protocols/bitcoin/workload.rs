//! [`Work`]: blocks that are found and transactions that are made, each a Poisson process.

use super::config::Bitcoin;
use super::message::Command;
use crate::churn::Attendance;
use crate::engine::{Setup, Workload};
use crate::peer::PeerId;
use crate::random::{Draw, Purpose};
use crate::time::{Duration, Instant};
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// Draws of a node before one is taken who is away.
const MOST_DRAWS: u32 = 1_000;

/// A Poisson process; each event is of a random honest node that is up.
#[derive(Clone, Debug)]
struct Process {
    start: (ChaCha8Rng, Attendance),
    rng: ChaCha8Rng,
    attendance: Attendance,
    interval: Duration,
    nodes: Range<u32>,
    at: Instant,
    end: Instant,
    next: u32,
}

impl Process {
    /// Events until the end of the run; `stream` tells processes apart.
    fn new(stream: u64, interval: Duration, nodes: Range<u32>, setup: &Setup) -> Self {
        let rng = setup.streams.chacha(Purpose::Workload, stream);
        let attendance = Attendance::new(&setup.churn, &setup.population, &setup.streams);
        Self {
            start: (rng.clone(), attendance.clone()),
            rng,
            attendance,
            interval,
            nodes,
            at: Instant::ZERO,
            end: setup.phases.end(),
            next: 0,
        }
    }

    /// The same from its start.
    fn anew(&self) -> Self {
        let (rng, attendance) = self.start.clone();
        Self {
            rng,
            attendance,
            at: Instant::ZERO,
            next: 0,
            ..self.clone()
        }
    }
}

impl Iterator for Process {
    type Item = (Instant, PeerId, u32);

    fn next(&mut self) -> Option<Self::Item> {
        self.at = self.at.saturating_add(self.rng.exp(self.interval));
        if self.at >= self.end || self.nodes.is_empty() {
            return None;
        }
        let nodes = u64::from(self.nodes.end - self.nodes.start);
        let mut node = PeerId(self.nodes.start);
        for _ in 0..MOST_DRAWS {
            node = PeerId(self.nodes.start + self.rng.below(nodes) as u32);
            if self.attendance.is_up(node, self.at) {
                break;
            }
        }
        let number = self.next;
        self.next = number.checked_add(1)?;
        Some((self.at, node, number))
    }
}

/// Everything that happens to nodes from outside, in order of time.
#[derive(Clone, Debug)]
pub struct Work {
    blocks: Process,
    transactions: Option<Process>,
    /// What comes next of each.
    block: Option<(Instant, PeerId, u32)>,
    transaction: Option<(Instant, PeerId, u32)>,
}

impl Work {
    /// Until the end of the run, by `nodes`.
    pub fn new(config: &Bitcoin, nodes: Range<u32>, setup: &Setup) -> Self {
        let blocks = Process::new(0, config.block_interval, nodes.clone(), setup);
        let transactions = config.transactions.as_ref().map(|transactions| {
            let interval = transactions.rate.mean_interval();
            Process::new(1, interval, nodes, setup)
        });
        Self::of(blocks, transactions)
    }

    fn of(mut blocks: Process, mut transactions: Option<Process>) -> Self {
        Self {
            block: blocks.next(),
            transaction: transactions.as_mut().and_then(Iterator::next),
            blocks,
            transactions,
        }
    }
}

impl Workload<Command> for Work {
    fn next(&mut self) -> Option<(Instant, PeerId, Command)> {
        let is_block = match (self.block, self.transaction) {
            (Some((block, ..)), Some((transaction, ..))) => block <= transaction,
            (block, _) => block.is_some(),
        };
        if is_block {
            let (at, node, block) = std::mem::replace(&mut self.block, self.blocks.next())?;
            Some((at, node, Command::Mine(block)))
        } else {
            let next = self.transactions.as_mut().and_then(Iterator::next);
            let (at, node, number) = std::mem::replace(&mut self.transaction, next)?;
            Some((at, node, Command::Spend(number)))
        }
    }

    fn copy(&self) -> Box<dyn Workload<Command>> {
        let transactions = self.transactions.as_ref().map(Process::anew);
        Box::new(Self::of(self.blocks.anew(), transactions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::protocols::bitcoin::Transactions;

    fn all(transactions: Option<Transactions>) -> Vec<(Instant, PeerId, Command)> {
        let network = Network::constant(Duration::from_millis(50));
        let setup = Setup::new(20, network, 3, Duration::from_hours(10));
        let config = Bitcoin {
            transactions,
            ..Bitcoin::default()
        };
        let work = Work::new(&config, 0..20, &setup);
        let listed = |mut work: Box<dyn Workload<Command>>| {
            std::iter::from_fn(move || work.next()).collect::<Vec<_>>()
        };
        let once = listed(work.copy());
        assert_eq!(
            listed(work.copy()),
            once,
            "a copy starts from the beginning"
        );
        once
    }

    #[test]
    fn transactions_come_between_blocks_and_change_none_of_them() {
        let blocks = all(None);
        let mut both = all(Some(Transactions::default()));
        assert!(both.is_sorted_by_key(|&(at, ..)| at));
        assert!(both.len() > 100 * blocks.len());
        both.retain(|(.., command)| matches!(command, Command::Mine(_)));
        assert_eq!(both, blocks);
    }
}
