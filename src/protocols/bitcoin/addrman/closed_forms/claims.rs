//! The claims: what was published, what our tables do, and how far apart they may be.

use super::{TriedMix, all_outgoing, measure};
use crate::protocols::bitcoin::addrman::rules::{Placement, Rules};
use crate::random::Draw;
use crate::time::Duration;

/// A published value beside a measured one.
#[derive(Clone, PartialEq, Debug)]
pub struct Claim {
    /// The row of the collection of published results, such as `I3`.
    pub id: &'static str,
    /// What is measured, under which conditions, and where it was published.
    pub what: String,
    /// The published value (or that of the published formula).
    pub expected: f64,
    /// Ours: the mean over the trials.
    pub measured: f64,
    /// How far the two may be apart.
    pub tolerance: f64,
}

impl Claim {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        (self.expected - self.measured).abs() <= self.tolerance
    }
}

fn mean(trials: u32, mut trial: impl FnMut() -> f64) -> f64 {
    (0..trials).map(|_| trial()).sum::<f64>() / f64::from(trials)
}

/// All claims about the address manager, each measured in `trials` independent tables (or a
/// multiple of that where one table says little; one trial suffices for the tolerances).
///
/// # Panics
/// If there are no trials.
pub fn claims(trials: u32, rng: &mut impl Draw) -> Vec<Claim> {
    assert!(trials > 0, "a claim needs a trial");
    let mut claims = Vec::new();
    selection(trials, rng, &mut claims);
    eviction(trials, rng, &mut claims);
    groups(trials, rng, &mut claims);
    hashed(trials, rng, &mut claims);
    claims
}

/// I3: the success of an attack by selection alone, within 2 points.
fn selection(trials: u32, rng: &mut impl Draw, claims: &mut Vec<Claim>) {
    for hours in [4, 24, 48] {
        let mix = TriedMix {
            attack: 0.72,
            connected: 8.0 / 4096.0,
            attack_age: Duration::from_mins(27),
            honest_age: Duration::from_hours(hours),
        };
        let q = mean(trials, || measure::chooses_attacker(&mix, 60_000, rng));
        claims.push(Claim {
            id: "I3",
            what: format!(
                "success q^8 with 72 % of tried, 27 min against {hours} h old (Heilman et al., eq. 3)"
            ),
            expected: all_outgoing(super::chooses_attacker(&mix), 8),
            measured: all_outgoing(q, 8),
            tolerance: 0.02,
        });
    }
}

/// I4, I5: bots in `tried`, within 1 %.
fn eviction(trials: u32, rng: &mut impl Draw, claims: &mut Vec<Claim>) {
    let old = Rules::before_0_10_1();
    let random = Rules {
        placement: Placement::Hashed,
        ..old
    };
    let mut add = |id, what: &str, t, expected, rules, full| {
        // One table strays by 1 % (balls in bins): sixteen make that a quarter.
        let bots = mean(16 * trials, || {
            measure::bots_in_tried(rules, t, full, rng) as f64
        });
        claims.push(Claim {
            id,
            what: format!("of {t} bots in tried, {what}"),
            expected,
            measured: bots,
            tolerance: expected * 0.01,
        });
    };
    for t in [3000, 4600, 6000] {
        let expected = super::bots_after_many_rounds(t);
        add(
            "I4",
            "empty before (Heilman et al., eq. 4)",
            t,
            expected,
            old,
            false,
        );
    }
    for t in [1000, 3000, 4600] {
        let expected = super::bots_after_one_round(t);
        add(
            "I4",
            "full before (Heilman et al., eqs. 5-7)",
            t,
            expected,
            old,
            true,
        );
        let expected = super::bots_in_random_places(t, 4096);
        add(
            "I5",
            "random eviction (Heilman et al., eq. 8)",
            t,
            expected,
            random,
            true,
        );
    }
    for t in [10_194, 11_796] {
        let expected = super::bots_in_random_places(t, 4096);
        add(
            "I8",
            "random eviction (Heilman et al., section 7)",
            t,
            expected,
            random,
            true,
        );
    }
}

/// I6: the buckets that few groups reach, within 2 %.
fn groups(trials: u32, rng: &mut impl Draw, claims: &mut Vec<Claim>) {
    let old = Rules::before_0_10_1();
    // Cheap, and one table says little: the mean over many keys.
    let tables = 200 * trials;
    let mut add = |what: String, expected: f64, measured| {
        claims.push(Claim {
            id: "I6",
            what,
            expected,
            measured,
            tolerance: expected * 0.02,
        });
    };
    for groups in [8, 16, 20, 32, 63] {
        let reached = mean(tables, || {
            measure::tried_buckets_reached(old, groups, rng) as f64
        });
        let what = format!("buckets of tried reached by {groups} groups (Heilman et al., eq. 9)");
        add(what, super::tried_buckets_reached(groups.into()), reached);
    }
    let reached = mean(20 * trials, || {
        measure::new_buckets_reached(old, 32, 400, rng) as f64
    });
    let what = "buckets of new reached by 32 source groups (Heilman et al., eq. 13)".to_owned();
    add(what, super::new_buckets_reached(32), reached);
}

/// I10: the success of an attack against the newer rules' full `tried`, within a point.
fn hashed(trials: u32, rng: &mut impl Draw, claims: &mut Vec<Claim>) {
    let rules = Rules::from_0_10_1();
    for t in [20_000, 40_778, 71_045] {
        // One table strays by up to 0.8 points.
        let success = mean(8 * trials, || {
            let bots = measure::bots_in_tried(rules, t, true, rng);
            all_outgoing(bots as f64 / rules.tried_capacity() as f64, 8)
        });
        claims.push(Claim {
            id: "I10",
            what: format!("success of {t} addresses, tried full before (Heilman et al., eq. 11)"),
            expected: super::success_against_hashed(t),
            measured: success,
            tolerance: 0.01,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;

    #[test]
    fn published_values_come_out_of_our_tables() {
        let claims = claims(1, &mut PeerRng::from_state(2015));
        assert_eq!(claims.len(), 3 + 3 + 6 + 2 + 6 + 3);
        for claim in claims {
            assert!(claim.holds(), "{claim:?}");
        }
    }
}
