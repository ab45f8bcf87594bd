//! What a peer does with requests and answers.

use super::super::lookup::Goal;
use super::super::rules::Rules;
use super::super::wire::{Body, Wire};
use super::requests::Why;
use super::{Node, Timer};
use crate::engine::Context;
use crate::peer::PeerId;
use crate::protocols::dht::{Contact, Id};
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;

impl Node {
    /// Somebody asks for something.
    pub(super) fn requested(
        &mut self,
        sender: Contact,
        request: &Wire,
        cx: &mut Context<'_, Self>,
    ) {
        let Wire {
            rpc,
            upkeep,
            ref body,
            ..
        } = *request;
        if request.body == Body::Ping {
            let pong = self.wire(rpc, true, Body::Pong);
            cx.send(sender.peer(), pong);
            self.pinged(sender, cx);
        } else if !self.is_proven(sender.peer(), cx.now()) {
            // Discv4: an answer would be larger than the question, and the address may be forged.
            return;
        }
        let answer = match *body {
            Body::FindNode(target) => Some(Body::Nodes(self.closest(target, sender))),
            Body::FindValue(key) => Some(match self.held(key, cx.now()) {
                Some(size) => Body::Value(size),
                None => Body::Nodes(self.closest(key, sender)),
            }),
            Body::Store { key, size, left } => {
                self.hold(key, size, Duration::from_secs(u64::from(left)), cx);
                Some(Body::Stored)
            }
            Body::Ping | Body::Pong | Body::Nodes(_) | Body::Value(_) | Body::Stored => None,
        };
        if let Some(answer) = answer {
            let answer = self.wire(rpc, upkeep, answer);
            cx.send(sender.peer(), answer);
        }
        self.seen(sender, cx);
    }

    /// The k closest contacts to a target, without the one who asks.
    fn closest(&self, target: Id, but: Contact) -> Box<[Contact]> {
        let mut closest = Vec::with_capacity(self.run.rules.shape.k);
        self.add_closest(target, Some(but), &mut closest);
        closest.into_boxed_slice()
    }

    /// Adds the k closest contacts to a target, siblings included, in no particular order.
    pub(super) fn add_closest(&self, target: Id, but: Option<Contact>, out: &mut Vec<Contact>) {
        let rules = &*self.run.rules;
        let rank = |contact: Contact| rules.ids.id(contact).xor(target);
        let wanted = (target.xor(self.id), rules.shape.k);
        self.table.closest(&rules.shape, wanted, but, rank, out);
        if rules.siblings > 0 {
            let siblings = self.siblings().iter().copied();
            out.extend(siblings.filter(|&sibling| Some(sibling) != but));
            out.sort_unstable_by_key(|&contact| rank(contact));
            out.dedup();
            out.truncate(rules.shape.k);
        }
    }

    /// An answer has come.
    pub(super) fn answered(&mut self, sender: Contact, answer: Wire, cx: &mut Context<'_, Self>) {
        let open = self.close(answer.rpc, sender, cx);
        if answer.body == Body::Pong && self.run.rules.proof.is_some() {
            let now = Rules::seconds(cx.now());
            self.more().proven.insert(sender.peer(), now);
        }
        self.seen(sender, cx);
        let Some(open) = open else { return };
        if open.to != sender {
            // The peer has come back as another.
            self.missed(open.to, cx.now());
        }
        match (open.why, answer.body) {
            (Why::Lookup(number, path), Body::Value(_)) => {
                self.fetched(number, path, sender, cx);
            }
            (Why::Lookup(number, path), Body::Nodes(named)) => {
                self.named(number, path, (open.to, sender), &named, cx);
            }
            (Why::Proof(number, path), Body::Pong) => {
                // It pings in turn, and gets its answer (`ensureBond` of go-ethereum).
                let to = sender;
                cx.arm(self.run.rules.timeout, Timer::Proven { number, path, to });
                if open.to != sender {
                    self.replaced(number, path, (open.to, sender));
                }
            }
            (Why::Store(number), _) => self.stored(number, true, cx),
            (Why::Lookup(number, path) | Why::Proof(number, path), _) => {
                self.failed(number, path, open.to, cx);
            }
            (Why::Check(_), _) => {}
        }
        self.rest();
    }

    /// A newcomer has the place of a contact that is gone.
    pub(super) fn admit(&mut self, gone: Contact, newcomer: Contact, now: Instant) {
        let rules = &*self.run.rules;
        let bucket = self.bucket_of(rules.ids.id(newcomer));
        let now = Rules::seconds(now);
        self.table
            .replace(&rules.shape, bucket, (gone, newcomer), now);
    }

    /// Somebody has pinged: it knows that our address is ours once we answer, and has to show its own.
    fn pinged(&mut self, sender: Contact, cx: &mut Context<'_, Self>) {
        if self.run.rules.proof.is_none() {
            return;
        }
        let now = Rules::seconds(cx.now());
        self.more().pinged.insert(sender.peer(), now);
        let requests = self.work.as_ref().map(|work| &work.requests);
        let asked = requests.is_some_and(|requests| requests.is_checking(sender));
        if !self.is_proven(sender.peer(), cx.now()) && !asked {
            self.request(sender, Body::Ping, true, Why::Check(None), cx);
        }
    }

    /// Whether requests from this address are answered.
    fn is_proven(&self, peer: PeerId, now: Instant) -> bool {
        self.is_fresh(|more| &more.proven, peer, now)
    }

    /// Whether this peer would answer our requests, as far as we know.
    pub(super) fn is_known_to(&self, peer: PeerId, now: Instant) -> bool {
        self.is_fresh(|more| &more.pinged, peer, now)
    }

    fn is_fresh(
        &self,
        times: fn(&super::More) -> &BTreeMap<PeerId, u32>,
        peer: PeerId,
        now: Instant,
    ) -> bool {
        let Some(proof) = self.run.rules.proof else {
            return true;
        };
        let when = self.more.as_deref().and_then(|more| times(more).get(&peer));
        let age = |&when: &u32| u64::from(Rules::seconds(now).saturating_sub(when));
        when.is_some_and(|when| Duration::from_secs(age(when)) < proof)
    }

    /// Whether the messages of a lookup with this goal are upkeep.
    pub(super) fn is_upkeep(goal: Goal) -> bool {
        !matches!(goal, Goal::Command(_))
    }
}
