//! The same quantities, measured on real tables: each function builds an address manager, attacks it
//! through its own operations, and counts.

use super::TriedMix;
use crate::protocols::bitcoin::address::{Address, Group, Stamp};
use crate::protocols::bitcoin::addrman::rules::Rules;
use crate::protocols::bitcoin::addrman::{AddrMan, Table};
use crate::random::Draw;
use crate::time::Duration;

const NOW: Stamp = Stamp::START;

/// Attackers have odd addresses here, so that they may be in any group; all others have even ones.
fn is_attack(address: Address) -> bool {
    address.0 % 2 == 1
}

fn honest(rng: &mut impl Draw) -> Address {
    Address(rng.below(1 << 31) as u32 * 2)
}

/// The `n`-th attacking address, each in a group of its own as long as there are groups.
fn attack(n: u32) -> Address {
    Address::new(Group(n as u16), (n >> 16) as u16 * 2 + 1)
}

fn manager(rules: Rules, rng: &mut impl Draw) -> AddrMan {
    AddrMan::new(rules, rng.next_u64())
}

/// Makes the address known and connects to it. It is reported by ever other sources until it is
/// known: the newer rules keep a newcomer out where `new` is occupied, and the formulas count
/// addresses that did get in.
fn insert(manager: &mut AddrMan, address: Address, at: Stamp, rng: &mut impl Draw) {
    let mut source = address;
    while manager.known(address).is_none() {
        manager.add(address, at, source, Duration::ZERO, NOW, rng);
        source = honest(rng);
    }
    manager.good(address, at, rng);
}

/// Fills every place of `tried`, in the order of the stamps, with addresses drawn by `address`.
fn fill_tried<R: Draw>(
    manager: &mut AddrMan,
    stamps: &[Stamp],
    mut address: impl FnMut(usize, &mut R) -> Address,
    rng: &mut R,
) {
    for (n, &at) in stamps.iter().enumerate() {
        let address = loop {
            let address = address(n, rng);
            if manager.known(address).is_none() && manager.has_room_in_tried(address) {
                break address;
            }
        };
        insert(manager, address, at, rng);
    }
}

/// Up to ten days old, oldest first.
fn old_stamps(count: usize) -> Vec<Stamp> {
    let secs = |n: usize| 864_000 - (n * 777_600 / count.max(1)) as u64;
    let stamps = (0..count).map(|n| NOW.before(Duration::from_secs(secs(n))));
    stamps.collect()
}

/// The share of the attacker among the addresses that `picks` calls of `select` take from `tried`,
/// under the older rules: `tried` is full and mixed as stated, `new` is full of trash that never
/// answers, so that whoever gets trash tries again (compare [`super::chooses_attacker`]).
pub fn chooses_attacker<R: Draw>(mix: &TriedMix, picks: u32, rng: &mut R) -> f64 {
    let mut manager = manager(Rules::before_0_10_1(), rng);
    let places = manager.rules().tried_capacity();
    let attackers = (mix.attack * places as f64).round() as usize;
    let connected = (mix.connected * places as f64).round() as usize;
    let mut is_attacker: Vec<bool> = (0..places).map(|n| n < attackers).collect();
    rng.shuffle(&mut is_attacker);
    let stamps: Vec<Stamp> = is_attacker
        .iter()
        .map(|&attack| {
            NOW.before(if attack {
                mix.attack_age
            } else {
                mix.honest_age
            })
        })
        .collect();
    let address = |n: usize, rng: &mut R| Address(honest(rng).0 | u32::from(is_attacker[n]));
    fill_tried(&mut manager, &stamps, address, rng);
    let honest_ones: Vec<Address> = manager
        .addresses()
        .map(|(address, _)| address)
        .filter(|&address| !is_attack(address))
        .take(connected)
        .collect();
    for address in honest_ones {
        manager.connected(address, NOW);
    }
    // 117 for each bucket of 64: all are full.
    for n in 0..30_000 {
        let source = honest(rng);
        manager.add(Address::trash(n), NOW, source, Duration::ZERO, NOW, rng);
    }
    let mut hits = 0;
    for _ in 0..picks {
        let chosen = loop {
            let chosen = manager.select(0, NOW, rng).expect("the tables are full");
            if !chosen.is_trash() {
                break chosen;
            }
        };
        hits += u32::from(is_attack(chosen));
    }
    f64::from(hits) / f64::from(picks)
}

/// The share of `tried` among `picks` calls of `select` with this many outgoing connections, under
/// the older rules, when the tables hold `tried` and `new` addresses (compare
/// [`super::chooses_tried`]).
pub fn chooses_tried(
    tried: usize,
    new: usize,
    outgoing: u32,
    picks: u32,
    rng: &mut impl Draw,
) -> f64 {
    let mut manager = manager(Rules::before_0_10_1(), rng);
    while manager.count(Table::Tried) < tried {
        insert(&mut manager, honest(rng), NOW, rng);
    }
    while manager.count(Table::New) < new {
        let (address, source) = (honest(rng), honest(rng));
        manager.add(address, NOW, source, Duration::ZERO, NOW, rng);
    }
    let from_tried = (0..picks).filter(|_| {
        let chosen = manager.select(outgoing, NOW, rng);
        let known = chosen.and_then(|address| manager.known(address));
        known.is_some_and(|known| known.table == Table::Tried)
    });
    from_tried.count() as f64 / f64::from(picks)
}

/// How many of `bots` addresses, each in a group of its own, are in `tried` after each came once;
/// `tried` was empty or full of older honest addresses.
pub fn bots_in_tried(rules: Rules, bots: u32, full_before: bool, rng: &mut impl Draw) -> usize {
    let mut manager = manager(rules, rng);
    if full_before {
        let stamps = old_stamps(manager.rules().tried_capacity());
        fill_tried(&mut manager, &stamps, |_, rng| honest(rng), rng);
    }
    for n in 0..bots {
        insert(&mut manager, attack(n), NOW, rng);
    }
    manager.count_where(Table::Tried, is_attack)
}

/// The buckets of `tried` that `groups` groups of 64 addresses reach (that one of four buckets gets none of
/// 64 addresses has probability 10^-8).
pub fn tried_buckets_reached(rules: Rules, groups: u16, rng: &mut impl Draw) -> usize {
    let mut manager = manager(rules, rng);
    for (group, host) in (0..groups).flat_map(|g| (0..64).map(move |host| (g, host))) {
        insert(&mut manager, Address::new(Group(group), host), NOW, rng);
    }
    manager.filled_buckets(Table::Tried)
}

/// The buckets of `new` that `groups` source groups reach which each send `trash` addresses.
pub fn new_buckets_reached(rules: Rules, groups: u16, trash: u32, rng: &mut impl Draw) -> usize {
    let mut manager = manager(rules, rng);
    for (group, n) in (0..groups).flat_map(|group| (0..trash).map(move |n| (group, n))) {
        let source = Address::new(Group(group), 1);
        let address = Address::new(Group(n as u16), group);
        manager.add(address, NOW, source, Duration::ZERO, NOW, rng);
    }
    manager.filled_buckets(Table::New)
}
