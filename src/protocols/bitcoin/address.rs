//! Addresses, time stamps of addresses, and the plan of who has which address.

use crate::peer::PeerId;
use crate::random::hash::mix3;
use crate::time::{Duration, Instant};
use std::fmt;

/// An IPv4-like address; the port is the same everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address(pub u32);

/// A /16 group of addresses: what the address manager spreads over its buckets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Group(pub u16);

impl Address {
    /// The `host`-th address of `group`.
    pub const fn new(group: Group, host: u16) -> Self {
        Self(((group.0 as u32) << 16) | host as u32)
    }

    /// The /16 it is in.
    #[inline]
    pub const fn group(self) -> Group {
        Group((self.0 >> 16) as u16)
    }

    /// The `n`-th address of 252.0.0.0/8, which is not assigned to anybody: what the attacker of
    /// Heilman et al. (section 4.2) sends to fill `new` with trash. Counts modulo 2^24.
    pub const fn trash(n: u32) -> Self {
        Self(0xFC00_0000 | (n & 0x00FF_FFFF))
    }

    /// Whether it is one of [`Address::trash`].
    pub const fn is_trash(self) -> bool {
        self.0 >> 24 == 0xFC
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0.to_be_bytes();
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

/// A time stamp as addresses carry it: whole seconds since the start of the run, negative before it
/// (the tables a peer is born with are older than the run). Saturates 68 years from the start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp(i32);

impl Stamp {
    /// "It never happened": earlier than every other stamp.
    pub const NEVER: Self = Self(i32::MIN);
    /// The start of the run.
    pub const START: Self = Self(0);

    /// This many seconds after the start of the run, before it if negative.
    pub const fn from_secs(secs: i32) -> Self {
        Self(if secs == i32::MIN { secs + 1 } else { secs })
    }

    /// Seconds since the start of the run; [`i32::MIN`] for [`Stamp::NEVER`].
    pub const fn as_secs(self) -> i32 {
        self.0
    }

    /// Seconds from `earlier` to this stamp, negative if `earlier` is later. From
    /// [`Stamp::NEVER`] it is more than 68 years.
    #[inline]
    pub const fn secs_since(self, earlier: Self) -> i64 {
        self.0 as i64 - earlier.0 as i64
    }

    /// `span` earlier, in whole seconds; never as early as [`Stamp::NEVER`].
    #[inline]
    pub fn before(self, span: Duration) -> Self {
        let secs = i64::try_from(span.as_nanos() / 1_000_000_000).unwrap_or(i64::MAX);
        Self((i64::from(self.0) - secs).max(i64::from(i32::MIN) + 1) as i32)
    }

    /// `span` later, in whole seconds.
    #[inline]
    pub fn after(self, span: Duration) -> Self {
        let secs = i64::try_from(span.as_nanos() / 1_000_000_000).unwrap_or(i64::MAX);
        Self(
            i64::from(self.0)
                .saturating_add(secs)
                .min(i64::from(i32::MAX)) as i32,
        )
    }
}

impl From<Instant> for Stamp {
    #[inline]
    fn from(instant: Instant) -> Self {
        Self(i32::try_from(instant.as_nanos() / 1_000_000_000).unwrap_or(i32::MAX))
    }
}

/// The attacker's addresses: `groups` x `addresses_per_group` of them, dealt to `peers` peers in
/// turn (a single machine may answer for all).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct AttackPlan {
    /// In how many /16 groups (`s` of Heilman et al.).
    pub groups: u32,
    /// How many addresses in each (`t` of Heilman et al.).
    pub addresses_per_group: u32,
    /// How many peers own them; these have the numbers after the honest ones.
    pub peers: u32,
}

/// Why an address plan is impossible.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressPlanError {
    /// More honest peers than a run can hold.
    #[error("{0} honest peers are more than a run can hold")]
    TooManyPeers(u32),
    /// More groups than the plan keeps for attackers.
    #[error("{0} attacking groups are more than the {limit} kept for attackers", limit = AddressBook::ATTACK_GROUPS)]
    TooManyGroups(u32),
    /// More addresses than a /16 has.
    #[error("{0} addresses in a group are more than the 65536 of a /16")]
    TooManyInGroup(u32),
    /// Addresses that nobody owns.
    #[error("the attacker has addresses but no peer that owns them")]
    NoAttacker,
}

/// Who has which address.
///
/// Honest peer `i` of `n` has the `i`-th address of a random order of 0.0.0.0/1 (32 768 groups): a keyed
/// permutation, so that both directions are a few nanoseconds and no memory. If addresses change, the
/// `l`-th after it is the `(l n + i)`-th. Addresses further on in the same order are *dead*: spread like
/// the honest ones, and nobody answers. Attackers have
/// whole groups from 128.0.0.0 on; nobody answers at any other address, trash included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressBook {
    key: u64,
    honest: u32,
    /// How many addresses each honest peer has, one after the other.
    leases: u32,
    attack: AttackPlan,
}

