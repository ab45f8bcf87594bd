//! Whom a peer sends to: see [`choker`](crate::protocols::bittorrent::choker).

use super::{Cx, Manner, Peer};
use crate::protocols::bittorrent::choker::{Candidate, choose, optimistic};
use crate::protocols::bittorrent::config::Seeding;
use crate::protocols::bittorrent::wire::Wire;
use crate::time::Instant;

impl Peer {
    /// A turn of the choker is over: now and then somebody else is lucky, and all are chosen anew.
    pub(super) fn next_turn(&mut self, cx: Cx<'_, '_>) {
        self.turns += 1;
        let moves = if self.gives_in_turns() {
            !self.is_quiet()
        } else {
            (self.turns - 1).is_multiple_of(self.turns_of_luck())
        };
        if moves {
            let candidates = self.candidates(cx.now());
            let is_choked = |who: usize| !self.neighbours[who].unchoked;
            if let Some(next) = optimistic(&candidates, is_choked, cx.rng()) {
                self.optimistic = Some(self.neighbours[next].peer);
            }
            for one in &mut self.neighbours {
                one.new = false;
            }
        } else if self.gives_in_turns() {
            self.optimistic = None;
        }
        self.give_up_waiting(cx);
        match self.deals() {
            Some(uplink) => self.make_deals(uplink, cx),
            None => self.rechoke(cx),
        }
        for one in &mut self.neighbours {
            one.received.turn();
            one.sent.turn();
        }
    }

    /// How many turns of the choker an optimistic unchoke lasts.
    fn turns_of_luck(&self) -> u64 {
        let config = &self.rules.config;
        let luck = config.optimistic.as_nanos();
        luck.div_ceil(config.rechoke.as_nanos())
    }

    /// Whether it sends to all in turns.
    fn gives_in_turns(&self) -> bool {
        self.is_complete() && self.rules.config.seeding == Seeding::InTurns
    }

    /// Whether it keeps, in this turn, those it sends to in turns.
    fn is_quiet(&self) -> bool {
        let luck = self.turns_of_luck();
        self.gives_in_turns() && luck > 1 && self.turns.is_multiple_of(luck)
    }

    /// The neighbours as the choker sees them. To who sends to all in turns, those are worth most that it has
    /// begun to send to last.
    fn candidates(&self, now: Instant) -> Vec<Candidate> {
        let (complete, in_turns) = (self.is_complete(), self.gives_in_turns());
        let patience = self.rules.config.snub;
        let known = self.neighbours.iter().enumerate();
        let known = known.filter(|(_, one)| one.theirs.is_some());
        let candidate = known.map(|(who, one)| Candidate {
            who,
            interested: one.interested,
            rate: if in_turns && one.unchoked {
                one.since.as_nanos()
            } else if in_turns {
                0
            } else if complete {
                one.sent.sum()
            } else {
                one.received.sum()
            },
            snubbed: !complete && !one.asked.is_empty() && now - one.heard > patience,
            unchoked: one.unchoked,
            new: one.new,
        });
        candidate.collect()
    }

    /// Chooses anew whom to send to, and tells those for whom that changes something. Besides at every
    /// turn, a peer does so when who is unchoked begins or ceases to want something, and when neighbours
    /// come and go (as Cohen's client does).
    pub(super) fn rechoke(&mut self, cx: Cx<'_, '_>) {
        if self.manner == Manner::FreeRider || self.deals().is_some() || !self.active {
            return;
        }
        let candidates = self.candidates(cx.now());
        let mut lucky = (self.neighbours.iter()).position(|one| Some(one.peer) == self.optimistic);
        if lucky.is_none() && !self.is_quiet() {
            let is_choked = |who: usize| !self.neighbours[who].unchoked;
            lucky = optimistic(&candidates, is_choked, cx.rng());
            self.optimistic = lucky.map(|at| self.neighbours[at].peer);
        }
        let slots = self.rules.config.slots();
        let chosen = choose(&candidates, lucky, slots, cx.rng());
        self.unchoke(&chosen, cx);
    }

    /// Sends to these and to nobody else.
    pub(super) fn unchoke(&mut self, chosen: &[usize], cx: Cx<'_, '_>) {
        for at in 0..self.neighbours.len() {
            let is_chosen = chosen.contains(&at);
            if self.neighbours[at].unchoked == is_chosen {
                continue;
            }
            self.neighbours[at].unchoked = is_chosen;
            if is_chosen {
                self.neighbours[at].since = cx.now();
                cx.send_on(self.neighbours[at].conn, Wire::Unchoke);
            } else {
                self.take_back(at, None, cx);
                cx.send_on(self.neighbours[at].conn, Wire::Choke);
            }
        }
    }

    /// A neighbour wants something from now on, or nothing any more.
    pub(super) fn on_interest(&mut self, at: usize, interested: bool, cx: Cx<'_, '_>) {
        let neighbour = &mut self.neighbours[at];
        neighbour.interested = interested;
        if neighbour.unchoked {
            self.rechoke(cx);
        }
    }
}
