//! Faults: what goes wrong in a network, when, and for whom; on a schedule or at random.
//!
//! A partition, a cut, extra delay and extra loss are looked up by the messages that meet them
//! (`weather.rs`); a change of bandwidth by the links ([`Pace`]); crashes and flapping are plans that
//! the engine follows ([`Crash`]). All is drawn before the run from `Purpose::Faults`, fault by
//! fault and class by class of peers, so that adding a fault changes nothing of the others.
//!
//! Simplified: a message meets the weather of the moment it is sent, and what was sent before a cut
//! still arrives. Weather of a share of the peers touches all that these send and receive.

mod config;
mod pace;
mod plan;
mod timeline;
mod weather;

pub use config::{
    Again, BandwidthFault, CrashFault, CutFault, DelayFault, FaultConfig, FlapFault, LossFault,
    PartitionFault,
};
pub use pace::Pace;
pub use plan::Crash;
pub(super) use plan::{Ground, Plan, plan};
pub(super) use weather::Conditions;

use crate::peer::PeerId;

/// Some of the peers: a bit each.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Peers {
    words: Vec<u64>,
}

impl Peers {
    fn of(peers: impl IntoIterator<Item = PeerId>) -> Self {
        let mut words = Vec::new();
        for peer in peers {
            let word = peer.index() / 64;
            if words.len() <= word {
                words.resize(word + 1, 0);
            }
            words[word] |= 1 << (peer.0 % 64);
        }
        Self { words }
    }

    #[inline]
    fn has(&self, peer: PeerId) -> bool {
        let word = self.words.get(peer.index() / 64).copied().unwrap_or(0);
        word >> (peer.0 % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests;
