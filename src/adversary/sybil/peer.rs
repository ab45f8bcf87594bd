//! [`Suspect`]: a peer of a hash table that is honest, or the attacker's.

use super::config::{Routing, Values};
use super::overlay::{Answer, Ask, Overlay};
use super::plot::Plot;
use crate::engine::{Context, Filter, Message, Protocol};
use crate::peer::PeerId;
use crate::protocols::dht::{Command, Contact, Dht, Event, Id};
use crate::time::Instant;
use std::sync::Arc;

/// A peer that is honest, or was and turns.
#[derive(Debug)]
pub struct Suspect<P> {
    peer: P,
    guile: Option<Box<Guile>>,
}

/// What a peer of the attacker has beside an honest one's state.
#[derive(Debug)]
struct Guile {
    plot: Arc<Plot>,
    turns: Instant,
    spent: Spent,
}

/// What a peer of the attacker has sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Spent {
    /// Bytes with UDP and IP headers.
    pub bytes: u64,
    /// Answers that are not an honest peer's, silence included.
    pub lies: u64,
}

/// Headers of IPv4 (20 B) and UDP (8 B).
const HEADERS: u64 = 28;

impl<M: Message> Filter<M> for Spent {
    fn pass(&mut self, _to: Option<PeerId>, message: M) -> Option<M> {
        self.bytes += HEADERS + u64::from(message.bytes());
        Some(message)
    }
}

impl<P: Overlay> Suspect<P> {
    /// An honest peer.
    pub fn honest(peer: P) -> Self {
        Self { peer, guile: None }
    }

    /// A peer of the attacker, with this number.
    pub fn attacker(peer: P, plot: Arc<Plot>, me: PeerId) -> Self {
        let guile = Guile {
            turns: plot.turns(me),
            plot,
            spent: Spent::default(),
        };
        Self {
            peer,
            guile: Some(Box::new(guile)),
        }
    }

    /// What it has spent, if it is the attacker's.
    pub fn spent(&self) -> Option<Spent> {
        self.guile.as_deref().map(|guile| guile.spent)
    }

    /// What an honest peer would do, its bytes counted if it is none.
    #[inline]
    fn act(&mut self, cx: &mut Context<'_, Self>, act: impl FnOnce(&mut P, &mut Context<'_, P>)) {
        let peer = &mut self.peer;
        let inner = &mut cx.role();
        match &mut self.guile {
            None => act(peer, inner),
            Some(guile) => inner.filtered(&mut guile.spent, |cx| act(peer, cx)),
        }
    }
}

/// What a peer of the attacker does with a question.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Choice {
    /// What an honest one does.
    Honest,
    Silent,
    Say(Answer),
}

impl Guile {
    fn choose(&self, peer: &impl Dht, ask: Ask, me: PeerId, now: Instant) -> Choice {
        let (routing, values) = (self.plot.routing, self.plot.values);
        match ask {
            Ask::Store(_) if values != Values::Honest => Choice::Say(Answer::Done),
            Ask::Value(_) if values == Values::Forge => Choice::Say(Answer::Done),
            Ask::Value(key) if values == Values::Withhold => self.deny(peer, key, me, now),
            Ask::Value(key) if holds(peer, key) => Choice::Honest,
            Ask::Closest(key) | Ask::Value(key) => self.route(peer, key, me, now),
            Ask::Yours(_) => match routing {
                Routing::Honest => Choice::Honest,
                Routing::Drop => Choice::Silent,
                Routing::Misroute | Routing::Poison => Choice::Say(Answer::Done),
            },
            Ask::Next if routing == Routing::Poison => {
                let after = self.plot.ids.id(Contact::new(me, 0)).plus(1);
                let next = self.plot.closest(after, me, now);
                if next.is_empty() {
                    Choice::Honest
                } else {
                    Choice::Say(Answer::Closest(next))
                }
            }
            Ask::Store(_) | Ask::Next => Choice::Honest,
        }
    }

    /// It has no value; where values are asked for as contacts are, it names some.
    fn deny(&self, peer: &impl Dht, key: Id, me: PeerId, now: Instant) -> Choice {
        if !holds(peer, key) {
            return self.route(peer, key, me, now);
        }
        match self.route(peer, key, me, now) {
            Choice::Honest => Choice::Say(Answer::Missing),
            choice => choice,
        }
    }

    fn route(&self, peer: &impl Dht, key: Id, me: PeerId, now: Instant) -> Choice {
        match self.plot.routing {
            Routing::Honest => Choice::Honest,
            Routing::Drop => Choice::Silent,
            Routing::Misroute => {
                let mut farthest = None;
                peer.table(|contact| {
                    farthest = farthest.max(Some((self.plot.far(key, contact), contact)));
                });
                farthest.map_or(Choice::Silent, |(_, contact)| {
                    Choice::Say(Answer::Closer(contact))
                })
            }
            Routing::Poison => Choice::Say(Answer::Closest(self.plot.closest(key, me, now))),
        }
    }
}

fn holds(peer: &impl Dht, key: Id) -> bool {
    let mut found = false;
    peer.values(|held| found |= held == key);
    found
}

impl<P: Overlay> Protocol for Suspect<P> {
    type Message = P::Message;
    type Timer = P::Timer;
    type Command = Command;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        self.act(cx, P::on_start);
    }

    fn on_message(&mut self, from: PeerId, message: P::Message, cx: &mut Context<'_, Self>) {
        let (me, now) = (cx.me(), cx.now());
        if let Some(guile) = self.guile.as_deref_mut().filter(|guile| guile.turns <= now)
            && let Some(ask) = P::asked(&message)
        {
            let choice = guile.choose(&self.peer, ask, me, now);
            if choice != Choice::Honest {
                guile.spent.lies += 1;
                let answers = match choice {
                    Choice::Say(answer) => P::say(from, &message, answer),
                    Choice::Honest | Choice::Silent => Vec::new(),
                };
                for (to, answer) in answers {
                    if let Some(answer) = guile.spent.pass(Some(to), answer) {
                        cx.send(to, answer);
                    }
                }
                return;
            }
        }
        self.act(cx, |peer, cx| peer.on_message(from, message, cx));
    }

    fn on_timer(&mut self, timer: P::Timer, cx: &mut Context<'_, Self>) {
        self.act(cx, |peer, cx| peer.on_timer(timer, cx));
    }

    fn on_command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        self.act(cx, |peer, cx| peer.on_command(command, cx));
    }

    fn on_leave(&mut self, cx: &mut Context<'_, Self>) {
        self.act(cx, P::on_leave);
    }

    #[inline]
    fn touch(&self, me: PeerId) -> u32 {
        self.peer.touch(me)
    }
}

impl<P: Overlay> Dht for Suspect<P> {
    const LOOKUP: &'static [&'static str] = P::LOOKUP;

    fn table(&self, see: impl FnMut(Contact)) {
        self.peer.table(see);
    }

    fn values(&self, see: impl FnMut(Id)) {
        self.peer.values(see);
    }
}
