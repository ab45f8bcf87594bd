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

/// Plays the outbound side of a restart from stored tables until `outbound` connections stand, or
/// `attempts` were made: how many connections there are, and how many of them are the attacker's.
pub fn replay_restart<R: Draw>(
    mut known: AddrMan,
    own: Address,
    outbound: u32,
    start: Stamp,
    attempts: u32,
    answer: impl Fn(Address) -> Answer,
    rng: &mut R,
) -> (u32, u32) {
    let mut taken: Vec<Group> = Vec::new();
    let mut attackers = 0;
    let mut waited = Duration::ZERO;
    for _ in 0..attempts {
        if taken.len() as u32 >= outbound {
            break;
        }
        let elapsed = (waited.as_nanos() / 1_000_000_000) as i32;
        let now = Stamp::from_secs(start.as_secs().saturating_add(elapsed));
        let Some(address) = next_address(&known, own, &taken, now, rng) else {
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

    #[test]
    fn one_connection_per_group() {
        let rng = &mut PeerRng::from_state(1);
        let same_group: Vec<_> = (0..50).map(|host| Address::new(Group(9), host)).collect();
        let known = manager(&same_group, rng);
        let answer = |_| Answer::Honest;
        let own = Address(1);
        let now = Stamp::START;
        assert_eq!(replay_restart(known, own, 8, now, 100, answer, rng), (1, 0));
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
        let (all, attackers) =
            replay_restart(known, Address(1), 8, Stamp::START, 1000, answer, rng);
        assert_eq!(all, 8);
        assert!((1..8).contains(&attackers), "{attackers}");
    }
}
