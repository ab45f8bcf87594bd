//! Who was up when, and how far each broadcast got.

use super::metrics::SHARES;
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// Who is up, since when, and who was up before.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    up: u32,
    /// Start of the current session; [`Instant::MAX`] for who is down.
    since: Vec<Instant>,
    /// Sessions that are over: peer, start, end, in order of their ends.
    over: Vec<(PeerId, Instant, Instant)>,
}

impl Tally {
    pub(super) fn new(peers: u32) -> Self {
        Self {
            up: 0,
            since: vec![Instant::MAX; peers as usize],
            over: Vec::new(),
        }
    }

    pub(super) fn up(&mut self, peer: PeerId, at: Instant) {
        self.up += 1;
        self.since[peer.index()] = at;
    }

    pub(super) fn down(&mut self, peer: PeerId, at: Instant) {
        self.up -= 1;
        let since = std::mem::replace(&mut self.since[peer.index()], Instant::MAX);
        self.over.push((peer, since, at));
    }
}

/// How far one broadcast got.
#[derive(Clone, Debug)]
pub(super) struct Broadcast {
    pub(super) sent: Instant,
    until: Instant,
    /// Peers up when it started.
    pub(super) up: u32,
    /// Those of them that have it, having been up since.
    pub(super) reached_up: u32,
    /// Peers that have it, but for the origin, and the sum of their delays.
    pub(super) deliveries: u32,
    pub(super) sum_nanos: u128,
    /// The delay of the last.
    pub(super) last: Option<Duration>,
    /// The delays to the [`SHARES`] of the peers up when it started.
    pub(super) delays: [Option<Duration>; SHARES.len()],
    /// The next value of `reached_up` that is one of the shares.
    next: u32,
    /// A bit for each peer that has it.
    has: Vec<u64>,
}

/// What became of a broadcast by its deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outcome {
    /// Peers that were up from its start to its deadline.
    pub(super) eligible: u32,
    /// Those of them that have it.
    pub(super) reached: u32,
}

impl Broadcast {
    pub(super) fn new(sent: Instant, until: Instant, origin: PeerId, tally: &Tally) -> Self {
        let mut broadcast = Self {
            sent,
            until,
            up: tally.up,
            reached_up: 0,
            deliveries: 0,
            sum_nanos: 0,
            last: None,
            delays: [None; SHARES.len()],
            next: 1,
            has: vec![0; tally.since.len().div_ceil(64)],
        };
        broadcast.note(origin);
        broadcast.count(sent);
        broadcast
    }

    /// A first receipt; `false` after the deadline.
    #[inline]
    pub(super) fn deliver(&mut self, at: Instant, peer: PeerId, tally: &Tally) -> bool {
        if at > self.until {
            return false;
        }
        self.note(peer);
        let delay = at - self.sent;
        self.deliveries += 1;
        self.sum_nanos += u128::from(delay.as_nanos());
        self.last = Some(delay);
        if tally.since[peer.index()] <= self.sent {
            self.count(at);
        }
        true
    }

    fn note(&mut self, peer: PeerId) {
        self.has[peer.index() / 64] |= 1 << (peer.index() % 64);
    }

    fn has(&self, peer: PeerId) -> bool {
        self.has[peer.index() / 64] >> (peer.index() % 64) & 1 == 1
    }

    /// One more of those who were up.
    #[inline]
    fn count(&mut self, at: Instant) {
        self.reached_up += 1;
        if self.reached_up >= self.next {
            self.reach(at);
        }
    }

    fn reach(&mut self, at: Instant) {
        self.next = u32::MAX;
        for (delay, share) in self.delays.iter_mut().zip(SHARES) {
            let needed = (u64::from(self.up) * share).div_ceil(100) as u32;
            if self.reached_up >= needed {
                delay.get_or_insert(at - self.sent);
            } else {
                self.next = self.next.min(needed);
            }
        }
    }

    pub(super) fn outcome(&self, tally: &Tally, end: Instant) -> Outcome {
        if tally.over.is_empty() {
            // Nobody ever went down: those up at the start are those up until the deadline.
            let (eligible, reached) = (self.up, self.reached_up);
            return Outcome { eligible, reached };
        }
        let until = self.until.min(end);
        let still = tally
            .since
            .iter()
            .zip(0..)
            .filter(|&(&since, _)| since <= self.sent);
        let first = tally.over.partition_point(|&(_, _, end)| end < until);
        let over = tally.over[first..]
            .iter()
            .filter(|&&(_, since, _)| since <= self.sent);
        let (mut eligible, mut reached) = (0, 0);
        for peer in still
            .map(|(_, id)| PeerId(id))
            .chain(over.map(|&(peer, ..)| peer))
        {
            eligible += 1;
            reached += u32::from(self.has(peer));
        }
        Outcome { eligible, reached }
    }
}
