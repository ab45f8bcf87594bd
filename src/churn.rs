//! Stub.
use crate::peer::PeerId;
use crate::random::PeerRng;
use crate::time::Instant;
#[derive(Clone, Debug)]
/// Churn.
pub struct Churn;
impl Churn {
    /// none
    pub fn none() -> Churn {
        Churn
    }
    /// i
    pub fn initial(&self, _peer: PeerId, _rng: &mut PeerRng) -> (bool, Option<Instant>) {
        (true, None)
    }
    /// n
    pub fn next(
        &self,
        _peer: PeerId,
        _now: Instant,
        _up: bool,
        _changes: u32,
        _rng: &mut PeerRng,
    ) -> Option<Instant> {
        None
    }
    /// g
    pub fn graceful(&self) -> bool {
        false
    }
    /// n
    pub fn is_none(&self) -> bool {
        true
    }
}
