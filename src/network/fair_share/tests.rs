use super::filling::{Route, progressive_filling};
use super::*;
use proptest::prelude::*;

/// So many peers, each with an uplink and a downlink; few different capacities, so that ties are
/// common, or any.
fn capacities() -> impl Strategy<Value = Vec<u64>> {
    let even = prop::sample::select(vec![10u64, 100, 300, 1000]);
    let any = 1u64..1 << 40;
    let pairs = prop_oneof![
        prop::collection::vec(even, 4..24),
        prop::collection::vec(any, 4..24),
    ];
    pairs.prop_map(|mut links| {
        links.truncate(links.len() / 2 * 2);
        links
    })
}

/// What becomes of a flow that stands.
#[derive(Clone, Copy, Debug)]
enum Change {
    Ends,
    /// It has the cap of the step from now on.
    IsCapped,
}

/// Starts, and ends and new caps of what was started, in any order: (sender, receiver, cap, what becomes
/// of which one instead of a start).
type Step = (u32, u32, Option<u64>, Option<(prop::sample::Index, Change)>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let cap = prop::option::weighted(0.2, 1u64..500);
    let change = prop_oneof![3 => Just(Change::Ends), 1 => Just(Change::IsCapped)];
    let change = prop::option::weighted(0.5, (any::<prop::sample::Index>(), change));
    prop::collection::vec((any::<u32>(), any::<u32>(), cap, change), 1..60)
}

/// Follows the steps, solving after each; the flows that stand in the end.
fn follow(capacities: &[u64], steps: &[Step]) -> (MaxMin, Vec<(FlowId, Route)>) {
    let peers = capacities.len() as u32 / 2;
    let mut solver = MaxMin::new(capacities.iter().copied());
    let mut flows: Vec<(FlowId, Route)> = Vec::new();
    for &(up, down, cap, change) in steps {
        if let Some((which, change)) = change.filter(|_| !flows.is_empty()) {
            let which = which.index(flows.len());
            match change {
                Change::Ends => solver.remove(flows.swap_remove(which).0),
                Change::IsCapped => {
                    let (id, route) = &mut flows[which];
                    route.cap = cap;
                    solver.set_cap(*id, cap);
                }
            }
        } else {
            let route = Route {
                up: up % peers * 2,
                down: down % peers * 2 + 1,
                cap,
            };
            flows.push((solver.add(route.up, route.down, cap), route));
        }
        solver.solve();
    }
    (solver, flows)
}

proptest! {
    #[test]
    fn it_is_progressive_filling_whatever_came_before(
        capacities in capacities(),
        steps in steps(),
    ) {
        let (solver, flows) = follow(&capacities, &steps);
        let routes: Vec<Route> = flows.iter().map(|&(_, route)| route).collect();
        let rates: Vec<u64> = flows.iter().map(|&(id, _)| solver.rate(id)).collect();
        prop_assert_eq!(rates, progressive_filling(&capacities, &routes));
    }

    #[test]
    fn no_link_is_above_its_capacity_and_every_flow_has_a_bottleneck(
        capacities in capacities(),
        steps in steps(),
    ) {
        let (solver, flows) = follow(&capacities, &steps);
        for (link, &capacity) in capacities.iter().enumerate() {
            prop_assert!(solver.load(link as u32) <= capacity);
        }
        for &(id, route) in &flows {
            let rate = solver.rate(id);
            let bottleneck = |link: u32| {
                let rates = (flows.iter())
                    .filter(|(_, other)| other.up == link || other.down == link)
                    .map(|&(id, _)| solver.rate(id));
                let (sharers, most) = rates.fold((0, 0), |(n, most), r| (n + 1, most.max(r)));
                // Full but for what rounding leaves, and nobody has more.
                solver.load(link) + sharers > capacities[link as usize] && most == rate
            };
            prop_assert!(
                route.cap == Some(rate) || bottleneck(route.up) || bottleneck(route.down)
            );
        }
    }

    #[test]
    fn the_order_of_starts_and_ends_is_of_no_account(
        capacities in capacities(),
        steps in steps(),
    ) {
        let (solver, flows) = follow(&capacities, &steps);
        // The same flows, all at once, the last one first.
        let mut anew = MaxMin::new(capacities.iter().copied());
        let ids: Vec<FlowId> = (flows.iter().rev())
            .map(|(_, route)| anew.add(route.up, route.down, route.cap))
            .collect();
        anew.solve();
        for (&(id, _), &other) in flows.iter().zip(ids.iter().rev()) {
            prop_assert_eq!(solver.rate(id), anew.rate(other));
        }
    }

    #[test]
    fn what_has_changed_is_told(capacities in capacities(), steps in steps()) {
        let (mut solver, flows) = follow(&capacities, &steps);
        let before: Vec<u64> = flows.iter().map(|&(id, _)| solver.rate(id)).collect();
        solver.add(0, 3, None);
        let changed = solver.solve().to_vec();
        for (&(id, _), before) in flows.iter().zip(before) {
            prop_assert_eq!(changed.contains(&id), solver.rate(id) != before);
        }
    }
}

#[test]
fn two_links_of_one_level_share_what_rounding_leaves_by_their_number() {
    // Both could give two units to the flow they do not share; the smaller number is filled first.
    let mut solver = MaxMin::new([3, 100, 100, 3]);
    let shared = solver.add(0, 3, None);
    let first = solver.add(0, 1, None);
    let second = solver.add(2, 3, None);
    solver.solve();
    assert_eq!(
        [shared, first, second].map(|flow| solver.rate(flow)),
        [1, 1, 2]
    );
}

#[test]
fn another_capacity_is_another_rate() {
    let mut solver = MaxMin::new([10, 100, 100, 4]);
    let flow = solver.add(0, 3, None);
    solver.solve();
    assert_eq!(solver.rate(flow), 4);
    solver.set_capacity(3, 40);
    assert_eq!(solver.solve(), [flow]);
    assert_eq!(solver.rate(flow), 10);
    assert!(!solver.is_dirty());
}

#[test]
#[should_panic(expected = "over already")]
fn a_flow_ends_once() {
    let mut solver = MaxMin::new([10, 10]);
    let flow = solver.add(0, 1, None);
    solver.remove(flow);
    solver.remove(flow);
}
