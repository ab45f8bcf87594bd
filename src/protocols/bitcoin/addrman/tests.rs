//! The address manager against a slow, obvious model, its invariants, its size.

use super::*;
use crate::random::PeerRng;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const RULES: [fn() -> Rules; 2] = [Rules::before_0_10_1, Rules::from_0_10_1];
const DAY: i32 = 86_400;

/// Everything that must hold between two operations.
fn check(manager: &AddrMan) {
    let rules = manager.rules;
    let mut references = BTreeMap::new();
    for (table, slots, buckets) in [
        (Table::Tried, &manager.tried, rules.tried_buckets),
        (Table::New, &manager.new, rules.new_buckets),
    ] {
        let keys: Vec<u16> = slots.pairs().map(|(key, _)| key).collect();
        assert!(keys.is_sorted());
        let placement = match table {
            Table::Tried => rules.tried_placement,
            Table::New => rules.new_placement,
        };
        let hashed = placement == Placement::Hashed;
        assert!(!hashed || keys.windows(2).all(|pair| pair[0] < pair[1]));
        let mut fill = BTreeMap::new();
        for (key, id) in slots.pairs() {
            let bucket = key / Rules::BUCKET_SIZE;
            assert!(bucket < buckets);
            *fill.entry(bucket).or_insert(0u16) += 1;
            let entry = manager.entry(id);
            assert_eq!(entry.in_tried(), table == Table::Tried);
            if table == Table::Tried {
                assert_eq!(key, manager.tried_key(entry.address));
            } else if hashed {
                let place = manager.place_in(Hash::NewPosition, bucket, entry.address);
                assert_eq!(key, place);
            }
            let buckets: &mut Vec<u16> = references.entry(id.number()).or_default();
            buckets.push(bucket);
        }
        assert!(fill.values().all(|&count| count <= Rules::BUCKET_SIZE));
        assert_eq!(fill.len(), manager.filled_buckets(table));
    }
    let mut live = 0;
    for (number, entry) in manager.entries.iter().enumerate() {
        let buckets = references.remove(&(number as u32)).unwrap_or_default();
        let different: BTreeSet<u16> = buckets.iter().copied().collect();
        assert_eq!(different.len(), buckets.len(), "twice in a bucket");
        if entry.references == 0 {
            assert!(buckets.is_empty());
            continue;
        }
        live += 1;
        let expected = if entry.in_tried() {
            1
        } else {
            entry.references
        };
        assert_eq!(buckets.len(), usize::from(expected));
        assert!(expected <= rules.max_references);
        let id = manager.find(entry.address);
        assert_eq!(id.map(Id::index), Some(number));
    }
    assert!(references.is_empty());
    assert_eq!(live, manager.len());
    assert_eq!(live, manager.index.len());
    let free = std::iter::successors(Some(manager.free), |&at| {
        (at != NO_PLACE).then(|| manager.entries[at as usize].address.0)
    });
    assert_eq!(free.count() - 1, manager.entries.len() - live);
}

#[derive(Clone, Debug)]
enum Operation {
    Add(u32, u32, i32),
    Good(u32),
    Attempt(u32),
    Connected(u32),
    Wait(i32),
}

/// Few groups and few hosts, so that buckets overflow and addresses come again.
fn address(n: u32) -> Address {
    Address((n % 7) << 16 | n)
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let one = prop_oneof![
        8 => (0..900u32, 0..40u32, -35 * DAY..DAY).prop_map(|(a, s, t)| Operation::Add(a, s, t)),
        3 => (0..900u32).prop_map(Operation::Good),
        3 => (0..900u32).prop_map(Operation::Attempt),
        1 => (0..900u32).prop_map(Operation::Connected),
        1 => (0..3 * DAY).prop_map(Operation::Wait),
    ];
    proptest::collection::vec(one, 1..1500)
}

/// What must be true of an address whatever the tables do: the stamps and counters of the program's
/// `Add_`, `Good_`, `Attempt_` and `Connected_`, kept in a map.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Model {
    seen: i32,
    tried_at: i32,
    success_at: i32,
    attempts: u8,
}

