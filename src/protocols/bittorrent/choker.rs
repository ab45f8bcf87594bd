//! [`choose`]: whom to send to. Pure; knows neither neighbours nor time.
//!
//! The rules of BEP 3 and of Cohen, "Incentives build robustness in BitTorrent" (P2PEcon 2003), section 3:
//! the interested neighbours with the best rates are unchoked, as many as there are slots, and so are those
//! with better rates that are not interested, in case they become so; one more is unchoked whatever its
//! rate, the *optimistic* one, which counts as one of the slots if it is interested. Who has stopped sending
//! (*snubbed* us) gets no slot for its rate, but one that nobody else wants, so that there are several optimistic
//! ones where many have stopped.

use crate::random::Draw;
use std::cmp::Reverse;

/// A neighbour as the choker sees it.
#[derive(Clone, Copy, PartialEq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a choker asks of a neighbour is yes or no"
)]
pub struct Candidate {
    /// Which one, in the caller's numbering.
    pub who: usize,
    /// Whether it wants something.
    pub interested: bool,
    /// What it is worth: bytes it has sent of late, or taken from who has the whole file.
    pub rate: u64,
    /// Whether it owes us blocks for long.
    pub snubbed: bool,
    /// Whether it is unchoked at present.
    pub unchoked: bool,
    /// Whether it has come since the last turn of the optimistic slot.
    pub new: bool,
}

/// How many get something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slots {
    /// Interested neighbours that are unchoked.
    pub upload: usize,
    /// Whether the optimistic one is one of them, as in BEP 3, or comes beside them.
    pub inside: bool,
}

/// Who is to be unchoked, given who is so optimistically. Of equal rates those come first that are unchoked
/// already, then chance decides.
pub fn choose(
    candidates: &[Candidate],
    optimistic: Option<usize>,
    slots: Slots,
    rng: &mut impl Draw,
) -> Vec<usize> {
    let worth = |one: &Candidate| (!one.snubbed).then_some(one.rate);
    let mut order: Vec<(Reverse<Option<u64>>, bool, u64, &Candidate)> = (candidates.iter())
        .filter(|one| Some(one.who) != optimistic)
        .map(|one| (Reverse(worth(one)), !one.unchoked, rng.next_u64(), one))
        .collect();
    order.sort_unstable_by_key(|&(worth, choked, chance, _)| (worth, choked, chance));
    let lucky = candidates.iter().find(|one| Some(one.who) == optimistic);
    let taken = lucky.is_some_and(|one| one.interested) && slots.inside;
    let mut free = slots.upload - usize::from(taken).min(slots.upload);
    let mut chosen: Vec<usize> = lucky.map(|one| one.who).into_iter().collect();
    for (.., one) in order {
        if free == 0 {
            break;
        }
        chosen.push(one.who);
        free -= usize::from(one.interested);
    }
    chosen
}

/// How many times as likely a new neighbour is to be the optimistic one as another (BEP 3).
pub const WEIGHT_OF_NEW: u64 = 3;

