//! [`Trace`]: every event of a run, to find where two runs part.

use crate::engine::event::Kind;
use crate::engine::key::Key;
use crate::peer::PeerId;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A delivered event as the check of determinism sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Traced {
    pub(crate) key: Key,
    pub(crate) to: PeerId,
    pub(crate) kind: u8,
}

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, to, kind } = self;
        let kind = Kind::from_number(*kind).about();
        write!(f, "at {}: {kind} for {to}, ", key.time)?;
        if key.source == Key::WORKLOAD {
            write!(f, "number {} of the workload", key.seq)
        } else {
            write!(f, "number {} of {}", key.seq, PeerId(key.source))
        }
    }
}

/// Where a run puts every event it has delivered, in order, if its
/// [`Setup`](crate::engine::Setup) has one: 24 bytes each, so for a repeated run, not for all. Clones
/// are the same trace.
#[derive(Clone, Default, Debug)]
pub struct Trace(Arc<Mutex<Vec<Traced>>>);

/// Where two runs part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// How many events are the same before it.
    pub after: usize,
    /// What one run delivered next, in words.
    pub one: String,
    /// What the other did.
    pub other: String,
}

impl Trace {
    /// Keeps what a run has delivered so far, in any order.
    pub(crate) fn keep(&self, mut events: Vec<Traced>) {
        events.sort_unstable();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = events;
    }

    fn events(&self) -> Vec<Traced> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.clone()
    }

    /// The first event that is not the same in both; nothing if there is none.
    pub fn first_difference(&self, other: &Self) -> Option<Difference> {
        let (one, other) = (self.events(), other.events());
        let longer = one.len().max(other.len());
        let after = (0..longer).find(|&at| one.get(at) != other.get(at))?;
        let say = |traced: Option<&Traced>| {
            traced.map_or_else(|| "the end of the run".to_owned(), Traced::to_string)
        };
        Some(Difference {
            after,
            one: say(one.get(after)),
            other: say(other.get(after)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Context, Idle, Message, Protocol, Setup, World};
    use crate::network::Network;
    use crate::time::{Duration, Instant};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// What no protocol may have: a state of its own beside the run's.
    static RUNS: AtomicU64 = AtomicU64::new(0);

    struct Leaky(u64);

    impl Message for Leaky {
        const KINDS: &'static [&'static str] = &["nothing"];
        fn kind(&self) -> u8 {
            0
        }
        fn bytes(&self) -> u32 {
            1
        }
    }

    impl Protocol for Leaky {
        type Message = Leaky;
        type Timer = ();
        type Command = ();
        type Event = ();

        fn on_start(&mut self, cx: &mut Context<'_, Self>) {
            let late = if cx.me() == PeerId(3) { self.0 } else { 0 };
            cx.arm(Duration::from_millis(10 + late), ());
        }
        fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
            cx.send(PeerId(0), Leaky(0));
        }
        fn on_message(&mut self, _: PeerId, _: Leaky, _: &mut Context<'_, Self>) {}
    }

    #[test]
    fn the_first_event_that_differs_is_named() {
        let network = Network::constant(Duration::from_millis(50));
        let trace = || {
            let trace = Trace::default();
            let mut setup = Setup::new(5, network.clone(), 1, Duration::from_secs(1));
            setup.trace = Some(trace.clone());
            let run = RUNS.fetch_add(1, Ordering::Relaxed);
            World::new(&setup, |_| Leaky(run), &Idle).run_unwatched();
            trace
        };
        let (one, other) = (trace(), trace());
        assert_eq!(one.first_difference(&one.clone()), None);
        let found = one.first_difference(&other).expect("peer 3 is late");
        assert_eq!(
            found.one,
            "at 10 ms: a timer for peer 3, number 1 of peer 3"
        );
        assert!(
            found.other.starts_with("at 10 ms: a timer for peer 4"),
            "{found:?}"
        );
        assert_eq!(
            Instant::ZERO + Duration::from_millis(10),
            one.events()[found.after].key.time
        );
    }
}
