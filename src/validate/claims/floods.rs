//! B: what a flood costs and reaches.

use super::{Room, Source, column, per_seed};
use crate::validate::gossip::{
    Spread, b1_flood_cost, b2_tree_bound, b3_finite_reach, b4_erdos_renyi_reach,
};
use crate::validate::{Known, Rule, Target};

const B1: Source = Source {
    id: "B1",
    text: "counting identity 2E - N + 1; Plumtree TR, table 1 (eager)",
};
const B2: Source = Source {
    id: "B2",
    text: "tree bound d((d-1)^TTL - 1)/(d-2) (Ritter 2001; Lv et al., ICS 2002)",
};
const B3: Source = Source {
    id: "B3",
    text: "independent Monte Carlo, 4 graphs x 10 origins; 10 000 peers, random 4-regular graph",
};
const B4: Source = Source {
    id: "B4",
    text: "independent Monte Carlo, 40 origins; and breadth-first search of each of our graphs; \
           10 000 peers, G(n, 4/n)",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("floods (B1 to B4)");
    for (peers, degree) in [(1000, 4), (10_000, 4), (10_000, 8)] {
        let costs = per_seed(room.seeds(10, 40), |s| b1_flood_cost(peers, degree, s));
        let costs: Vec<_> = costs.into_iter().flatten().collect();
        let expected = costs.first().map_or(f64::NAN, |cost| cost.1);
        let what = format!("messages, {peers} peers of degree {degree}");
        room.judge(
            B1.claim(what, expected),
            &column(&costs, |cost| cost.0),
            Rule::Exact,
        );
    }
    for (degree, ttl) in [(4, 3), (8, 2)] {
        let reach = per_seed(room.seeds(30, 200), |s| {
            b2_tree_bound(10_000, degree, ttl, s)
        });
        let what = format!("most peers reached, degree {degree}, TTL {ttl}");
        room.judge(
            B2.claim(what, reach[0].1),
            &column(&reach, |reach| reach.0),
            Rule::Bound(0.03),
        );
    }
    for (ttl, reached, messages) in [
        (3, 52.8, 51.8),
        (5, 473.8, 479.6),
        (7, 3542.0, 4073.1),
        (8, 7303.6, 10_627.0),
    ] {
        let spread = per_seed(room.seeds(40, 200), |s| b3_finite_reach(ttl, s));
        let rule = Rule::Reported(0.01);
        let target = B3.claim(format!("peers reached, TTL {ttl}"), reached);
        room.judge(target, &column(&spread, |s| s.reached), rule);
        let target = B3.claim(format!("messages, TTL {ttl}"), messages);
        room.judge(target, &column(&spread, |s| s.messages), rule);
    }
    for (ttl, reached, more_origins) in [
        (3, 80.0, Some(85.09)),
        (5, 1162.1, Some(1227.8)),
        (7, 7184.4, None),
    ] {
        let seeds = room.seeds(60, 2000);
        let runs = per_seed(seeds, |s| b4_erdos_renyi_reach(ttl, s));
        let runs: Vec<(Spread, Spread)> = runs.into_iter().flatten().collect();
        let target = B4.claim(format!("off the search, TTL {ttl}"), 0.0);
        let off = column(&runs, |(ours, search)| {
            (ours.reached - search.reached).round().abs()
                + (ours.messages - search.messages).round().abs()
        });
        room.judge(target, &off, Rule::Exact);
        let target = B4.claim(format!("peers reached, TTL {ttl}"), reached);
        let known = more_origins.map(|value| Known {
            value,
            runs: Some(1468),
            why: "the mean of 40 origins is noise (its standard error is 8 % or more): an independent \
                  search from 1468 origins gives our value",
        });
        let target = Target { known, ..target };
        let ours = column(&runs, |(ours, _)| ours.reached);
        room.judge(target, &ours, Rule::Reported(0.03));
    }
}
