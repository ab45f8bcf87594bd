//! The published formulas about the address manager, from Heilman et al., and the claims that
//! compare them with the real tables.
//!
//! Equation 11 is tested, not the figures in the text below it: with its 16 384 places it gives
//! 40 778 addresses for 50 % and 71 045 for 90 %, where the text says 163K and 284K, which is four
//! times as many.

mod claims;
pub mod measure;

pub use claims::{Claim, claims};

use crate::math::{ln, pow};
use crate::time::Duration;

/// Places in a bucket, in formulas.
const BUCKET: f64 = 64.0;

/// The probability to choose from `tried`, under the older rules (section 2.2): `rho` is the number
/// of addresses in `tried` over that in `new`, `outgoing` (omega) the connections one has.
pub fn chooses_tried(rho: f64, outgoing: u32) -> f64 {
    let omega = f64::from(outgoing);
    let tried = rho.sqrt() * (9.0 - omega);
    tried / (omega + 1.0 + tried)
}

/// The probability to accept an address of this age after `rejections` others, under the older
/// rules (equation 2).
pub fn accepts(rejections: u32, age: Duration) -> f64 {
    let tau = age.as_secs_f64() / 600.0;
    (pow(1.2, f64::from(rejections)) / (1.0 + tau)).min(1.0)
}

/// What is in `tried` when the victim of an attack restarts (equation 3).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TriedMix {
    /// The attacker's share of the entries (f).
    pub attack: f64,
    /// The share of those the victim was just connected to (f').
    pub connected: f64,
    /// The age of the attacker's time stamps.
    pub attack_age: Duration,
    /// The age of the other time stamps.
    pub honest_age: Duration,
}

/// The probability q that an address chosen from `tried` is the attacker's, under the older rules
/// (equations 2 and 3; r from 1, as printed).
pub fn chooses_attacker(mix: &TriedMix) -> f64 {
    chooses_attacker_from(1, mix)
}

/// The same as the code of Bitcoin Core counts: rejections r from 0.
pub fn chooses_attacker_in_code(mix: &TriedMix) -> f64 {
    chooses_attacker_from(0, mix)
}

fn chooses_attacker_from(first: u32, mix: &TriedMix) -> f64 {
    let (f, connected) = (mix.attack, mix.connected);
    let (mut q, mut all_rejected) = (0.0, 1.0);
    for r in first..400 {
        q += accepts(r, mix.attack_age) * f * all_rejected;
        all_rejected *= (1.0 - accepts(r, mix.attack_age)) * f
            + (1.0 - accepts(r, Duration::ZERO)) * connected
            + (1.0 - accepts(r, mix.honest_age)) * (1.0 - f - connected);
    }
    q
}

/// The probability that all `outgoing` connections go to the attacker, if one does with `q`.
pub fn all_outgoing(q: f64, outgoing: u32) -> f64 {
    pow(q, f64::from(outgoing))
}

/// What `q` must be for that probability.
pub fn share_for(all: f64, outgoing: u32) -> f64 {
    pow(all, 1.0 / f64::from(outgoing))
}

/// Calls `each` with (k, probability) of a binomial distribution of `n` and `p`.
fn binomial(n: u32, p: f64, mut each: impl FnMut(u32, f64)) {
    let mut probability = pow(1.0 - p, f64::from(n));
    for k in 0..=n {
        each(k, probability);
        probability *= f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p);
    }
}

/// Bots in the older rules' `tried`, of `t` that came back until nothing changed, or if it was empty
/// (equation 4): 64 E[min(64, B(t, 1/64))].
pub fn bots_after_many_rounds(t: u32) -> f64 {
    let mut kept = 0.0;
    binomial(t, 1.0 / BUCKET, |k, probability| {
        kept += probability * f64::from(k).min(BUCKET);
    });
    BUCKET * kept
}

/// Bots in a full bucket after `a` of them came once, when the oldest of four gives way (equation
/// 5): y grows by 1 - (y/64)^4 with each.
pub fn bots_in_bucket(a: u32) -> f64 {
    (0..a).fold(0.0, |bots: f64, _| bots + 1.0 - pow(bots / BUCKET, 4.0))
}

/// Bots in a full `tried` of the older rules after `t` of them came once (equations 5 to 7).
pub fn bots_after_one_round(t: u32) -> f64 {
    let (mut bots, mut in_bucket) = (0.0, 0.0);
    binomial(t, 1.0 / BUCKET, |_, probability| {
        bots += probability * in_bucket;
        in_bucket += 1.0 - pow(in_bucket / BUCKET, 4.0);
    });
    BUCKET * bots
}

