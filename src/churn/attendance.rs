//! [`Attendance`]: who is up when, ahead of the run.

use super::Churn;
use crate::peer::{PeerId, Population};
use crate::random::{PeerRng, Purpose, Streams};
use crate::time::Instant;
use std::sync::Arc;

/// Who is up when, as churn has it; faults and restarts are not in it. A pure function of the seed, for
/// workloads that want somebody who is there: a miner, say, who finds no blocks while away.
#[derive(Clone, Debug)]
pub struct Attendance {
    churn: Arc<Churn>,
    /// Empty if everybody is always up.
    lives: Vec<Life>,
}

/// Where a peer is in its life.
#[derive(Clone, Debug)]
struct Life {
    rng: PeerRng,
    up: bool,
    change: Option<Instant>,
    /// How often it has come back, modulo 256.
    returns: u8,
}

impl Attendance {
    /// Of all peers, from the start of the run.
    pub fn new(churn: &Arc<Churn>, population: &Population, streams: &Streams) -> Self {
        let begin = |(peer, class, index)| {
            let mut rng = streams.peer(Purpose::Churn, class, index);
            let (up, change) = churn.initial(peer, &mut rng);
            let returns = 0;
            Life {
                rng,
                up,
                change,
                returns,
            }
        };
        let lives = if churn.is_none() {
            Vec::new()
        } else {
            population.iter().map(begin).collect()
        };
        Self {
            churn: Arc::clone(churn),
            lives,
        }
    }

    /// Whether the peer is up at a time not before the last one asked for.
    pub fn is_up(&mut self, peer: PeerId, at: Instant) -> bool {
        let Some(life) = self.lives.get_mut(peer.index()) else {
            return true;
        };
        while let Some(now) = life.change.filter(|&change| change <= at) {
            life.up = !life.up;
            life.returns = life.returns.wrapping_add(life.up.into());
            life.change = self.churn.next(peer, now, life.up, &mut life.rng);
        }
        life.up
    }

    /// The number of its address at the time last asked for, see
    /// [`Context::lease`](crate::engine::Context::lease).
    pub fn lease(&self, peer: PeerId) -> u8 {
        let life = self.lives.get(peer.index());
        life.filter(|_| self.churn.moves())
            .map_or(0, |life| life.returns)
    }
}
