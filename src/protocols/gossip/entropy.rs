//! [`Entropy`]: anti-entropy. Once a cycle two peers compare all they have.

use super::node::{Cycle, Node};
use super::seen::Seen;
use super::targets::Targets;
use super::wire::{Event, Publish, Sync};
use crate::engine::{Context, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::Duration;
use std::sync::Arc;

/// What all peers of a run share.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whom to contact.
    pub targets: Targets,
    /// When.
    pub cycle: Cycle,
    /// Bytes of content.
    pub size: u16,
    /// Whether the one who contacts also gives (push-pull), or only takes (pull).
    pub both_ways: bool,
    /// Whether a peer that comes back is another, who has nothing.
    pub forgets: bool,
}

/// A peer that resolves its differences with one random other in each cycle.
#[derive(Debug)]
pub struct Entropy {
    rules: Arc<Rules>,
    seen: Seen,
}

/// The cycle comes round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tick;

impl Entropy {
    /// A peer that knows nothing yet.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            seen: Seen::default(),
        }
    }

    fn digest(&self, answer: bool) -> Sync {
        let have = self.seen.to_words().into_boxed_slice();
        Sync::Digest { have, answer }
    }
}

impl Protocol for Entropy {
    type Message = Sync;
    type Timer = Tick;
    type Command = Publish;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        let cycle = self.rules.cycle;
        if self.rules.forgets {
            self.seen.forget();
        }
        let first = if cycle.synchronous {
            cycle.until_next(cx.now(), Duration::ZERO)
        } else {
            cx.rng().between(Duration::ZERO, cycle.length)
        };
        cx.arm(first, Tick);
    }

    fn on_message(&mut self, from: PeerId, message: Sync, cx: &mut Context<'_, Self>) {
        match message {
            Sync::Payload { id, .. } => {
                if self.seen.insert(id) {
                    cx.emit(Event::Delivered(id));
                }
            }
            Sync::Digest { have, answer } => {
                let size = self.rules.size;
                for id in self.seen.missing_in(&have) {
                    cx.send(from, Sync::Payload { id, size });
                }
                if answer && self.seen.lacks_any_of(&have) {
                    cx.send(from, self.digest(false));
                }
            }
        }
    }

    fn on_timer(&mut self, Tick: Tick, cx: &mut Context<'_, Self>) {
        if let Some(to) = self.rules.targets.one(cx.me(), cx.rng()) {
            cx.send(to, self.digest(self.rules.both_ways));
        }
        cx.arm(self.rules.cycle.length, Tick);
    }

    fn on_command(&mut self, Publish(id): Publish, cx: &mut Context<'_, Self>) {
        if self.seen.insert(id) {
            cx.emit(Event::Sent(id));
        }
    }
}

impl Node for Entropy {
    fn duplicates(&self) -> u64 {
        self.seen.duplicates()
    }

    fn targets(&mut self) -> &mut Targets {
        &mut Arc::make_mut(&mut self.rules).targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::gossip::tests::star;
    use crate::testkit::{Bench, Effect};

    const CYCLE: Duration = Duration::from_secs(10);

    fn leaf(both_ways: bool) -> Bench<Entropy> {
        let rules = Rules {
            targets: Targets::Neighbours(Arc::new(star(2))),
            cycle: Cycle {
                length: CYCLE,
                synchronous: true,
            },
            size: 100,
            both_ways,
            forgets: false,
        };
        Bench::new(Entropy::new(Arc::new(rules)), PeerId(1), 1)
    }
    fn digest(have: &[u64], answer: bool) -> Sync {
        Sync::Digest {
            have: have.into(),
            answer,
        }
    }
    fn payload(id: u32) -> Sync {
        Sync::Payload { id, size: 100 }
    }

    #[test]
    fn once_a_cycle_it_says_what_it_has() {
        let mut leaf = leaf(false);
        assert_eq!(leaf.start(), [Effect::Arm(CYCLE, Tick)]);
        assert_eq!(leaf.command(Publish(0)), [Effect::Emit(Event::Sent(0))]);
        let sent = Effect::Send(PeerId(0), digest(&[1], false));
        assert_eq!(leaf.timer(Tick), [sent, Effect::Arm(CYCLE, Tick)]);
    }

    #[test]
    fn by_pull_the_other_gives_what_is_missing_and_takes_nothing() {
        let mut leaf = leaf(false);
        leaf.message(PeerId(0), payload(0));
        leaf.message(PeerId(0), payload(70));
        let given = [0, 70].map(|id| Effect::Send(PeerId(0), payload(id)));
        assert_eq!(leaf.message(PeerId(0), digest(&[], false)), given);
        assert_eq!(leaf.message(PeerId(0), digest(&[0b11], false)), given[1..]);
    }

    #[test]
    fn both_ways_it_also_says_what_it_has_if_it_lacks_something() {
        let mut leaf = leaf(true);
        leaf.message(PeerId(0), payload(0));
        let effects = leaf.message(PeerId(0), digest(&[0b10], true));
        let expected = [payload(0), digest(&[0b01], false)];
        assert_eq!(
            effects,
            expected.map(|message| Effect::Send(PeerId(0), message))
        );
        assert_eq!(leaf.message(PeerId(0), digest(&[0b01], true)), []);
    }

    #[test]
    fn a_second_copy_is_a_duplicate() {
        let mut leaf = leaf(false);
        assert_eq!(
            leaf.message(PeerId(0), payload(5)),
            [Effect::Emit(Event::Delivered(5))]
        );
        assert_eq!(leaf.message(PeerId(0), payload(5)), []);
        assert_eq!(leaf.peer.duplicates(), 1);
    }
}
