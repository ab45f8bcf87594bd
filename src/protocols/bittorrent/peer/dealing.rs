//! Whom a strategic peer sends to, and how much: see [`tyrant`](crate::protocols::bittorrent::tyrant).

use super::{Cx, Manner, Peer};
use crate::protocols::bittorrent::tyrant::{Deal, afford};
use crate::quantity::Bandwidth;
use crate::time::{Duration, Instant};

/// What a strategic peer knows of a neighbour.
#[derive(Clone, Debug)]
pub(in crate::protocols::bittorrent) struct Dossier {
    deal: Deal,
    since: Instant,
    /// Bytes of the pieces it has got since then, as far as its announcements tell.
    got: u64,
}

impl Dossier {
    /// Somebody has come.
    pub(super) fn new(offer: Bandwidth, now: Instant) -> Self {
        Self {
            deal: Deal::new(offer.0),
            since: now,
            got: 0,
        }
    }

    /// It has announced a piece of so many bytes, of which it would have told only so many of `pieces`: those
    /// that the one who is told lacks.
    pub(super) fn announced(&mut self, bytes: u32, (told, pieces): (u32, u32)) {
        self.got += u64::from(bytes) * u64::from(pieces) / u64::from(told.max(1));
    }

    /// What it would send: as much as it receives, shared out among so many.
    fn expect(&mut self, now: Instant, slots: u32, turn: Duration) {
        let span = (now - self.since).max(turn);
        if self.got > 0 {
            self.deal.worth = bit_rate(self.got, span) / u64::from(slots);
        }
    }
}

/// Bytes over a span, in bit/s.
fn bit_rate(bytes: u64, span: Duration) -> u64 {
    let rate = u128::from(bytes) * 8_000_000_000 / u128::from(span.as_nanos().max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

impl Peer {
    /// The uplink of a strategic peer that is after the file.
    pub(super) fn deals(&self) -> Option<Bandwidth> {
        match self.manner {
            Manner::Tyrant(uplink) if !self.is_complete() => Some(uplink),
            _ => None,
        }
    }

    /// A turn is over: learns what came of the last deals, makes new ones, and holds each connection to what
    /// the neighbour is thought to answer to.
    pub(super) fn make_deals(&mut self, uplink: Bandwidth, cx: Cx<'_, '_>) {
        let config = &self.rules.config;
        let (turn, slots) = (config.rechoke, config.upload_slots);
        let mut offers = Vec::new();
        for (at, one) in self.neighbours.iter_mut().enumerate() {
            let Some(dossier) = &mut one.dossier else {
                continue;
            };
            let answer = (one.unchokes).then(|| bit_rate(one.received.this_turn(), turn));
            dossier.deal.turn(one.unchoked && one.interested, answer);
            if answer.is_none() {
                dossier.expect(cx.now(), slots, turn);
            }
            if one.interested {
                offers.push((at, dossier.deal));
            }
        }
        let chosen = afford(&offers, uplink.0, cx.rng());
        for &at in &chosen {
            let one = &self.neighbours[at];
            let price = one.dossier.as_ref().map(|dossier| dossier.deal.price);
            cx.limit(one.conn, price.map(Bandwidth));
        }
        self.unchoke(&chosen, cx);
    }

    /// Who has the file has nothing to gain: it gives as others do.
    pub(super) fn end_deals(&mut self, cx: Cx<'_, '_>) {
        for one in &mut self.neighbours {
            if one.dossier.take().is_some() {
                cx.limit(one.conn, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_neighbour_sends_is_told_by_what_it_announces() {
        let offer = Bandwidth(100_000);
        let mut dossier = Dossier::new(offer, Instant::ZERO);
        let turn = Duration::from_secs(10);
        dossier.expect(Instant::ZERO + turn, 4, turn);
        assert_eq!(dossier.deal.worth, offer.0, "nothing is known");
        // A megabyte in twenty seconds, and every other piece goes untold: 100 kB/s, a quarter each.
        for _ in 0..4 {
            dossier.announced(250_000, (200, 400));
        }
        dossier.expect(Instant::ZERO + turn * 2, 4, turn);
        assert_eq!(dossier.deal.worth, 200_000);
    }
}
