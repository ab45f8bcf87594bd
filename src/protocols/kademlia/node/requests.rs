//! Requests under way, and what they are for.

use super::super::wire::{Body, Wire};
use super::{Node, Timer};
use crate::engine::{Context, TimerId};
use crate::protocols::dht::Contact;

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// A lookup of its peer, on one of its paths.
    Lookup(u32, u8),
    /// The same, once the other has seen that our address is proven.
    Proof(u32, u8),
    /// A copy of a value.
    Store(u32),
    /// To see whether the contact is there; a newcomer may wait for its place.
    Check(Option<Contact>),
}

/// A request that was not answered yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    number: u32,
    pub(super) to: Contact,
    timer: TimerId,
    pub(super) why: Why,
}

/// Requests that were not answered yet, oldest first.
#[derive(Default, Debug)]
pub(super) struct Requests(Vec<Open>);

impl Requests {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this contact is being pinged to see if it is there.
    pub(super) fn is_checking(&self, contact: Contact) -> bool {
        let mut open = self.0.iter();
        open.any(|open| open.to == contact && matches!(open.why, Why::Check(_)))
    }

    /// Takes out the request with this number.
    fn take(&mut self, number: u32) -> Option<Open> {
        let at = self.0.iter().position(|open| open.number == number)?;
        Some(self.0.remove(at))
    }
}

impl Node {
    /// A message of this peer, as the answer to `rpc` or a request of that number.
    pub(super) fn wire(&self, rpc: u32, upkeep: bool, body: Body) -> Wire {
        Wire {
            rpc,
            number: self.me.number(),
            framing: self.run.rules.framing,
            upkeep,
            body,
        }
    }

    /// Sends a request and waits for the answer.
    pub(super) fn request(
        &mut self,
        to: Contact,
        body: Body,
        upkeep: bool,
        why: Why,
        cx: &mut Context<'_, Self>,
    ) {
        self.last = self.last.wrapping_add(1);
        let number = self.last;
        cx.send(to.peer(), self.wire(number, upkeep, body));
        let timer = cx.arm(self.run.rules.timeout, Timer::Request(number));
        let work = self.work.get_or_insert_default();
        work.requests.0.push(Open {
            number,
            to,
            timer,
            why,
        });
    }

    /// The request that this peer has answered, which is over.
    pub(super) fn close(
        &mut self,
        number: u32,
        by: Contact,
        cx: &mut Context<'_, Self>,
    ) -> Option<Open> {
        let requests = &mut self.work.as_mut()?.requests;
        let open = requests.take(number)?;
        if open.to.peer() != by.peer() {
            // Somebody guesses numbers.
            requests.0.push(open);
            return None;
        }
        cx.cancel(open.timer);
        Some(open)
    }

    /// The request with this number was not answered in time.
    pub(super) fn timed_out(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        let work = self.work.as_mut();
        let Some(open) = work.and_then(|work| work.requests.take(number)) else {
            return;
        };
        let gone = self.missed(open.to, cx.now());
        match open.why {
            Why::Lookup(number, path) | Why::Proof(number, path) => {
                self.failed(number, path, open.to, cx);
            }
            Why::Store(number) => self.stored(number, false, cx),
            Why::Check(Some(newcomer)) if gone => self.admit(open.to, newcomer, cx.now()),
            Why::Check(_) => {}
        }
        self.rest();
    }

    /// Gives memory back when nothing is under way.
    pub(super) fn rest(&mut self) {
        let idle = |work: &super::Work| work.requests.is_empty() && work.lookups.is_empty();
        if self.work.as_deref().is_some_and(idle) {
            self.work = None;
        }
    }
}
