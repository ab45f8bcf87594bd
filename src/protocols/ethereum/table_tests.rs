//! Tests of [`Table`] against an obvious slow version.

use super::*;
use crate::peer::PeerId;
use crate::random::PeerRng;
use crate::random::hash::mix2;
use proptest::prelude::*;

fn node(host: u32, key: u16) -> Enode {
    let host = PeerId(host);
    Enode { host, key }
}

fn id(node: Enode) -> Id {
    Id(mix2(node.host.0.into(), node.key.into()))
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

const AFTER: Shape = Shape {
    buckets: 17,
    replacements: 10,
    limits: Some(Limits {
        bucket: 2,
        table: 10,
    }),
};

proptest! {
    /// Nodes are added and removed; the slow version is a list of all, the newest first.
    #[test]
    fn buckets_hold_the_first_sixteen_most_recently_active_first(
        steps in prop::collection::vec((0u32..120, prop::bool::weighted(0.9)), 1..400)
    ) {
        let shape = Shape { limits: None, ..AFTER };
        let mut table = Table::new(Id(0), shape);
        let mut slow: Vec<Enode> = Vec::new();
        for (time, (host, adds)) in (0..).zip(steps) {
            let node = node(host, 0);
            let bucket = table.bucket(id(node));
            if adds {
                let in_bucket = slow.iter().filter(|&&one| table.bucket(id(one)) == bucket).count();
                if slow.contains(&node) || in_bucket < BUCKET {
                    slow.retain(|&one| one != node);
                    slow.insert(0, node);
                }
                table.add(node, id(node), at(time));
            } else {
                slow.retain(|&one| one != node);
                table.remove(node, id(node));
            }
            for bucket in 0..17 {
                let slow = slow.iter().copied().filter(|&one| table.bucket(id(one)) == bucket);
                let fast = table.buckets[bucket].entries.iter().map(|entry| entry.node);
                prop_assert!(slow.eq(fast));
            }
            let target = Id(mix2(time, 7));
            let mut near: Vec<_> = slow.iter().map(|&one| (one, id(one))).collect();
            near.sort_by_key(|&(_, id)| target.xor(id));
            near.truncate(5);
            prop_assert_eq!(table.closest(target, 5), near);
        }
    }

    /// However many keys two hosts have, they get two places in a bucket and ten in a table.
    #[test]
    fn limits_hold(steps in prop::collection::vec((0u32..3, 0u16..200), 1..300)) {
        let mut table = Table::new(Id(0), AFTER);
        for (time, (host, key)) in (0..).zip(steps) {
            let node = node(host, key);
            table.add(node, id(node), at(time));
            for host in 0..3 {
                let one = self::node(host, 0);
                let counts: Vec<usize> = table.buckets.iter().map(|b| b.of_host(one)).collect();
                prop_assert!(counts.iter().all(|&count| count <= 2));
                prop_assert!(counts.iter().sum::<usize>() <= 10);
            }
        }
    }
}

#[test]
fn heads_of_buckets_are_drawn_before_others() {
    let mut table = Table::new(Id(0), AFTER);
    for host in 0..200 {
        table.add(node(host, 0), id(node(host, 0)), at(0));
    }
    let mut rng = PeerRng::from_state(1);
    let filled = table.buckets.iter().filter(|b| !b.entries.is_empty());
    let filled = filled.count();
    let drawn = table.random(filled, &mut rng);
    let heads = table.buckets.iter().filter_map(|b| b.entries.first());
    for head in heads {
        assert!(drawn.contains(&head.node));
    }
    assert_eq!(table.random(1000, &mut rng).len(), table.nodes().count());
}

#[test]
fn who_fails_a_check_gives_way_to_a_replacement() {
    let mut table = Table::new(Id(0), AFTER);
    let far = |table: &Table| {
        (0..)
            .map(|host| node(host, 0))
            .filter(|&n| table.bucket(id(n)) == 0)
            .take(18)
            .collect::<Vec<_>>()
    };
    let nodes = far(&table);
    for (time, &one) in (0..).zip(&nodes) {
        let added = table.add(one, id(one), at(time));
        let expected = if time < 16 {
            Added::Yes
        } else {
            Added::Full(nodes[0])
        };
        assert_eq!(added, expected);
    }
    let mut rng = PeerRng::from_state(1);
    table.failed(nodes[5], id(nodes[5]), at(20), &mut rng);
    assert!(
        table.nodes().any(|one| one == nodes[5]),
        "it is not the last"
    );
    table.failed(nodes[0], id(nodes[0]), at(20), &mut rng);
    let now: Vec<Enode> = table.nodes().collect();
    assert!(!now.contains(&nodes[0]) && now.len() == 16);
    assert!(now.contains(&nodes[16]) != now.contains(&nodes[17]));
    assert_eq!(table.since(Duration::from_secs(10), at(20)).count(), 10);
    assert_eq!(table.to_check(&mut rng), now.last().copied());
}