/// The next optimistic one: any interested neighbour that is choked; who is new is three times as likely
/// (BEP 3).
pub fn optimistic(
    candidates: &[Candidate],
    is_choked: impl Fn(usize) -> bool,
    rng: &mut impl Draw,
) -> Option<usize> {
    let eligible = || {
        let wants = |one: &&Candidate| one.interested && is_choked(one.who);
        candidates.iter().filter(wants)
    };
    let weight = |one: &Candidate| if one.new { WEIGHT_OF_NEW } else { 1 };
    let sum: u64 = eligible().map(weight).sum();
    if sum == 0 {
        return None;
    }
    let mut left = rng.below(sum);
    let mut all = eligible();
    all.find(|one| {
        let here = left < weight(one);
        left = left.saturating_sub(weight(one));
        here
    })
    .map(|one| one.who)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;
    use proptest::prelude::*;

    fn one(who: usize, interested: bool, rate: u64) -> Candidate {
        Candidate {
            who,
            interested,
            rate,
            snubbed: false,
            unchoked: false,
            new: false,
        }
    }

    const FOUR: Slots = Slots {
        upload: 4,
        inside: true,
    };

    fn rng() -> PeerRng {
        PeerRng::from_state(3)
    }

    #[test]
    fn the_best_four_are_unchoked_and_the_optimistic_one_is_one_of_them() {
        let all: Vec<Candidate> = (0..10).map(|who| one(who, true, who as u64)).collect();
        assert_eq!(choose(&all, None, FOUR, &mut rng()), [9, 8, 7, 6]);
        assert_eq!(choose(&all, Some(2), FOUR, &mut rng()), [2, 9, 8, 7]);
        let beside = Slots {
            inside: false,
            ..FOUR
        };
        assert_eq!(choose(&all, Some(2), beside, &mut rng()), [2, 9, 8, 7, 6]);
    }

    #[test]
    fn who_is_better_and_not_interested_is_unchoked_and_takes_no_slot() {
        let all: Vec<Candidate> = (0..10).map(|who| one(who, who < 8, who as u64)).collect();
        let chosen = choose(&all, None, FOUR, &mut rng());
        assert_eq!(chosen, [9, 8, 7, 6, 5, 4]);
        // An optimistic one that is not interested takes none either.
        let chosen = choose(&all, Some(9), FOUR, &mut rng());
        assert_eq!(chosen, [9, 8, 7, 6, 5, 4]);
    }

    #[test]
    fn nobody_is_choked_for_one_of_the_same_rate() {
        let mut all: Vec<Candidate> = (0..20).map(|who| one(who, true, 0)).collect();
        for who in [3, 8, 12, 19] {
            all[who].unchoked = true;
        }
        let mut chosen = choose(&all, None, FOUR, &mut rng());
        chosen.sort_unstable();
        assert_eq!(chosen, [3, 8, 12, 19]);
    }

    #[test]
    fn who_has_stopped_sending_gets_what_is_left() {
        let mut all: Vec<Candidate> = (0..6).map(|who| one(who, true, who as u64)).collect();
        all[5].snubbed = true;
        assert_eq!(choose(&all, None, FOUR, &mut rng()), [4, 3, 2, 1]);
        assert_eq!(choose(&all, Some(5), FOUR, &mut rng()), [5, 4, 3, 2]);
        // No slot stays empty: with three others there is one for it.
        assert_eq!(choose(&all[2..], None, FOUR, &mut rng()), [4, 3, 2, 5]);
    }

    #[test]
    fn who_is_new_is_three_times_as_likely() {
        let mut all: Vec<Candidate> = (0..5).map(|who| one(who, true, 0)).collect();
        all[4].new = true;
        all[0].interested = false;
        let mut seen = [0; 5];
        let mut rng = rng();
        for _ in 0..6000 {
            let who = optimistic(&all, |who| who != 1, &mut rng);
            seen[who.expect("somebody is choked")] += 1;
        }
        // Of 2, 3 and 4, with weights of 1, 1 and 3; four standard deviations of 6000 draws.
        assert_eq!((seen[0], seen[1]), (0, 0));
        assert!((3448..=3752).contains(&seen[4]), "{seen:?}");
        assert!((1076..=1324).contains(&seen[2]), "{seen:?}");
        assert_eq!(optimistic(&all, |_| false, &mut rng), None);
    }

    proptest! {
        #[test]
        fn nobody_with_a_better_rate_is_left_out(
            rates in prop::collection::vec((any::<bool>(), 0u64..20), 0..30),
            lucky in prop::option::of(0usize..30),
            seed in any::<u64>(),
        ) {
            let all: Vec<Candidate> = (rates.iter().enumerate())
                .map(|(who, &(interested, rate))| one(who, interested, rate))
                .collect();
            let lucky = lucky.filter(|&who| who < all.len());
            let chosen = choose(&all, lucky, FOUR, &mut PeerRng::from_state(seed));
            let interested = chosen.iter().filter(|&&who| all[who].interested).count();
            prop_assert!(interested <= 4);
            let is_left = |one: &&Candidate| one.interested && !chosen.contains(&one.who);
            let left = all.iter().filter(is_left).map(|one| one.rate).max();
            if let Some(best) = left {
                prop_assert_eq!(interested, 4);
                let worst = chosen.iter().filter(|&&who| Some(who) != lucky && all[who].interested);
                prop_assert!(worst.map(|&who| all[who].rate).min().is_none_or(|rate| rate >= best));
            }
        }
    }
}
