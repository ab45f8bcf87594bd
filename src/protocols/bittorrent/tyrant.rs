//! [`Deal`]: what a strategic peer takes a neighbour for, and [`afford`]: whom it sends to. Pure; knows
//! neither neighbours nor time.
//!
//! `BitTyrant`: Piatek, Isdal, Anderson, Krishnamurthy & Venkataramani, "Do incentives build robustness in
//! BitTorrent?" (NSDI 2007), section 4. Who plays tit for tat shares its uplink out in equal parts, and gives
//! most neighbours more than they would answer to, or too little. A tyrant gives each neighbour the least that
//! it answers to, as far as it can tell, those first that give most for it, until its uplink is spent.

use crate::random::Draw;

/// What a neighbour costs and what it is worth, in bit/s.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deal {
    /// What it wants to be sent before it answers: `u_p`.
    pub price: u64,
    /// What it sends if it answers: `d_p`.
    pub worth: u64,
    /// For how many turns running it has answered.
    answered: u8,
}

/// After so many turns of answers running a neighbour is offered less: `r`.
const LOYAL: u8 = 3;

impl Deal {
    /// A neighbour of which nothing is known.
    pub fn new(offer: u64) -> Self {
        Self {
            price: offer,
            worth: offer,
            answered: 0,
        }
    }

    /// A turn is over: whether the neighbour was sent to, and at what rate it has sent, if it does. Who was
    /// sent to in vain wants a fifth more, who has answered for three turns running gets a tenth less.
    pub fn turn(&mut self, paid: bool, answer: Option<u64>) {
        let Some(rate) = answer else {
            self.answered = 0;
            if paid {
                self.price = self.price / 5 * 6 + 1;
            }
            return;
        };
        // Who has just begun to answer has had no time to send.
        if rate > 0 {
            self.worth = rate;
        }
        self.answered = self.answered.saturating_add(1);
        if paid && self.answered >= LOYAL {
            self.price = (self.price / 10 * 9).max(1);
        }
    }
}

/// Whom to send to: those that are worth most for their price, as long as the uplink has what they want. Of
/// equal ones chance decides.
pub fn afford(deals: &[(usize, Deal)], uplink: u64, rng: &mut impl Draw) -> Vec<usize> {
    let mut order: Vec<(u64, &(usize, Deal))> =
        deals.iter().map(|deal| (rng.next_u64(), deal)).collect();
    order.sort_unstable_by(|(chance, (_, one)), (other_chance, (_, other))| {
        let product = |worth: u64, price: u64| u128::from(worth) * u128::from(price);
        let ours = product(one.worth, other.price);
        let theirs = product(other.worth, one.price);
        theirs.cmp(&ours).then(chance.cmp(other_chance))
    });
    let mut left = uplink;
    let fits = |&(_, (_, deal)): &(u64, &(usize, Deal))| {
        let rest = left.checked_sub(deal.price);
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    let all = order.into_iter().take_while(fits);
    all.map(|(_, &(who, _))| who).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;
    use proptest::prelude::*;

    fn deal(price: u64, worth: u64) -> Deal {
        Deal {
            worth,
            ..Deal::new(price)
        }
    }

    #[test]
    fn who_does_not_answer_is_offered_more_and_who_always_does_less() {
        let mut deal = Deal::new(1000);
        deal.turn(true, None);
        assert_eq!(deal.price, 1201);
        deal.turn(false, None);
        assert_eq!(deal.price, 1201, "nothing was offered");
        for (turn, price) in [1201, 1201, 1080, 972].into_iter().enumerate() {
            deal.turn(true, Some(500));
            assert_eq!((deal.price, deal.worth), (price, 500), "{turn}");
        }
        deal.turn(true, Some(0));
        assert_eq!(deal.worth, 500, "nothing has come yet");
        let before = deal.price;
        deal.turn(true, None);
        deal.turn(true, Some(500));
        assert!(deal.price > before, "loyalty begins anew");
    }

    #[test]
    fn the_uplink_goes_where_it_brings_most() {
        let deals = [deal(300, 300), deal(100, 400), deal(500, 1000)];
        let deals: Vec<(usize, Deal)> = deals.into_iter().enumerate().collect();
        let mut rng = PeerRng::from_state(1);
        assert_eq!(afford(&deals, 900, &mut rng), [1, 2, 0]);
        assert_eq!(afford(&deals, 899, &mut rng), [1, 2]);
        // Who is worth less is not taken because it is cheap.
        assert_eq!(afford(&deals, 400, &mut rng), [1]);
        assert_eq!(afford(&deals, 99, &mut rng), [0; 0]);
    }

    #[test]
    fn of_equal_ones_chance_decides() {
        let deals: Vec<(usize, Deal)> = (0..4).map(|who| (who, deal(10, 10))).collect();
        let mut seen = [0; 4];
        for seed in 0..400 {
            let chosen = afford(&deals, 10, &mut PeerRng::from_state(seed));
            assert_eq!(chosen.len(), 1);
            seen[chosen[0]] += 1;
        }
        // Four standard deviations of 400 draws of one in four.
        assert!(seen.iter().all(|n| (65..=135).contains(n)), "{seen:?}");
    }

    proptest! {
        #[test]
        fn nobody_is_better_than_the_worst_that_is_chosen(
            deals in prop::collection::vec((1u64..1000, 0u64..1000), 0..20),
            uplink in 0u64..5000,
        ) {
            let deals: Vec<(usize, Deal)> = (deals.into_iter().enumerate())
                .map(|(who, (price, worth))| (who, deal(price, worth)))
                .collect();
            let chosen = afford(&deals, uplink, &mut PeerRng::from_state(1));
            let spent: u64 = chosen.iter().map(|&who| deals[who].1.price).sum();
            prop_assert!(spent <= uplink);
            let better = |one: Deal, other: Deal| one.worth * other.price > other.worth * one.price;
            for &(who, left) in deals.iter().filter(|(who, _)| !chosen.contains(who)) {
                prop_assert!(chosen.iter().all(|&one| !better(left, deals[one].1)), "{}", who);
            }
        }
    }
}
