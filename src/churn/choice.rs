//! Whom a peer prefers among those it knows: anybody, the oldest, or the fastest.
//!
//! Where sessions are heavy-tailed, who has been up for long will stay for long, so that the oldest make
//! the most reliable neighbours (Bustamante & Qiao, WCW 2003; Godfrey, Shenker & Stoica, SIGCOMM 2006).
//! There is no oracle: ages are what peers say of themselves, round trips what was measured.

use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom a peer prefers.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Default, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Anybody.
    #[default]
    Random,
    /// Those that say that they have been up for longest.
    Oldest,
    /// Those with the shortest round trip.
    Fastest,
}

/// What a peer knows of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Who.
    pub peer: PeerId,
    /// Since when it is up, as it says: the time of its message minus the age in it.
    pub since: Option<Instant>,
    /// The round trip to it, as measured.
    pub round_trip: Option<Duration>,
}

impl Choice {
    /// Moves the preferred `count` of the candidates to the front and gives them back, all if there are
    /// not so many. Who is not known to be old or fast comes last; among equals, who comes first is
    /// random. Draws one number for each candidate, so that a switch shifts no draws.
    pub fn prefer<'a>(
        self,
        candidates: &'a mut [Known],
        count: usize,
        rng: &mut impl Rng,
    ) -> &'a [Known] {
        let count = count.min(candidates.len());
        rng.shuffle(candidates);
        match self {
            Self::Random => {}
            // Stable: equals stay shuffled.
            Self::Oldest => candidates.sort_by_key(|known| known.since.unwrap_or(Instant::MAX)),
            Self::Fastest => {
                candidates.sort_by_key(|known| known.round_trip.unwrap_or(Duration::MAX));
            }
        }
        &candidates[..count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;

    fn known(peer: u32, since: Option<u64>, millis: Option<u64>) -> Known {
        Known {
            peer: PeerId(peer),
            since: since.map(|secs| Instant::ZERO + Duration::from_secs(secs)),
            round_trip: millis.map(Duration::from_millis),
        }
    }

    fn all() -> [Known; 5] {
        [
            known(0, None, None),
            known(1, Some(500), Some(10)),
            known(2, Some(20), Some(300)),
            known(3, Some(20), None),
            known(4, Some(100), Some(5)),
        ]
    }

    fn chosen(choice: Choice, count: usize, rng: &mut PeerRng) -> Vec<u32> {
        let mut candidates = all();
        let preferred = choice.prefer(&mut candidates, count, rng);
        preferred.iter().map(|known| known.peer.0).collect()
    }

    #[test]
    fn the_oldest_and_the_fastest_come_first_and_the_unknown_last() {
        let mut rng = PeerRng::from_state(1);
        let oldest = chosen(Choice::Oldest, 5, &mut rng);
        assert!(oldest[..2] == [2, 3] || oldest[..2] == [3, 2]);
        assert_eq!(oldest[2..], [4, 1, 0]);
        let fastest = chosen(Choice::Fastest, 4, &mut rng);
        assert_eq!(fastest[..3], [4, 1, 2]);
        assert_eq!(chosen(Choice::Oldest, 9, &mut rng).len(), 5);
        assert!(chosen(Choice::Fastest, 0, &mut rng).is_empty());
        assert!(Choice::Oldest.prefer(&mut [], 3, &mut rng).is_empty());
    }

    /// Among equals each is first equally often: 10 000 draws, four standard errors.
    #[test]
    fn equals_are_chosen_at_random() {
        let mut rng = PeerRng::from_state(2);
        let (mut first, mut tied) = ([0u32; 5], 0u32);
        for _ in 0..10_000 {
            first[chosen(Choice::Random, 1, &mut rng)[0] as usize] += 1;
            tied += u32::from(chosen(Choice::Oldest, 1, &mut rng)[0] == 2);
        }
        assert!(
            first.iter().all(|&count| count.abs_diff(2000) < 160),
            "{first:?}"
        );
        assert!(tied.abs_diff(5000) < 200, "{tied}");
    }
}
