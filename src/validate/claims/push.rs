//! F1 to F5: what gossip reaches, and when, in closed form. The formulas are limits; what they come
//! to with as many peers as are measured is computed in [`finite`].

use super::{Room, Source, per_seed};
use crate::math::{exp, ln, log2};
use crate::network::graph::percolation::giant_share;
use crate::validate::Rule;
use crate::validate::finite::{self, Reach};
use crate::validate::gossip::{
    f1_coverage, f2_everybody, f3_coverage_under_loss, f3_everybody_under_loss, f4_push_rounds,
    f5_residue,
};

const F1: Source = Source {
    id: "F1",
    text: "Eugster et al., IEEE Computer 37(5) 2004: final size pi = 1 - exp(-f pi), infect and die",
};
const F2: Source = Source {
    id: "F2",
    text: "Kermarrec, Massoulié & Ganesh, TPDS 14(3) 2003: P(all) = exp(-exp(-c)), f = ln n + c",
};
const F3: Source = Source {
    id: "F3",
    text: "Kermarrec, Massoulié & Ganesh, TPDS 14(3) 2003: a loss of eps is a fanout of f (1 - eps); \
           1000 peers",
};
const F4: Source = Source {
    id: "F4",
    text: "Pittel, SIAM J. Appl. Math. 47(1) 1987: log2 n + ln n + O(1); the constant is that of \
           1000 peers, computed",
};
const F5: Source = Source {
    id: "F5",
    text: "Demers et al., PODC 1987, section 1.4: s = exp(-(k+1)(1-s)), feedback and coin",
};

/// A broadcast that dies at once is not part of the limit.
const SPREADS: f64 = 0.1;

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("gossip: how many, everybody (F1 to F3)");
    coverage(room);
    everybody(room);
    room.say("gossip: rounds and residue (F4, F5)");
    rounds(room);
    for k in 1..=3 {
        let values = per_seed(room.seeds(200, 1000), |s| f5_residue(k, s));
        // The same equation turned around: 1 - s is the final size at k + 1.
        let limit = 1.0 - giant_share(f64::from(k) + 1.0);
        let what = format!("share never reached, n = 1000, k = {k}");
        let target = F5.claim(what, limit).finite(finite::rumor_residue(1000, k));
        room.judge(target, &values, Rule::ClosedForm(0.10));
    }
}

fn coverage(room: &mut Room<'_>) {
    let (small, large) = (room.seeds(300, 2000), room.seeds(30, 100));
    for (peers, fanout, seeds) in [
        (1000, 2, small),
        (1000, 3, small),
        (10_000, 3, large),
        (1000, 4, small),
        (1000, 5, small),
        (1000, 8, small),
    ] {
        let values = per_seed(seeds, |s| f1_coverage(peers, fanout, s));
        let values: Vec<f64> = values.into_iter().filter(|&v| v >= SPREADS).collect();
        let what = format!("share reached, n = {peers}, f = {fanout}");
        let exact = Reach::of_push(peers as usize, fanout.into(), 0.0).mean_from(SPREADS);
        let target = F1.claim(what, giant_share(fanout.into())).finite(exact);
        room.judge(target, &values, Rule::ClosedForm(0.005));
    }
    let values = per_seed(room.seeds(150, 1000), |s| {
        f3_coverage_under_loss(1000, 6, 0.5, s)
    });
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let exact = Reach::of_push(1000, 6, 0.5).mean_from(SPREADS);
    let what = "share reached, f = 6, half lost";
    let target = F3.claim(what, giant_share(3.0)).finite(exact);
    room.judge(target, &values, Rule::ClosedForm(0.005));
}

fn everybody(room: &mut Room<'_>) {
    let seeds = room.seeds(300, 4000);
    let limit = |fanout: f64| exp(-exp(ln(1000.0) - fanout));
    let yes = |all: bool| f64::from(u8::from(all));
    for fanout in [7, 8, 10] {
        let values = per_seed(seeds, |s| yes(f2_everybody(1000, fanout, s)));
        let what = format!("everybody reached, n = 1000, f = {fanout}");
        let exact = Reach::of_push(1000, fanout.into(), 0.0).all();
        let target = F2.claim(what, limit(fanout.into())).finite(exact);
        room.judge(target, &values, Rule::Probability);
    }
    let values = per_seed(seeds, |s| yes(f3_everybody_under_loss(1000, 20, 0.5, s)));
    let exact = Reach::of_push(1000, 20, 0.5).all();
    let what = "everybody reached, f = 20, half lost";
    let target = F3.claim(what, limit(10.0)).finite(exact);
    room.judge(target, &values, Rule::Probability);
}

fn rounds(room: &mut Room<'_>) {
    let thousand = finite::push_rounds(1000);
    let constant = thousand - log2(1000.0) - ln(1000.0);
    let what = "rounds until all 1000 know";
    let values = per_seed(room.seeds(200, 1000), |s| f4_push_rounds(1000, s));
    room.judge(F4.claim(what, thousand), &values, Rule::ClosedForm(0.02));
    let what = "rounds until all 10 000 know";
    let values = per_seed(room.seeds(40, 300), |s| f4_push_rounds(10_000, s));
    let expected = log2(10_000.0) + ln(10_000.0) + constant;
    room.judge(F4.claim(what, expected), &values, Rule::ClosedForm(0.02));
}
