//! [`Eager`]: flooding and infect-and-die push. A peer acts once, when it first has a broadcast.

use super::node::Node;
use super::seen::Seen;
use super::targets::Targets;
use super::wire::{Event, Publish, UNLIMITED, Wire};
use crate::engine::{Context, Protocol, TimerId};
use crate::peer::PeerId;
use crate::time::Duration;
use std::sync::Arc;

/// What all peers of a run share.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whom to send to.
    pub targets: Targets,
    /// To how many: `None` floods all neighbours.
    pub fanout: Option<usize>,
    /// The TTL a broadcast starts with; [`UNLIMITED`] for any number of hops.
    pub ttl: u8,
    /// Bytes of content.
    pub size: u16,
    /// Acknowledgements, if they are asked for.
    pub ack: Option<Retry>,
    /// Whether a peer that comes back is another, who has nothing.
    pub forgets: bool,
}

/// When a payload that was not acknowledged is sent again.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// How often.
    pub retries: u8,
    /// After how long.
    pub timeout: Duration,
}

/// A peer that sends a broadcast on when it first has it, and never again.
#[derive(Debug)]
pub struct Eager {
    rules: Arc<Rules>,
    seen: Seen,
    open: Option<Box<Open>>,
}

/// Payloads waiting for their acknowledgement.
#[derive(Default, Debug)]
struct Open(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    to: PeerId,
    id: u32,
    ttl: u8,
    left: u8,
    timer: TimerId,
}

/// No acknowledgement has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeout {
    /// From whom.
    pub to: PeerId,
    /// For which broadcast.
    pub id: u32,
}

impl Eager {
    /// A peer that knows nothing yet.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            seen: Seen::default(),
            open: None,
        }
    }

    fn spread(&mut self, id: u32, ttl: u8, from: Option<PeerId>, cx: &mut Context<'_, Self>) {
        let Self { rules, open, .. } = self;
        let me = cx.me();
        if let Some(fanout) = rules.fanout {
            for to in rules.targets.some(me, from, fanout, cx.rng()) {
                send(rules, open, to, id, ttl, cx);
            }
        } else {
            for &to in rules.targets.neighbours(me) {
                if Some(to) != from {
                    send(rules, open, to, id, ttl, cx);
                }
            }
        }
    }

    fn acknowledged(&mut self, by: PeerId, id: u32, cx: &mut Context<'_, Self>) {
        let Some(open) = &mut self.open else { return };
        if let Some(at) = open.0.iter().position(|w| w.to == by && w.id == id) {
            cx.cancel(open.0.swap_remove(at).timer);
        }
    }
}

#[inline]
fn send(
    rules: &Rules,
    open: &mut Option<Box<Open>>,
    to: PeerId,
    id: u32,
    ttl: u8,
    cx: &mut Context<'_, Eager>,
) {
    let size = rules.size;
    cx.send(to, Wire::Payload { id, size, ttl });
    if let Some(retry) = rules.ack {
        let timer = cx.arm(retry.timeout, Timeout { to, id });
        let left = retry.retries;
        let waiting = Waiting {
            to,
            id,
            ttl,
            left,
            timer,
        };
        open.get_or_insert_default().0.push(waiting);
    }
}

impl Protocol for Eager {
    type Message = Wire;
    type Timer = Timeout;
    type Command = Publish;
    type Event = Event;

    /// What was delivered is on disk; what was being sent again was not.
    fn on_start(&mut self, _cx: &mut Context<'_, Self>) {
        self.open = None;
        if self.rules.forgets {
            self.seen.forget();
        }
    }

    /// The neighbours it may send to.
    #[inline]
    fn touch(&self, me: PeerId) -> u32 {
        let neighbours = self.rules.targets.neighbours(me).first();
        neighbours.map_or(0, |peer| peer.0)
    }

    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        match message {
            Wire::Payload { id, ttl, .. } => {
                if self.rules.ack.is_some() {
                    cx.send(from, Wire::Ack { id });
                }
                if !self.seen.insert(id) {
                    return;
                }
                cx.emit(Event::Delivered(id));
                match ttl {
                    UNLIMITED => self.spread(id, UNLIMITED, Some(from), cx),
                    2.. => self.spread(id, ttl - 1, Some(from), cx),
                    0 | 1 => {}
                }
            }
            Wire::Ack { id } => self.acknowledged(from, id, cx),
            Wire::Request | Wire::Feedback { .. } => {}
        }
    }

    fn on_timer(&mut self, Timeout { to, id }: Timeout, cx: &mut Context<'_, Self>) {
        let (Some(open), Some(retry)) = (&mut self.open, self.rules.ack) else {
            return;
        };
        let Some(at) = open.0.iter().position(|w| w.to == to && w.id == id) else {
            return;
        };
        let waiting = &mut open.0[at];
        if waiting.left == 0 {
            open.0.swap_remove(at);
            return;
        }
        waiting.left -= 1;
        waiting.timer = cx.arm(retry.timeout, Timeout { to, id });
        let (size, ttl) = (self.rules.size, waiting.ttl);
        cx.send(to, Wire::Payload { id, size, ttl });
    }

    fn on_command(&mut self, Publish(id): Publish, cx: &mut Context<'_, Self>) {
        if self.seen.insert(id) {
            cx.emit(Event::Sent(id));
            self.spread(id, self.rules.ttl, None, cx);
        }
    }
}

impl Node for Eager {
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

    const ID: u32 = 3;

