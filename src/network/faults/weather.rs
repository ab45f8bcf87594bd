//! [`Weather`]: cuts, extra delay and extra loss between two peers at a time.

use super::Peers;
use super::timeline::{Spell, Timeline};
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// Which messages meet a spell.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    /// Those from or to these peers.
    Touching(Peers),
    /// Those that have one end among these peers.
    Across(Peers),
    /// Those from one of the two to the other.
    Between(Peers, Peers),
}

/// What a spell does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Effect {
    /// Nothing passes.
    Cut,
    /// So much longer.
    Delay(Duration),
    /// This share is lost.
    Loss(f64),
}

/// What a message meets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::network) struct Conditions {
    /// Nothing passes.
    pub(in crate::network) cut: bool,
    /// Added to the latency.
    pub(in crate::network) add: Duration,
    /// The share that is not lost, of what the network would deliver.
    pub(in crate::network) kept: f64,
}

impl Conditions {
    /// Nothing out of the ordinary.
    pub(in crate::network) const CALM: Self = Self {
        cut: false,
        add: Duration::ZERO,
        kept: 1.0,
    };
}

/// All spells of a run.
#[derive(Clone, Default, Debug)]
pub(in crate::network) struct Weather {
    spells: Timeline<(Scope, Effect)>,
}

impl Scope {
    #[inline]
    fn meets(&self, from: PeerId, to: PeerId) -> bool {
        match self {
            Self::Touching(peers) => peers.has(from) || peers.has(to),
            Self::Across(peers) => peers.has(from) != peers.has(to),
            Self::Between(one, other) => {
                one.has(from) && other.has(to) || other.has(from) && one.has(to)
            }
        }
    }
}

impl Weather {
    pub(super) fn new(spells: Vec<Spell<(Scope, Effect)>>) -> Self {
        Self {
            spells: Timeline::new(spells),
        }
    }

    /// Whether it is always calm.
    pub(in crate::network) fn is_calm(&self) -> bool {
        self.spells.is_empty()
    }

    /// What a message between the two meets that is sent now; the same in both directions.
    pub(in crate::network) fn between(&self, now: Instant, from: PeerId, to: PeerId) -> Conditions {
        let mut met = Conditions::CALM;
        for (scope, effect) in self.spells.at(now.as_nanos()) {
            if scope.meets(from, to) {
                match *effect {
                    Effect::Cut => met.cut = true,
                    Effect::Delay(add) => met.add += add,
                    Effect::Loss(loss) => met.kept *= 1.0 - loss,
                }
            }
        }
        met
    }
}
