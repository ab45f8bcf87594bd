//! [`Node`]: what the three kinds of peers have in common.

use super::targets::Targets;
use super::wire::Publish;
use crate::engine::Protocol;
use crate::time::{Duration, Instant};

/// A peer of any strategy, as the run function sees it.
pub trait Node: Protocol<Command = Publish> {
    /// Payloads that came although the peer had the broadcast.
    fn duplicates(&self) -> u64;

    /// Whom it may send to, for who keeps neighbours to say: from the first time on the peer's own.
    fn targets(&mut self) -> &mut Targets;
}

/// When peers act: once in each cycle, all together or each at a place of its own in the cycle.
#[derive(Clone, Copy, Debug)]
pub struct Cycle {
    /// How long a cycle is.
    pub length: Duration,
    /// Whether all peers act at the same time.
    pub synchronous: bool,
}

impl Cycle {
    /// The time from `now` to the next action of a peer with this phase: never zero.
    pub fn until_next(self, now: Instant, phase: Duration) -> Duration {
        let (cycle, phase) = (
            self.length.as_nanos(),
            phase.as_nanos() % self.length.as_nanos(),
        );
        Duration::from_nanos(cycle - (now.as_nanos() % cycle + cycle - phase) % cycle)
    }

    /// When the current cycle of all peers began.
    pub fn began(self, now: Instant) -> Instant {
        now - Duration::from_nanos(now.as_nanos() % self.length.as_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_action_is_ahead() {
        let cycle = Cycle {
            length: Duration::from_secs(10),
            synchronous: true,
        };
        let at = |now, phase| {
            let now = Instant::ZERO + Duration::from_secs(now);
            cycle.until_next(now, Duration::from_secs(phase))
        };
        assert_eq!(at(0, 0), Duration::from_secs(10));
        assert_eq!(at(20, 0), Duration::from_secs(10));
        assert_eq!(at(3, 4), Duration::from_secs(1));
        assert_eq!(at(14, 4), Duration::from_secs(10));
        assert_eq!(at(15, 4), Duration::from_secs(9));
        assert_eq!(
            cycle.began(Instant::from_nanos(25_000_000_001)),
            Instant::from_nanos(20_000_000_000)
        );
    }
}