    fn rules(fanout: Option<usize>, ttl: u8) -> Rules {
        Rules {
            targets: Targets::Neighbours(Arc::new(star(5))),
            fanout,
            ttl,
            size: 100,
            ack: None,
            forgets: false,
        }
    }
    fn hub(rules: Rules) -> Bench<Eager> {
        Bench::new(Eager::new(Arc::new(rules)), PeerId(0), 1)
    }
    fn payload(ttl: u8) -> Wire {
        Wire::Payload {
            id: ID,
            size: 100,
            ttl,
        }
    }
    fn sends(to: &[u32], ttl: u8) -> Vec<Effect<Wire, Timeout, Event>> {
        to.iter()
            .map(|&to| Effect::Send(PeerId(to), payload(ttl)))
            .collect()
    }

    #[test]
    fn a_flood_goes_to_all_neighbours_but_the_first_sender_once() {
        let mut hub = hub(rules(None, UNLIMITED));
        let mut expected = vec![Effect::Emit(Event::Delivered(ID))];
        expected.extend(sends(&[1, 3, 4], UNLIMITED));
        assert_eq!(hub.message(PeerId(2), payload(UNLIMITED)), expected);
        assert_eq!(hub.message(PeerId(4), payload(UNLIMITED)), []);
        assert_eq!(hub.peer.duplicates(), 1);
    }

    #[test]
    fn the_origin_sends_to_all() {
        let mut hub = hub(rules(None, 7));
        let mut expected = vec![Effect::Emit(Event::Sent(ID))];
        expected.extend(sends(&[1, 2, 3, 4], 7));
        assert_eq!(hub.command(Publish(ID)), expected);
        assert_eq!(hub.message(PeerId(1), payload(6)), []);
    }

    #[test]
    fn a_ttl_counts_hops() {
        let mut first = hub(rules(None, 7));
        assert_eq!(
            first.message(PeerId(2), payload(2))[1..],
            sends(&[1, 3, 4], 1)
        );
        let mut last = hub(rules(None, 7));
        let delivered = vec![Effect::Emit(Event::Delivered(ID))];
        assert_eq!(last.message(PeerId(2), payload(1)), delivered);
    }

    #[test]
    fn a_push_infects_its_fanout_and_dies() {
        let mut hub = hub(rules(Some(2), UNLIMITED));
        let effects = hub.message(PeerId(2), payload(UNLIMITED));
        assert_eq!(effects.len(), 3);
        assert!(!effects.contains(&sends(&[2], UNLIMITED)[0]));
        assert_eq!(hub.message(PeerId(1), payload(UNLIMITED)), []);
    }

    #[test]
    fn without_an_acknowledgement_it_is_sent_again_so_often() {
        let timeout = Duration::from_secs(1);
        let ack = Some(Retry {
            retries: 1,
            timeout,
        });
        let mut leaf = Bench::new(
            Eager::new(Arc::new(Rules {
                ack,
                ..rules(None, 7)
            })),
            PeerId(1),
            1,
        );
        let due = Timeout {
            to: PeerId(0),
            id: ID,
        };
        let effects = leaf.command(Publish(ID));
        assert_eq!(
            effects[1..],
            [sends(&[0], 7)[0].clone(), Effect::Arm(timeout, due)]
        );
        assert_eq!(
            leaf.timer(due),
            [Effect::Arm(timeout, due), sends(&[0], 7)[0].clone()]
        );
        assert_eq!(leaf.timer(due), []);
        assert!(
            leaf.peer
                .open
                .as_ref()
                .is_some_and(|open| open.0.is_empty())
        );
    }

    #[test]
    fn an_acknowledgement_ends_the_waiting_and_copies_are_acknowledged_too() {
        let ack = Some(Retry {
            retries: 3,
            timeout: Duration::from_secs(1),
        });
        let mut hub = hub(Rules {
            ack,
            ..rules(None, 7)
        });
        hub.command(Publish(ID));
        let effects = hub.message(PeerId(3), Wire::Ack { id: ID });
        assert!(matches!(effects[..], [Effect::Cancel(_)]));
        assert_eq!(hub.message(PeerId(3), Wire::Ack { id: ID }), []);
        assert_eq!(
            hub.timer(Timeout {
                to: PeerId(3),
                id: ID
            }),
            []
        );
        let back = Effect::Send(PeerId(4), Wire::Ack { id: ID });
        assert_eq!(hub.message(PeerId(4), payload(6)), [back]);
    }

    /// The same peer has what it had on disk; another has nothing, and what was counted stays.
    #[test]
    fn who_comes_back_as_another_has_nothing() {
        for forgets in [false, true] {
            let mut leaf = Bench::new(
                Eager::new(Arc::new(Rules {
                    forgets,
                    ..rules(None, 7)
                })),
                PeerId(1),
                1,
            );
            leaf.start();
            let delivered = vec![Effect::Emit(Event::Delivered(ID))];
            assert_eq!(leaf.message(PeerId(0), payload(3)), delivered);
            assert_eq!(leaf.message(PeerId(0), payload(3)), []);
            leaf.start();
            let again = if forgets { delivered } else { Vec::new() };
            assert_eq!(leaf.message(PeerId(0), payload(3)), again);
            assert_eq!(leaf.peer.duplicates(), 2 - u64::from(forgets));
        }
    }

    #[test]
    fn a_peer_fits_into_a_cache_line_with_its_head() {
        assert!(size_of::<Eager>() <= 40);
    }
}