/// The same without the approximations of equation 5: the four are different, and their number is
/// followed as a whole distribution, not as its mean.
pub fn bots_after_one_round_in_code(t: u32) -> f64 {
    // The probability of so many bots in the bucket.
    let mut bucket = vec![0.0; 65];
    bucket[0] = 1.0;
    let mut bots = 0.0;
    binomial(t, 1.0 / BUCKET, |_, probability| {
        let mean: f64 = (0u32..).zip(&bucket).map(|(y, p)| f64::from(y) * p).sum();
        bots += probability * mean;
        for y in (0..64).rev() {
            let (there, size) = (f64::from(y as u32), BUCKET);
            // All four are bots: the number does not grow.
            let four = (0..4u32).map(f64::from);
            let stays: f64 = four.map(|i| (there - i).max(0.0) / (size - i)).product();
            bucket[y + 1] += bucket[y] * (1.0 - stays);
            bucket[y] *= stays;
        }
    });
    BUCKET * bots
}

/// Bots among `places` of which each bot takes a random one (equation 8, countermeasure 1).
pub fn bots_in_random_places(t: u32, places: u32) -> f64 {
    f64::from(places) * (1.0 - pow(1.0 - 1.0 / f64::from(places), f64::from(t)))
}

/// How many bots it takes for that share of `places` (the inverse of [`bots_in_random_places`]).
pub fn bots_for_share(share: f64, places: u32) -> f64 {
    ln(1.0 - share) / ln(1.0 - 1.0 / f64::from(places))
}

/// Buckets of the older rules' `tried` that `groups` groups reach (equation 9).
pub fn tried_buckets_reached(groups: u32) -> f64 {
    64.0 * (1.0 - pow(63.0 / 64.0, 4.0 * f64::from(groups)))
}

/// Buckets of the older rules' `new` that `groups` source groups reach (equation 13).
pub fn new_buckets_reached(groups: u32) -> f64 {
    256.0 * (1.0 - pow(255.0 / 256.0, 32.0 * f64::from(groups)))
}

/// The most an attacker can achieve against test-before-evict, when `honest` of 4 096 entries are
/// honest and each is online with probability `online` (equation 10).
pub fn test_before_evict_bound(online: f64, honest: f64) -> f64 {
    all_outgoing(1.0 - online * honest / 4096.0, 8)
}

/// The success of `t` addresses against the newer rules' full `tried` (equation 11).
pub fn success_against_hashed(t: u32) -> f64 {
    all_outgoing(bots_in_random_places(t, 16_384) / 16_384.0, 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, relative: f64) {
        let error = (found - expected).abs() / expected;
        assert!(error < relative, "{found} instead of {expected}");
    }

    /// Values of `reference/closed-forms.csv`, computed there by another program.
    #[test]
    fn formulas_give_the_published_values() {
        let mix = |attack, hours| TriedMix {
            attack,
            connected: 8.0 / 4096.0,
            attack_age: Duration::from_mins(27),
            honest_age: Duration::from_hours(hours),
        };
        for (attack, hours, expected) in [
            (0.3, 10, 0.286_725),
            (0.5, 10, 0.583_332),
            (0.6, 24, 0.827_252),
            (0.72, 4, 0.611_487),
            (0.72, 24, 0.881_194),
            (0.72, 48, 0.916_196),
        ] {
            let success = all_outgoing(chooses_attacker(&mix(attack, hours)), 8);
            near(success, expected, 1e-5);
        }
        for (t, expected) in [(3000, 2998.73), (4600, 4048.14), (6000, 4095.92)] {
            near(bots_after_many_rounds(t), expected, 1e-5);
        }
        assert!(bots_in_bucket(100) <= 63.0 && bots_in_bucket(101) > 63.0);
        for (t, one_round, random) in [
            (1000, 998.928, 887.382),
            (3000, 2829.69, 2127.05),
            (4600, 3692.17, 2763.81),
        ] {
            near(bots_after_one_round(t), one_round, 1e-5);
            near(bots_in_random_places(t, 4096), random, 1e-5);
        }
        // Computed by another program, as a chain of one bucket.
        for (t, in_code) in [(1000, 999.229), (3000, 2838.44), (4600, 3701.70)] {
            near(bots_after_one_round_in_code(t), in_code, 1e-5);
        }
        for (groups, buckets) in [(8, 25.335), (20, 45.8438), (32, 55.4742), (63, 62.7904)] {
            near(tried_buckets_reached(groups), buckets, 1e-5);
        }
        near(new_buckets_reached(32), 251.348, 1e-5);
        for (t, success) in [
            (20_000, 0.061_017_6),
            (40_778, 0.500_002),
            (71_045, 0.899_999),
        ] {
            near(success_against_hashed(t), success, 1e-5);
        }
        near(share_for(0.9, 8), 0.986_916, 1e-6);
        near(share_for(0.5, 8), 0.917_004, 1e-6);
        near(bots_for_share(share_for(0.5, 8), 4096), 10_193.5, 1e-5);
        near(bots_for_share(share_for(0.5, 12), 4096), 11_795.7, 1e-5);
        near(test_before_evict_bound(0.28, 3659.0), 0.1, 1e-3);
    }

    #[test]
    fn half_full_tables_and_four_connections() {
        // rho = 1, omega = 4: 5 / (5 + 5).
        near(chooses_tried(1.0, 4), 0.5, 1e-12);
        near(accepts(0, Duration::from_mins(10)), 0.5, 1e-12);
        near(accepts(9, Duration::from_mins(10)), 1.0, 1e-12);
    }
}
