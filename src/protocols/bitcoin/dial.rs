//! Whom to connect to next (`ThreadOpenConnections` of Bitcoin Core): pure, so that a restart can be
//! played again from stored tables.

use super::address::{Address, Group, Stamp};
use super::addrman::AddrMan;
use crate::random::Draw;
use crate::time::Duration;

/// How long a node waits for an answer to its attempt to connect: `nConnectTimeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Draws per attempt before giving up for this time.
const MOST_DRAWS: u32 = 100;
/// An address tried less than ten minutes ago is passed over, for so many draws.
const FRESH_DRAWS: u32 = 30;
const JUST_TRIED_SECS: i64 = 600;

/// Pause between two attempts.
pub const DIAL_PAUSE: Duration = Duration::from_millis(500);
/// Pause after a round in which no address would do. Bitcoin Core pauses as always; ours saves
/// events and delays nobody who has somebody to try.
pub const IDLE_PAUSE: Duration = Duration::from_secs(5);

/// An address to try: not our own, not in the /16 group of an outbound connection, and rather not
/// one that was tried within ten minutes.
pub fn next_address<R: Draw>(
    known: &AddrMan,
    own: Address,
    taken: &[Group],
    now: Stamp,
    rng: &mut R,
) -> Option<Address> {
    for draw in 1..=MOST_DRAWS {
        let address = known.select(taken.len() as u32, now, rng)?;
        if address == own || taken.contains(&address.group()) {
            continue;
        }
        let just_tried = known
            .known(address)
            .is_some_and(|known| now.secs_since(known.tried_at) < JUST_TRIED_SECS);
        if just_tried && draw < FRESH_DRAWS {
            continue;
        }
        return Some(address);
    }
    None
}

/// Who answers at an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Somebody who follows the protocol.
    Honest,
    /// The attacker.
    Attacker,
    /// Nobody.
    Silence,
}

/// What a restart begins with.
#[derive(Clone, Copy, Debug)]
pub struct Restart<'a> {
    /// Whose it is.
    pub own: Address,
    /// How many connections the node opens, those for blocks alone included.
    pub slots: u32,
    /// Whom it connects to first.
    pub anchors: &'a [Address],
    /// How many of these connections are beyond `slots`.
    pub beyond: u32,
    /// When it is back.
    pub start: Stamp,
    /// After how many attempts it is given up.
    pub attempts: u32,
}

/// Plays the outbound side of a restart from stored tables until all connections stand: how many there
/// are, and how many of them are the attacker's.
pub fn replay_restart<R: Draw>(
    mut known: AddrMan,
    restart: &Restart<'_>,
    answer: impl Fn(Address) -> Answer,
    rng: &mut R,
) -> (u32, u32) {
    known.restart();
    let mut taken: Vec<Group> = Vec::new();
    let mut attackers = 0;
    let mut waited = Duration::ZERO;
    let mut anchors = restart.anchors.iter().copied();
    let mut wanted = restart.slots;
    for _ in 0..restart.attempts {
        let elapsed = (waited.as_nanos() / 1_000_000_000) as i32;
        let now = Stamp::from_secs(restart.start.as_secs().saturating_add(elapsed));
        let anchor = anchors.next();
        if anchor.is_none() && taken.len() as u32 >= wanted {
            break;
        }
        let own = restart.own;
        let Some(address) = anchor.or_else(|| next_address(&known, own, &taken, now, rng)) else {
            waited += IDLE_PAUSE;
            continue;
        };
        known.attempt(address, now);
        match answer(address) {
            Answer::Silence => waited += CONNECT_TIMEOUT,
            who => {
                known.good(address, now, rng);
                taken.push(address.group());
                attackers += u32::from(who == Answer::Attacker);
                if anchor.is_some() && wanted < restart.slots + restart.beyond {
                    wanted += 1;
                }
            }
        }
        waited += DIAL_PAUSE;
    }
    (taken.len() as u32, attackers)
}

#[cfg(test)]
mod tests {
    use super::super::addrman::rules::Rules;
    use super::*;
    use crate::random::PeerRng;

    fn manager(addresses: &[Address], rng: &mut PeerRng) -> AddrMan {
        let mut known = AddrMan::new(Rules::from_0_10_1(), 7);
        for &address in addresses {
            known.add(
                address,
                Stamp::START,
                address,
                Duration::ZERO,
                Stamp::START,
                rng,
            );
        }
        known
    }

    fn restart(own: Address) -> Restart<'static> {
        Restart {
            own,
            slots: 8,
            anchors: &[],
            beyond: 0,
            start: Stamp::START,
            attempts: 1000,
        }
    }

    /// Anchors are there before anybody else, within the slots or beyond them.
    #[test]
    fn anchors_come_first() {
        let rng = &mut PeerRng::from_state(3);
        let spread: Vec<_> = (0..300)
            .map(|group| Address::new(Group(group), 1))
            .collect();
        let anchors = [Address::new(Group(900), 1), Address::new(Group(901), 1)];
        let answer = |address: Address| {
            if address.group().0 < 900 {
                Answer::Attacker
            } else {
                Answer::Honest
            }
        };
        for (beyond, expected) in [(0, (8, 6)), (2, (10, 8))] {
            let known = manager(&spread, rng);
            let restart = Restart {
                anchors: &anchors,
                beyond,
                ..restart(Address(1))
            };
            assert_eq!(replay_restart(known, &restart, answer, rng), expected);
        }
    }

    #[test]
    fn one_connection_per_group() {
        let rng = &mut PeerRng::from_state(1);
        let same_group: Vec<_> = (0..50).map(|host| Address::new(Group(9), host)).collect();
        let known = manager(&same_group, rng);
        let answer = |_| Answer::Honest;
        let own = Address(1);
        let restart = Restart {
            attempts: 100,
            ..restart(own)
        };
        assert_eq!(replay_restart(known, &restart, answer, rng), (1, 0));
    }

    #[test]
    fn silence_is_passed_over_and_the_attacker_is_counted() {
        let rng = &mut PeerRng::from_state(2);
        let spread: Vec<_> = (0..300)
            .map(|group| Address::new(Group(group), 1))
            .collect();
        let known = manager(&spread, rng);
        let answer = |address: Address| match address.group().0 % 3 {
            0 => Answer::Silence,
            1 => Answer::Attacker,
            _ => Answer::Honest,
        };
        let (all, attackers) = replay_restart(known, &restart(Address(1)), answer, rng);
        assert_eq!(all, 8);
        assert!((1..8).contains(&attackers), "{attackers}");
    }
}