/// Addresses of an honest peer, one after the other, where they change: what the number of one has room
/// for.
const LEASES: u32 = 1 << 8;

impl AddressBook {
    /// The number of /16 groups kept for attackers.
    pub const ATTACK_GROUPS: u32 = 0x7C00;
    /// The number of honest peers that can have changing addresses.
    pub const MOST_THAT_MOVE: u32 = (1 << 30) / LEASES;
    const FIRST_ATTACK_GROUP: u32 = 0x8000;

    /// A plan for peers `0..honest` and the attackers after them. The key comes from
    /// [`crate::random::Streams::key`] for [`crate::random::Purpose::Places`].
    pub fn new(key: u64, honest: u32, attack: AttackPlan) -> Result<Self, AddressPlanError> {
        if honest > PeerId::LIMIT {
            return Err(AddressPlanError::TooManyPeers(honest));
        }
        if attack.groups > Self::ATTACK_GROUPS {
            return Err(AddressPlanError::TooManyGroups(attack.groups));
        }
        if attack.addresses_per_group > 1 << 16 {
            return Err(AddressPlanError::TooManyInGroup(attack.addresses_per_group));
        }
        if attack.peers == 0 && attack.groups * attack.addresses_per_group > 0 {
            return Err(AddressPlanError::NoAttacker);
        }
        Ok(Self {
            key,
            honest,
            leases: 1,
            attack,
        })
    }

    /// The same plan where honest peers have 256 addresses, one after the other.
    ///
    /// # Errors
    /// If there are not so many.
    pub fn changing(self) -> Result<Self, AddressPlanError> {
        if self.honest > Self::MOST_THAT_MOVE {
            return Err(AddressPlanError::TooManyPeers(self.honest));
        }
        Ok(Self {
            leases: LEASES,
            ..self
        })
    }

    /// How many honest peers there are: their numbers are `0..honest`.
    pub const fn honest(&self) -> u32 {
        self.honest
    }

    /// How many addresses the attacker has.
    pub const fn attack_addresses(&self) -> u32 {
        self.attack.groups * self.attack.addresses_per_group
    }

    /// The address an honest peer starts with.
    ///
    /// # Panics
    /// If the peer is not an honest one.
    pub fn honest_address(&self, peer: PeerId) -> Address {
        self.leased_address(peer, 0)
    }

    /// The honest peer's address of this number.
    ///
    /// # Panics
    /// If the peer is not an honest one, or has no address of this number.
    pub fn leased_address(&self, peer: PeerId, lease: u8) -> Address {
        assert!(peer.0 < self.honest, "{peer} is not an honest peer");
        assert!(
            u32::from(lease) < self.leases,
            "{peer} has no other address"
        );
        self.nth(u32::from(lease) * self.honest + peer.0)
    }

    /// The `n`-th address spread like the honest ones at which nobody answers. Counts modulo what
    /// there are.
    pub fn dead_address(&self, n: u32) -> Address {
        let taken = self.honest * self.leases;
        self.nth(taken + n % ((1 << 31) - taken))
    }

    /// The attacker's `n`-th address: its groups take turns, so that any first part is spread.
    ///
    /// # Panics
    /// If the attacker has fewer.
    pub fn attack_address(&self, n: u32) -> Address {
        assert!(
            n < self.attack_addresses(),
            "the attacker has no {n}th address"
        );
        let group = Self::FIRST_ATTACK_GROUP + n % self.attack.groups;
        Address((group << 16) | (n / self.attack.groups))
    }

    /// The attacking peer that owns the `n`-th address.
    ///
    /// # Panics
    /// If the attacker has fewer.
    pub fn attack_owner(&self, n: u32) -> PeerId {
        assert!(
            n < self.attack_addresses(),
            "the attacker has no {n}th address"
        );
        PeerId(self.honest + n % self.attack.peers)
    }

    /// Whether the address is one of the attacker's.
    pub const fn is_attack(&self, address: Address) -> bool {
        self.attack_index(address).is_some()
    }

    /// Who answers at this address, if it is the owner's at the time: a route, with the number of the
    /// address among the owner's.
    pub fn route(&self, address: Address) -> Option<(PeerId, u8)> {
        if address.0 >> 31 == 0 {
            let n = self.index(address);
            let own = n < self.honest * self.leases;
            own.then(|| (PeerId(n % self.honest), (n / self.honest) as u8))
        } else {
            let owner = |n| (self.attack_owner(n), 0);
            self.attack_index(address).map(owner)
        }
    }

    /// Who answers at this address, if it is the owner's at the time.
    pub fn owner(&self, address: Address) -> Option<PeerId> {
        self.route(address).map(|(owner, _)| owner)
    }

    const fn attack_index(&self, address: Address) -> Option<u32> {
        let group = (address.0 >> 16).wrapping_sub(Self::FIRST_ATTACK_GROUP);
        let host = address.0 & 0xFFFF;
        if group < self.attack.groups && host < self.attack.addresses_per_group {
            Some(host * self.attack.groups + group)
        } else {
            None
        }
    }

