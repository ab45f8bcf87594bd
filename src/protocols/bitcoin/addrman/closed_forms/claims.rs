//! The claims: what was published, what one of our tables does, and how far apart they may be.

use super::{TriedMix, all_outgoing, measure};
use crate::protocols::bitcoin::addrman::rules::{Placement, Rules};
use crate::random::PeerRng;
use crate::time::Duration;

/// A published value, and how to measure it.
pub struct Claim {
    /// The row of the collection of published results, such as `I3`.
    pub id: &'static str,
    /// What is measured, under which conditions.
    pub what: String,
    /// The equation or section of Heilman et al., USENIX Security 2015.
    pub place: &'static str,
    /// The value of the published formula.
    pub expected: f64,
    /// What the formula gives for the code that we follow, where that is not the letter of the paper.
    pub in_code: Option<f64>,
    /// How far the published value and the mean over many tables may be apart.
    pub tolerance: f64,
    trial: Box<dyn Fn(&mut PeerRng) -> f64 + Send + Sync>,
}

impl Claim {
    /// Ours: what comes out of one table (or of a few, where one is quick and says little).
    pub fn measure(&self, rng: &mut PeerRng) -> f64 {
        (self.trial)(rng)
    }
}

fn mean(tables: u32, mut table: impl FnMut() -> f64) -> f64 {
    (0..tables).map(|_| table()).sum::<f64>() / f64::from(tables)
}

/// All claims about the address manager.
pub fn claims() -> Vec<Claim> {
    let mut claims = Vec::new();
    tables(&mut claims);
    selection(&mut claims);
    eviction(&mut claims);
    groups(&mut claims);
    hashed(&mut claims);
    claims
}

/// I1: which table an address is chosen from, within a point.
fn tables(claims: &mut Vec<Claim>) {
    for (tried, new, outgoing) in [
        (400u32, 400u32, 4),
        (400, 1600, 0),
        (400, 1600, 7),
        (800, 200, 8),
    ] {
        let rho = f64::from(tried) / f64::from(new);
        claims.push(Claim {
            id: "I1",
            what: format!("P[tried], rho = {rho}, omega = {outgoing}"),
            place: "§ 2.2",
            expected: super::chooses_tried(rho, outgoing),
            in_code: None,
            tolerance: 0.01,
            trial: Box::new(move |rng| {
                measure::chooses_tried(tried as usize, new as usize, outgoing, 5_000, rng)
            }),
        });
    }
}

/// I3: the success of an attack by selection alone, within 2 points.
fn selection(claims: &mut Vec<Claim>) {
    for hours in [4, 24, 48] {
        let mix = TriedMix {
            attack: 0.72,
            connected: 8.0 / 4096.0,
            attack_age: Duration::from_mins(27),
            honest_age: Duration::from_hours(hours),
        };
        claims.push(Claim {
            id: "I3",
            what: format!("success, f = 0.72, 27 min/{hours} h"),
            place: "eq. 3",
            expected: all_outgoing(super::chooses_attacker(&mix), 8),
            in_code: Some(all_outgoing(super::chooses_attacker_in_code(&mix), 8)),
            tolerance: 0.02,
            trial: Box::new(move |rng| {
                all_outgoing(measure::chooses_attacker(&mix, 20_000, rng), 8)
            }),
        });
    }
}

/// I4, I5, I8: bots in `tried`, within 1 %.
fn eviction(claims: &mut Vec<Claim>) {
    let old = Rules::before_0_10_1();
    let random = Rules {
        tried_placement: Placement::Hashed,
        new_placement: Placement::Hashed,
        ..old
    };
    let mut add = |id, how: &str, place, t, expected, in_code, rules, full| {
        claims.push(Claim {
            id,
            what: format!("of {t} bots in tried, {how}"),
            place,
            expected,
            in_code,
            tolerance: expected * 0.01,
            trial: Box::new(move |rng| measure::bots_in_tried(rules, t, full, rng) as f64),
        });
    };
    for t in [3000, 4600, 6000] {
        let expected = super::bots_after_many_rounds(t);
        add("I4", "empty", "eq. 4", t, expected, None, old, false);
    }
    for t in [1000, 3000, 4600] {
        let expected = super::bots_after_one_round(t);
        let in_code = Some(super::bots_after_one_round_in_code(t));
        add("I4", "full", "eqs. 5-7", t, expected, in_code, old, true);
        let expected = super::bots_in_random_places(t, 4096);
        let how = "random";
        add("I5", how, "eq. 8", t, expected, None, random, true);
    }
    for t in [10_194, 11_796] {
        let expected = super::bots_in_random_places(t, 4096);
        let how = "random";
        add("I8", how, "§ 7", t, expected, None, random, true);
    }
}

/// I6: the buckets that few groups reach, within 2 %.
fn groups(claims: &mut Vec<Claim>) {
    let old = Rules::before_0_10_1();
    let mut add = |what: String, place, expected: f64, trial| {
        claims.push(Claim {
            id: "I6",
            what,
            place,
            expected,
            in_code: None,
            tolerance: expected * 0.02,
            trial,
        });
    };
    for groups in [8, 16, 20, 32, 63] {
        let expected = super::tried_buckets_reached(groups.into());
        let what = format!("buckets of tried, {groups} groups");
        add(
            what,
            "eq. 9",
            expected,
            Box::new(move |rng: &mut PeerRng| {
                mean(20, || {
                    measure::tried_buckets_reached(old, groups, rng) as f64
                })
            }) as Box<dyn Fn(&mut PeerRng) -> f64 + Send + Sync>,
        );
    }
    let what = "buckets of new, 32 groups".to_owned();
    add(
        what,
        "eq. 13",
        super::new_buckets_reached(32),
        Box::new(move |rng| measure::new_buckets_reached(old, 32, 400, rng) as f64),
    );
}

/// I10: the success of an attack against the newer rules' full `tried`, within a point.
fn hashed(claims: &mut Vec<Claim>) {
    let rules = Rules::from_0_10_1();
    for t in [20_000, 40_778, 71_045] {
        claims.push(Claim {
            id: "I10",
            what: format!("success of {t} bots, full"),
            place: "eq. 11",
            expected: super::success_against_hashed(t),
            in_code: None,
            tolerance: 0.01,
            trial: Box::new(move |rng| {
                let bots = measure::bots_in_tried(rules, t, true, rng);
                all_outgoing(bots as f64 / rules.tried_capacity() as f64, 8)
            }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values_come_out_of_our_tables() {
        let claims = claims();
        assert_eq!(claims.len(), 4 + 3 + 3 + 6 + 2 + 6 + 3);
        let mut rng = PeerRng::from_state(2015);
        for claim in claims {
            // One table strays by up to 1 %: eight make that a third.
            let measured = mean(8, || claim.measure(&mut rng));
            let off = (measured - claim.expected).abs();
            assert!(off <= claim.tolerance, "{}: {measured}", claim.what);
        }
    }
}
