//! [`Pace`]: how fast a peer's access link works, while its bandwidth changes.
//!
//! Links count in *work*: nanoseconds of the line at its own rate. A link of a tenth of its rate does
//! one nanosecond of work in ten.

use super::Peers;
use super::timeline::{Spell, Timeline};
use crate::peer::PeerId;

/// A rate of one: times are in steps of 2^-20 of it.
const ONE: u32 = 20;

/// All changes of bandwidth of a run: whose, and to how much of the rate.
#[derive(Clone, Default, Debug)]
pub(in crate::network) struct Slumps {
    spells: Timeline<(Peers, u64)>,
}

/// The pace of one peer's link.
#[derive(Clone, Copy, Debug)]
pub struct Pace<'a> {
    /// Nothing if it never changes.
    slumps: Option<(&'a Slumps, PeerId)>,
}

impl Slumps {
    pub(super) fn new(spells: Vec<Spell<(Peers, f64)>>) -> Self {
        let exact = |spell: Spell<(Peers, f64)>| {
            let (peers, times) = spell.what;
            let times = (times * f64::from(1u32 << ONE)).round().max(1.0) as u64;
            Spell {
                from: spell.from,
                until: spell.until,
                what: (peers, times),
            }
        };
        Self {
            spells: Timeline::new(spells.into_iter().map(exact).collect()),
        }
    }

    /// The pace of a peer's link.
    #[inline]
    pub(in crate::network) fn pace(&self, peer: PeerId) -> Pace<'_> {
        Pace {
            slumps: (!self.spells.is_empty()).then_some((self, peer)),
        }
    }

    /// How fast it is now.
    fn times(&self, peer: PeerId, now: u64) -> u128 {
        let hits = self.spells.at(now).filter(|(peers, _)| peers.has(peer));
        hits.fold(1 << ONE, |all, (_, times)| {
            ((all * u128::from(*times)) >> ONE).max(1)
        })
    }
}

impl Pace<'_> {
    /// That of a link whose bandwidth never changes.
    pub const EVEN: Self = Self { slumps: None };

    /// How much work is done from one time until another, in nanoseconds.
    #[inline]
    pub fn work(self, from: u64, until: u64) -> u64 {
        match self.slumps {
            None => until - from,
            Some((slumps, peer)) => {
                let mut now = from;
                let mut done = 0;
                while now < until {
                    let next = slumps.spells.changes_after(now).unwrap_or(until).min(until);
                    done += (u128::from(next - now) * slumps.times(peer, now)) >> ONE;
                    now = next;
                }
                u64::try_from(done).unwrap_or(u64::MAX / 4)
            }
        }
    }

    /// When so much work is done that is begun at a time, in nanoseconds.
    #[inline]
    pub fn end(self, from: u64, work: u64) -> u64 {
        match self.slumps {
            None => from + work,
            Some((slumps, peer)) => {
                let (mut now, mut left) = (from, u128::from(work));
                loop {
                    let times = slumps.times(peer, now);
                    let Some(next) = slumps.spells.changes_after(now) else {
                        let span = (left << ONE).div_ceil(times);
                        return u64::try_from(span).map_or(u64::MAX / 4, |span| now + span);
                    };
                    let done = (u128::from(next - now) * times) >> ONE;
                    if done >= left {
                        return now + (left << ONE).div_ceil(times) as u64;
                    }
                    left -= done;
                    now = next;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;
    use proptest::prelude::*;

    fn slumps(spells: &[(u64, u64, f64)]) -> Slumps {
        let spell = |&(from, until, times): &(u64, u64, f64)| Spell {
            from: Instant::from_nanos(from),
            until: Instant::from_nanos(until),
            what: (Peers::of([PeerId(1)]), times),
        };
        Slumps::new(spells.iter().map(spell).collect())
    }

    #[test]
    fn half_the_rate_for_a_while() {
        let slumps = slumps(&[(2000, 6000, 0.5)]);
        // 2000 at full rate, 2000 in the 4000 of half the rate, 6000 after it.
        assert_eq!(slumps.pace(PeerId(1)).end(0, 10_000), 12_000);
        assert_eq!(slumps.pace(PeerId(1)).work(0, 12_000), 10_000);
        assert_eq!(slumps.pace(PeerId(0)).end(0, 10_000), 10_000);
        // Two at once multiply.
        let both = self::slumps(&[(0, 100, 0.5), (0, 100, 0.5)]);
        assert_eq!(both.pace(PeerId(1)).end(0, 10), 40);
    }

    proptest! {
        /// When the work is done that a link does until then, it is then at the latest.
        #[test]
        fn work_and_end_agree(
            spells in prop::collection::vec((0u64..5000, 1u64..5000, 0.01f64..5.0), 0..5),
            from in 0u64..10_000, work in 1u64..10_000,
        ) {
            let spells: Vec<_> = spells.iter().map(|&(from, lasts, times)| (from, from + lasts, times)).collect();
            let slumps = slumps(&spells);
            let pace = slumps.pace(PeerId(1));
            let end = pace.end(from, work);
            // Each change rounds down by less than a nanosecond of work.
            let slack = 2 * spells.len() as u64 + 1;
            prop_assert!(pace.work(from, end) + slack >= work);
            prop_assert!(pace.work(from, end - 1) <= work + slack);
            prop_assert!(pace.end(from, work + 1) >= end);
        }
    }
}