    /// A permutation of 31 bits: an unbalanced Feistel network (15 and 16 bits) of six rounds.
    fn nth(&self, n: u32) -> Address {
        let (mut high, mut low) = (n >> 16, n & 0xFFFF);
        for round in 0..3 {
            high = high.wrapping_add(self.round(2 * round, low)) & 0x7FFF;
            low = low.wrapping_add(self.round(2 * round + 1, high)) & 0xFFFF;
        }
        Address((high << 16) | low)
    }

    fn index(&self, address: Address) -> u32 {
        let (mut high, mut low) = (address.0 >> 16, address.0 & 0xFFFF);
        for round in (0..3).rev() {
            low = low.wrapping_sub(self.round(2 * round + 1, high)) & 0xFFFF;
            high = high.wrapping_sub(self.round(2 * round, low)) & 0x7FFF;
        }
        (high << 16) | low
    }

    fn round(&self, round: u64, half: u32) -> u32 {
        mix3(self.key, round, half.into()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACK: AttackPlan = AttackPlan {
        groups: 20,
        addresses_per_group: 256,
        peers: 3,
    };

    #[test]
    fn both_directions_agree() {
        let book = AddressBook::new(7, 5000, ATTACK).unwrap();
        for n in 0..5000 {
            assert_eq!(book.owner(book.honest_address(PeerId(n))), Some(PeerId(n)));
            assert_eq!(book.owner(book.dead_address(n)), None);
        }
        for n in 0..book.attack_addresses() {
            let address = book.attack_address(n);
            assert!(book.is_attack(address) && !address.is_trash());
            assert_eq!(book.owner(address), Some(book.attack_owner(n)));
        }
        assert_eq!(book.owner(Address::trash(5)), None);
        assert!(!book.is_attack(Address::trash(5)));
    }

    #[test]
    fn addresses_that_change_are_all_different() {
        let book = AddressBook::new(7, 300, ATTACK)
            .unwrap()
            .changing()
            .unwrap();
        let mut all = Vec::new();
        for (n, lease) in (0..300).flat_map(|n| (0..=255).map(move |lease| (n, lease))) {
            let address = book.leased_address(PeerId(n), lease);
            assert_eq!(book.route(address), Some((PeerId(n), lease)));
            all.push(address);
        }
        all.extend((0..5000).map(|n| book.dead_address(n)));
        assert!(
            all[300 * 256..]
                .iter()
                .all(|&dead| book.owner(dead).is_none())
        );
        let fixed = AddressBook::new(7, 300, ATTACK).unwrap();
        assert_eq!(
            book.honest_address(PeerId(9)),
            fixed.honest_address(PeerId(9))
        );
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 300 * 256 + 5000);
    }

    #[test]
    fn attackers_have_whole_groups() {
        let book = AddressBook::new(7, 10, ATTACK).unwrap();
        let mut groups: Vec<_> = (0..5120).map(|n| book.attack_address(n).group()).collect();
        groups.sort_unstable();
        assert!(groups.chunks(256).all(|chunk| chunk[0] == chunk[255]));
        groups.dedup();
        assert_eq!(groups.len(), 20);
    }

    /// 6 000 uniform draws from 32 768 groups hit 32768 (1 - (1 - 1/32768)^6000) = 5 482 of them.
    #[test]
    fn honest_peers_are_spread_over_groups() {
        let book = AddressBook::new(1, 6000, AttackPlan::default()).unwrap();
        let mut groups: Vec<_> = (0..6000)
            .map(|n| book.honest_address(PeerId(n)).group())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        assert!(groups.len().abs_diff(5482) < 100, "{}", groups.len());
    }

    #[test]
    fn impossible_plans_are_errors() {
        let plan = |groups, addresses_per_group, peers| AttackPlan {
            groups,
            addresses_per_group,
            peers,
        };
        let errors = [
            AddressBook::new(0, u32::MAX, plan(0, 0, 0)).unwrap_err(),
            AddressBook::new(0, 1, plan(40_000, 1, 1)).unwrap_err(),
            AddressBook::new(0, 1, plan(1, 70_000, 1)).unwrap_err(),
            AddressBook::new(0, 1, plan(1, 1, 0)).unwrap_err(),
            AddressBook::new(0, 1 << 23, plan(0, 0, 0))
                .and_then(AddressBook::changing)
                .unwrap_err(),
        ];
        assert!(errors.iter().all(|error| !error.to_string().is_empty()));
    }

    #[test]
    fn stamps_reach_before_the_run() {
        let day = Duration::from_hours(24);
        assert_eq!(Stamp::START.before(day).as_secs(), -86_400);
        assert_eq!(Stamp::from(Instant::from_nanos(2_999_999_999)).as_secs(), 2);
        assert!(Stamp::START.before(Duration::MAX) > Stamp::NEVER);
        assert_eq!(Address(0x7F00_0001).to_string(), "127.0.0.1");
    }
}
