//! Lookups: how they begin, go on and end.

use super::super::lookup::{Found, Goal, Lookup, Storing};
use super::super::rules::Rules;
use super::super::wire::Body;
use super::Node;
use super::requests::Why;
use crate::engine::Context;
use crate::protocols::dht::{Command, Contact, Ended, Event, Id, Outcome, What};
use crate::time::Duration;

impl Node {
    /// Begins a lookup from what the table holds.
    pub(super) fn look_up(&mut self, target: Id, goal: Goal, cx: &mut Context<'_, Self>) {
        let mut first = Vec::new();
        self.add_closest(target, None, &mut first);
        self.look_up_from(target, goal, &first, cx);
    }

    /// Begins a lookup from these contacts.
    pub(super) fn look_up_from(
        &mut self,
        target: Id,
        goal: Goal,
        first: &[Contact],
        cx: &mut Context<'_, Self>,
    ) {
        self.note_lookup(target, cx);
        if let Goal::Command(command) = goal
            && command.what == What::Get
            && self.held(target, cx.now()).is_some()
        {
            let found = Found {
                closest: vec![self.me],
                hops: 0,
                answered: true,
            };
            end(command.number, Outcome::Done, (0, 0), found, cx);
            return;
        }
        let rules = &*self.run.rules;
        let rank = |&contact: &Contact| (rules.ids.id(contact).xor(target), contact);
        let mut first: Vec<(u64, Contact)> = first.iter().map(rank).collect();
        first.sort_unstable();
        self.last = self.last.wrapping_add(1);
        let number = self.last;
        let which = (number, target, goal);
        let lookup = Lookup::new(which, rules.paths, &rules.width, &first);
        let work = self.work.get_or_insert_default();
        work.lookups.push(lookup);
        self.drive(number, cx);
        self.rest();
    }

    fn lookup(&mut self, number: u32) -> Option<&mut Lookup> {
        let mut lookups = self.work.as_mut()?.lookups.iter_mut();
        lookups.find(|lookup| lookup.number == number)
    }

    fn end_lookup(&mut self, number: u32) -> Option<Lookup> {
        let lookups = &mut self.work.as_mut()?.lookups;
        let at = lookups.iter().position(|lookup| lookup.number == number)?;
        Some(lookups.swap_remove(at))
    }

    /// Asks as many as may be asked at present, and ends the lookup if there is nobody left.
    fn drive(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        let width = self.run.rules.width;
        loop {
            let Some(lookup) = self.lookup(number) else {
                return;
            };
            let Some((path, to)) = lookup.next(&width) else {
                break;
            };
            if self.is_known_to(to.peer(), cx.now()) {
                self.ask(number, path, to, cx);
            } else {
                self.request(to, Body::Ping, true, Why::Proof(number, path), cx);
            }
        }
        if self
            .lookup(number)
            .is_some_and(|lookup| lookup.is_done(&width))
        {
            self.search_is_over(number, cx);
        }
    }

    /// Sends the request of a lookup.
    pub(super) fn ask(&mut self, number: u32, path: u8, to: Contact, cx: &mut Context<'_, Self>) {
        let Some(lookup) = self.lookup(number) else {
            return;
        };
        let (goal, target) = (lookup.goal, lookup.target);
        let get = matches!(
            goal,
            Goal::Command(Command {
                what: What::Get,
                ..
            })
        );
        let body = if get {
            Body::FindValue(target)
        } else {
            Body::FindNode(target)
        };
        self.request(
            to,
            body,
            Self::is_upkeep(goal),
            Why::Lookup(number, path),
            cx,
        );
    }

    /// Who was asked has named others. `asked` is the contact that was asked and the one that has
    /// answered, which is another if the peer has come back with another identifier.
    pub(super) fn named(
        &mut self,
        number: u32,
        path: u8,
        asked: (Contact, Contact),
        named: &[Contact],
        cx: &mut Context<'_, Self>,
    ) {
        if asked.0 != asked.1 {
            self.replaced(number, path, asked);
        }
        let (me, ids) = (self.me, &self.run.rules.ids);
        let Some(lookup) = self.work.as_mut().and_then(|work| {
            let mut lookups = work.lookups.iter_mut();
            lookups.find(|lookup| lookup.number == number)
        }) else {
            return;
        };
        let target = lookup.target;
        let rank = |contact: Contact| ids.id(contact).xor(target);
        let others = named.iter().filter(|&&contact| contact != me);
        let others = others.map(|&contact| (rank(contact), contact));
        lookup.answered(path, rank(asked.1), others);
        self.drive(number, cx);
    }

    /// The peer of a candidate has another identifier now.
    pub(super) fn replaced(&mut self, number: u32, path: u8, (old, new): (Contact, Contact)) {
        let ids = &self.run.rules.ids;
        let ids = (ids.id(old), ids.id(new));
        if let Some(lookup) = self.lookup(number) {
            let target = lookup.target;
            lookup.replaced(path, ids.0.xor(target), (ids.1.xor(target), new));
        }
    }