fn apply(
    manager: &mut AddrMan,
    model: &mut BTreeMap<Address, Model>,
    now: &mut i32,
    operation: &Operation,
    rng: &mut PeerRng,
) {
    let renews = manager.rules.good_renews;
    let at = Stamp::from_secs(*now);
    match *operation {
        Operation::Wait(secs) => *now += secs,
        Operation::Add(n, source, ago) => {
            let (address, source) = (address(n), Address(source << 16));
            let seen = *now + ago;
            let penalty = Duration::from_hours(2);
            let kept = manager.add(address, Stamp::from_secs(seen), source, penalty, at, rng);
            if let Some(known) = model.get_mut(&address) {
                assert!(!kept);
                let interval = if *now - seen < DAY { 3600 } else { DAY };
                if known.seen < seen - interval - 7200 {
                    known.seen = seen - 7200;
                }
            } else if kept {
                let never = Stamp::NEVER.as_secs();
                let fresh = Model {
                    seen: seen - 7200,
                    tried_at: never,
                    success_at: never,
                    attempts: 0,
                };
                model.insert(address, fresh);
            }
        }
        Operation::Good(n) => {
            let was_new = manager
                .known(address(n))
                .is_some_and(|known| known.table == Table::New);
            assert_eq!(manager.good(address(n), at, rng), was_new);
            if let Some(known) = model.get_mut(&address(n)) {
                (known.tried_at, known.success_at, known.attempts) = (*now, *now, 0);
                known.seen = if renews { *now } else { known.seen };
                assert_eq!(
                    manager.known(address(n)).map(|known| known.table),
                    Some(Table::Tried)
                );
            }
        }
        Operation::Attempt(n) => {
            manager.attempt(address(n), at);
            if let Some(known) = model.get_mut(&address(n)) {
                known.tried_at = *now;
                known.attempts = known.attempts.saturating_add(1);
            }
        }
        Operation::Connected(n) => {
            manager.connected(address(n), at);
            if let Some(known) = model.get_mut(&address(n))
                && *now - known.seen > 1200
            {
                known.seen = *now;
            }
        }
    }
    // What gave way is forgotten; nothing else may change.
    model.retain(|&address, _| manager.known(address).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn tables_agree_with_the_model(
        rules in 0..2usize,
        small in any::<bool>(),
        key in any::<u64>(),
        operations in operations(),
    ) {
        let mut rules = RULES[rules]();
        if small {
            (rules.tried_buckets, rules.new_buckets) = (2, 3);
        }
        let mut rng = PeerRng::from_state(key);
        let mut manager = AddrMan::new(rules, key);
        let mut model = BTreeMap::new();
        let mut now = 0;
        for (step, operation) in operations.iter().enumerate() {
            apply(&mut manager, &mut model, &mut now, operation, &mut rng);
            if step % 50 == 0 {
                check(&manager);
            }
        }
        check(&manager);
        prop_assert_eq!(manager.len(), model.len());
        for (&address, expected) in &model {
            let known = manager.known(address).expect("the model forgets what the manager does");
            let found = Model {
                seen: known.seen.as_secs(),
                tried_at: known.tried_at.as_secs(),
                success_at: known.success_at.as_secs(),
                attempts: known.attempts,
            };
            prop_assert_eq!(found, *expected);
        }
        if let Some(chosen) = manager.select(3, Stamp::from_secs(now), &mut rng) {
            prop_assert!(model.contains_key(&chosen));
        } else {
            prop_assert!(model.is_empty());
        }
    }
}

fn filled(rules: Rules, addresses: u32) -> AddrMan {
    let mut rng = PeerRng::from_state(1);
    let mut manager = AddrMan::new(rules, 2);
    let mut n = 0;
    while manager.len() < addresses as usize {
        let address = Address(rng.below(1 << 31) as u32);
        let source = Address(rng.below(1 << 31) as u32);
        let seen = Stamp::from_secs(-(rng.below(86_400) as i32));
        manager.add(
            address,
            seen,
            source,
            Rules::RELAY_PENALTY,
            Stamp::START,
            &mut rng,
        );
        if n % 10 == 0 {
            manager.good(address, seen, &mut rng);
        }
        n += 1;
    }
    manager
}

#[test]
fn small_tables_are_small() {
    for rules in RULES {
        assert!(AddrMan::new(rules(), 0).bytes() < 1000);
        for (addresses, bound) in [(300, 12_000), (1000, 34_000), (2000, 64 << 10)] {
            let bytes = filled(rules(), addresses).bytes();
            assert!(bytes <= bound, "{addresses} addresses take {bytes} bytes");
        }
    }
}

#[test]
fn an_attacker_with_one_group_reaches_few_buckets() {
    for (rules, tried, new) in [
        (Rules::before_0_10_1(), 4, 32),
        (Rules::from_0_10_1(), 8, 64),
    ] {
        let mut rng = PeerRng::from_state(5);
        let mut manager = AddrMan::new(rules, 6);
        for host in 0..20_000 {
            let own = Address::new(Group(900), host);
            manager.add(
                own,
                Stamp::START,
                own,
                Duration::ZERO,
                Stamp::START,
                &mut rng,
            );
            manager.good(own, Stamp::START, &mut rng);
            let other = Address(rng.below(1 << 31) as u32);
            manager.add(
                other,
                Stamp::START,
                own,
                Duration::ZERO,
                Stamp::START,
                &mut rng,
            );
        }
        check(&manager);
        // Two of the shares may lead to one bucket.
        let reached = manager.filled_buckets(Table::Tried);
        assert!((tried - 1..=tried).contains(&reached), "{reached}");
        let reached = manager.filled_buckets(Table::New);
        assert!((new - new / 4..=new).contains(&reached), "{reached}");
    }
}

/// One bucket with 1 entry and one with 9: drawn by bucket the lonely one has 1/2, drawn by place
/// 1/10.
#[test]
fn buckets_are_drawn_as_the_rules_say() {
    for (selection, expected) in [(Selection::Fresh, 0.5), (Selection::Uniform, 0.1)] {
        let rules = Rules {
            selection,
            ..Rules::before_0_10_1()
        };
        let mut rng = PeerRng::from_state(8);
        let mut manager = AddrMan::new(rules, 3);
        let mut put = |source: u16, count: u16, rng: &mut PeerRng| {
            for host in 0..count {
                let address = Address::new(Group(source), host);
                let source = Address::new(Group(source), 0);
                manager.add(
                    address,
                    Stamp::START,
                    source,
                    Duration::ZERO,
                    Stamp::START,
                    rng,
                );
            }
        };
        put(1, 1, &mut rng);
        put(2, 9, &mut rng);
        let lonely = Address::new(Group(1), 0);
        let hits = (0..20_000)
            .filter(|_| manager.select(0, Stamp::START, &mut rng) == Some(lonely))
            .count();
        let share = hits as f64 / 20_000.0;
        // Four standard errors.
        assert!((share - expected).abs() < 0.0142, "{selection:?}: {share}");
    }
}

#[test]
fn further_references_get_ever_harder() {
    let mut rng = PeerRng::from_state(8);
    let address = Address(77);
    let mut counts = [0u32; 9];
    for key in 0..2000 {
        let mut manager = AddrMan::new(Rules::from_0_10_1(), key);
        for second in 0..=4 {
            let source = Address(rng.below(1 << 31) as u32);
            let now = Stamp::from_secs(second);
            manager.add(address, now, source, Duration::ZERO, now, &mut rng);
        }
        counts[usize::from(manager.known(address).expect("added").references)] += 1;
    }
    // Four more reports: no second reference with (1/2)^4, exactly one with 1/2 times the sum of
    // (1/2)^k (3/4)^(3-k) over k = 0..3. Four standard errors.
    for (references, expected) in [(1, 0.0625), (2, 0.5078)] {
        let share = f64::from(counts[references]) / 2000.0;
        let error = (expected * (1.0 - expected) / 2000.0_f64).sqrt();
        assert!((share - expected).abs() < 4.0 * error, "{share}");
    }
}

#[test]
fn getaddr_answers_23_percent_of_different_addresses() {
    let manager = filled(Rules::from_0_10_1(), 1000);
    let mut rng = PeerRng::from_state(1);
    let mut answer = manager.get_addr(Stamp::START, &mut rng);
    assert_eq!(answer.len(), 230);
    answer.sort_unstable();
    answer.dedup();
    assert_eq!(answer.len(), 230);
    // A month and a day later all are terrible: the newer rules say nothing.
    let later = Stamp::from_secs(31 * DAY);
    assert!(manager.get_addr(later, &mut rng).is_empty());
    let old = filled(Rules::before_0_10_1(), 1000);
    assert_eq!(old.get_addr(later, &mut rng).len(), 230);
}

#[test]
fn pre_aged_tables_are_as_full_and_as_stale_as_said() {
    for rules in RULES {
        let mut rng = PeerRng::from_state(1);
        let mut manager = AddrMan::new(rules(), 2);
        let plan = pre_age::PreAge::default();
        let online = |rng: &mut PeerRng| Address(rng.below(1 << 30) as u32);
        let offline = |rng: &mut PeerRng| Address(1 << 30 | rng.below(1 << 30) as u32);
        manager.pre_age(&plan, online, offline, Stamp::START, &mut rng);
        check(&manager);
        assert_eq!(manager.count(Table::Tried), 203);
        assert!(
            manager.count(Table::New) >= 16_000,
            "{}",
            manager.count(Table::New)
        );
        let online = |address: Address| address.0 >> 30 == 0;
        let share = manager.share_where(Table::Tried, online);
        assert!((share - 0.235).abs() < 0.12, "{share}");
        let share = manager.share_where(Table::New, online);
        assert!((share - 0.05).abs() < 0.01, "{share}");
        assert!(manager.bytes() < 600_000, "{}", manager.bytes());
    }
}

/// A manager that tests before it evicts, with addresses in `tried` that were last connected to a day
/// ago, and a newcomer of now in whose place one of them is.
fn collision() -> (AddrMan, Address) {
    let rules = Rules {
        test_before_evict: true,
        ..Rules::from_0_10_1()
    };
    let mut rng = PeerRng::from_state(3);
    let mut manager = AddrMan::new(rules, 5);
    let then = Stamp::START.before(Duration::from_hours(24));
    for address in (1..).map(Address) {
        manager.add(address, then, address, Duration::ZERO, then, &mut rng);
        let kept = manager.known(address).is_some();
        if kept && !manager.good(address, then, &mut rng) {
            assert!(!manager.good(address, Stamp::START, &mut rng));
            return (manager, address);
        }
    }
    unreachable!("16 384 places fill up")
}

#[test]
fn who_answers_a_test_stays_and_who_does_not_gives_way() {
    let at = Stamp::from_secs;
    let table = |manager: &AddrMan, address| manager.known(address).expect("known").table;
    let rng = &mut PeerRng::from_state(4);

    let (mut manager, new) = collision();
    let tested = manager.to_test(rng).expect("somebody is in the way");
    manager.attempt(tested, at(10));
    manager.good(tested, at(11), rng);
    manager.resolve_tests(at(20), rng);
    assert_eq!(
        (table(&manager, tested), table(&manager, new)),
        (Table::Tried, Table::New)
    );
    assert_eq!(manager.to_test(rng), None);

    let (mut manager, new) = collision();
    let tested = manager.to_test(rng).expect("somebody is in the way");
    manager.attempt(tested, at(10));
    manager.resolve_tests(at(60), rng);
    assert_eq!(table(&manager, new), Table::New, "it has a minute");
    manager.resolve_tests(at(71), rng);
    assert_eq!(
        (table(&manager, tested), table(&manager, new)),
        (Table::New, Table::Tried)
    );
    check(&manager);

    // Nobody tests: after forty minutes the newcomer has the place.
    let (mut manager, new) = collision();
    manager.resolve_tests(at(2399), rng);
    assert_eq!(table(&manager, new), Table::New);
    manager.resolve_tests(at(2401), rng);
    assert_eq!(table(&manager, new), Table::Tried);
}

/// An address tried within ten minutes is a hundred times less likely to be chosen, and a restart
/// forgets when that was.
#[test]
fn a_restart_forgets_when_addresses_were_tried() {
    for rules in RULES {
        let mut rng = PeerRng::from_state(5);
        let mut manager = AddrMan::new(rules(), 1);
        let (just_now, not) = (Address::new(Group(1), 1), Address::new(Group(2), 1));
        for address in [just_now, not] {
            let source = Address::new(Group(3), 1);
            manager.add(
                address,
                Stamp::START,
                source,
                Duration::ZERO,
                Stamp::START,
                &mut rng,
            );
        }
        manager.good(just_now, Stamp::START, &mut rng);
        manager.good(not, Stamp::START, &mut rng);
        manager.attempt(not, Stamp::START.before(Duration::from_hours(1)));
        manager.good(just_now, Stamp::START, &mut rng);
        let share = |manager: &AddrMan, rng: &mut PeerRng| {
            let drawn = (0..2000)
                .filter(|_| manager.select_from(Table::Tried, Stamp::START, rng) == Some(just_now));
            drawn.count() as f64 / 2000.0
        };
        assert!(share(&manager, &mut rng) < 0.1);
        manager.restart();
        assert!(share(&manager, &mut rng) > 0.4);
    }
}

/// What is known of calm buckets changes nothing: with it and without it the same come and go.
#[test]
fn calm_buckets_are_a_shortcut_and_no_rule() {
    for seed in 0..20 {
        let mut with = AddrMan::new(Rules::before_0_10_1(), 3);
        let mut without = with.clone();
        let mut rng = PeerRng::from_state(seed);
        let mut now = 0;
        for step in 0..6_000u32 {
            now += rng.below(3_000) as i32;
            let here = Stamp::from_secs(now);
            let address = Address::new(Group(rng.below(3) as u16), rng.below(3_000) as u16);
            let seen = Stamp::from_secs(now - rng.below(4_000_000) as i32 + 2_000);
            let draws = PeerRng::from_state(u64::from(step));
            for known in [&mut with, &mut without] {
                let mut draws = draws.clone();
                match step % 8 {
                    0 => known.attempt(address, here),
                    1 => {
                        known.good(address, here, &mut draws);
                    }
                    _ => {
                        known.add(address, seen, address, Duration::ZERO, here, &mut draws);
                    }
                }
            }
            without.calm.disturbed();
            assert!(with.addresses().eq(without.addresses()), "step {step}");
        }
    }
}