    /// Who was asked has not answered.
    pub(super) fn failed(
        &mut self,
        number: u32,
        path: u8,
        to: Contact,
        cx: &mut Context<'_, Self>,
    ) {
        let id = self.run.rules.ids.id(to);
        if let Some(lookup) = self.lookup(number) {
            let distance = id.xor(lookup.target);
            lookup.failed(path, distance);
            self.drive(number, cx);
        }
    }

    /// Who was asked has the value.
    pub(super) fn fetched(
        &mut self,
        number: u32,
        path: u8,
        by: Contact,
        cx: &mut Context<'_, Self>,
    ) {
        let id = self.run.rules.ids.id(by);
        let Some(lookup) = self.end_lookup(number) else {
            return;
        };
        if let Goal::Command(command) = lookup.goal {
            let found = Found {
                closest: vec![by],
                hops: lookup.depth(path, id.xor(lookup.target)),
                answered: true,
            };
            let counts = (lookup.messages.saturating_add(1), lookup.timeouts);
            end(command.number, Outcome::Done, counts, found, cx);
        }
    }

    /// The closest are found, as far as they can be.
    fn search_is_over(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        let (own, me, k) = (self.id, self.me, self.run.rules.shape.k);
        let Some(lookup) = self.lookup(number) else {
            return;
        };
        let found = lookup.found(k, (own.xor(lookup.target), me));
        let (goal, counts) = (lookup.goal, (lookup.messages, lookup.timeouts));
        match goal {
            Goal::Command(Command {
                what: What::Put, ..
            })
            | Goal::Republish { .. } => {
                self.store(number, found, cx);
                return;
            }
            Goal::Command(command) => {
                let outcome = match (found.answered, command.what) {
                    (false, _) => Outcome::Failed,
                    (true, What::Get) => Outcome::Missing,
                    (true, _) => Outcome::Done,
                };
                end(command.number, outcome, counts, found, cx);
            }
            Goal::Join => self.introduced(&found, cx),
            Goal::Refresh => {}
        }
        self.end_lookup(number);
    }

    /// Stores a value with those who are closest to its key.
    fn store(&mut self, number: u32, found: Found, cx: &mut Context<'_, Self>) {
        let rules = &*self.run.rules;
        let (fresh, expire) = (rules.value, rules.expire);
        let me = self.me;
        let closest = found.closest.clone();
        let Some(lookup) = self.lookup(number) else {
            return;
        };
        let (key, goal) = (lookup.target, lookup.goal);
        let others = closest.iter().filter(|&&contact| contact != me);
        lookup.storing = Some(Storing {
            open: others.count(),
            stored: false,
            found,
        });
        let (size, left) = match goal {
            Goal::Republish { size, left } => (size, left),
            _ => (fresh, Rules::seconds_of(expire)),
        };
        let upkeep = Self::is_upkeep(goal);
        for &to in &closest {
            if to == me {
                self.hold(key, size, Duration::from_secs(u64::from(left)), cx);
                if let Some(storing) = self.lookup(number).and_then(|l| l.storing.as_mut()) {
                    storing.stored = true;
                }
            } else {
                let body = Body::Store { key, size, left };
                self.request(to, body, upkeep, Why::Store(number), cx);
            }
        }
        self.end_if_stored(number, cx);
    }

    /// A copy is stored, or its peer has not answered.
    pub(super) fn stored(&mut self, number: u32, done: bool, cx: &mut Context<'_, Self>) {
        let Some(lookup) = self.lookup(number) else {
            return;
        };
        lookup.messages = lookup.messages.saturating_add(1 + u16::from(done));
        lookup.timeouts = lookup.timeouts.saturating_add(u16::from(!done));
        if let Some(storing) = &mut lookup.storing {
            storing.open -= 1;
            storing.stored |= done;
        }
        self.end_if_stored(number, cx);
    }

    fn end_if_stored(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        let storing = self
            .lookup(number)
            .and_then(|lookup| lookup.storing.as_ref());
        if storing.is_none_or(|storing| storing.open > 0) {
            return;
        }
        if let Some(lookup) = self.end_lookup(number)
            && let (Goal::Command(command), Some(storing)) = (lookup.goal, lookup.storing)
        {
            let outcome = if storing.stored {
                Outcome::Done
            } else {
                Outcome::Failed
            };
            let counts = (lookup.messages, lookup.timeouts);
            self.published(command.key, cx);
            end(command.number, outcome, counts, storing.found, cx);
        }
    }
}

/// Reports how a command has ended.
fn end(
    number: u32,
    outcome: Outcome,
    (messages, timeouts): (u16, u16),
    found: Found,
    cx: &mut Context<'_, Node>,
) {
    cx.emit(Event::Ended(Ended {
        number,
        outcome,
        hops: found.hops,
        messages,
        timeouts,
        closest: found.closest.into(),
    }));
}
