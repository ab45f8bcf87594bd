//! [`ShortList`]: the candidates of one lookup, closest first (section 2.3 of the paper).

use crate::protocols::dht::Contact;

/// What is known of a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum State {
    /// Somebody has named it.
    Named,
    /// It has been asked.
    Asked,
    /// It has answered.
    Answered,
    /// It has not answered in time.
    Failed,
    /// It is left to another path.
    Left,
}

impl State {
    /// Whether it counts among the closest.
    #[inline]
    fn is_alive(self) -> bool {
        !matches!(self, Self::Failed | Self::Left)
    }
}

/// One candidate: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its distance from the target.
    pub distance: u64,
    /// Who it is.
    pub contact: Contact,
    /// How many hops away it is: 1 if it stood in the own table, else one more than who named it
    /// first.
    pub depth: u8,
    /// What is known of it.
    pub state: State,
}

/// The closest candidates so far, each distance once.
#[derive(Clone, Debug)]
pub struct ShortList {
    entries: Vec<Candidate>,
    capacity: usize,
}

impl ShortList {
    /// An empty list of at most so many candidates.
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            capacity,
        }
    }

    /// All candidates, closest first.
    pub fn all(&self) -> &[Candidate] {
        &self.entries
    }

    /// Adds a candidate that somebody has named; whether it is new and among the closest.
    #[inline]
    pub fn add(&mut self, distance: u64, contact: Contact, depth: u8) -> bool {
        if self.entries.len() >= self.capacity
            && self
                .entries
                .last()
                .is_none_or(|last| last.distance <= distance)
        {
            return false;
        }
        let at = self
            .entries
            .partition_point(|entry| entry.distance < distance);
        if self
            .entries
            .get(at)
            .is_some_and(|entry| entry.distance == distance)
        {
            return false;
        }
        if self.entries.len() >= self.capacity {
            self.entries.pop();
        }
        let state = State::Named;
        let candidate = Candidate {
            distance,
            contact,
            depth,
            state,
        };
        self.entries.insert(at, candidate);
        true
    }

    /// The closest candidate that has not been asked, among the `count` closest that have not failed.
    #[inline]
    pub fn next(&self, count: usize) -> Option<usize> {
        let mut left = count;
        for (at, entry) in self.entries.iter().enumerate() {
            match entry.state {
                State::Failed | State::Left => {}
                _ if left == 0 => return None,
                State::Named => return Some(at),
                State::Asked | State::Answered => left -= 1,
            }
        }
        None
    }

    /// Whether the `count` closest that have not failed have all answered, or all there are if they
    /// are fewer.
    #[inline]
    pub fn is_done(&self, count: usize) -> bool {
        let alive = self.entries.iter().filter(|entry| entry.state.is_alive());
        alive
            .take(count)
            .all(|entry| entry.state == State::Answered)
    }

    /// Says what is known of the candidate at this place.
    pub fn set(&mut self, at: usize, state: State) {
        self.entries[at].state = state;
    }

    /// Says what is known of a candidate, if it is still on the list; returns its depth.
    #[inline]
    pub fn tell(&mut self, distance: u64, state: State) -> Option<u8> {
        let at = self
            .entries
            .partition_point(|entry| entry.distance < distance);
        let entry = self
            .entries
            .get_mut(at)
            .filter(|entry| entry.distance == distance)?;
        entry.state = state;
        Some(entry.depth)
    }

    /// Those that have answered, closest first.
    pub fn answered(&self) -> impl Iterator<Item = &Candidate> {
        self.entries
            .iter()
            .filter(|entry| entry.state == State::Answered)
    }

    /// Those that have not failed, closest first.
    pub fn alive(&self) -> impl Iterator<Item = &Candidate> {
        self.entries.iter().filter(|entry| entry.state.is_alive())
    }

    /// The candidate at this distance.
    pub fn get(&self, distance: u64) -> Option<&Candidate> {
        let at = self
            .entries
            .binary_search_by_key(&distance, |entry| entry.distance);
        Some(&self.entries[at.ok()?])
    }

    /// The distance of the closest that has not failed; the farthest there is if there is nobody.
    pub fn best(&self) -> u64 {
        let closest = self.alive().next();
        closest.map_or(u64::MAX, |entry| entry.distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;
    use proptest::prelude::*;

    fn peer(number: u32) -> Contact {
        Contact::new(PeerId(number), 0)
    }

    #[test]
    fn a_candidate_is_sixteen_bytes() {
        assert_eq!(size_of::<Candidate>(), 16);
    }

    #[test]
    fn asks_the_closest_that_are_left_and_ends_when_they_have_answered() {
        let mut list = ShortList::new(8);
        for distance in [40, 10, 30, 20, 10] {
            list.add(distance, peer(distance as u32), 1);
        }
        assert_eq!(list.all().len(), 4);
        assert_eq!(list.next(2), Some(0));
        list.set(0, State::Asked);
        assert_eq!(list.next(2), Some(1));
        list.set(1, State::Asked);
        assert_eq!(list.next(2), None, "two of the closest have been asked");
        assert_eq!(list.tell(10, State::Failed), Some(1));
        assert_eq!(list.next(2), Some(2), "one has failed: the next one counts");
        assert!(!list.is_done(1));
        list.tell(20, State::Answered);
        assert!(list.is_done(1) && !list.is_done(2));
        list.tell(30, State::Answered);
        assert!(list.is_done(2));
        assert_eq!(list.answered().count(), 2);
        assert_eq!(list.best(), 20);
    }

    /// Against a list that keeps everything and sorts it each time.
    #[test]
    fn keeps_the_closest_of_all_it_was_told() {
        let named = prop::collection::vec((0u64..64, 1u8..5, 0u8..5), 0..120);
        proptest!(|(named in named, capacity in 1usize..20)| {
            let mut fast = ShortList::new(capacity);
            let mut slow: Vec<(u64, u8)> = Vec::new();
            for (distance, depth, _) in named {
                fast.add(distance, peer(distance as u32), depth);
                if slow.iter().all(|&(other, _)| other != distance) {
                    slow.push((distance, depth));
                }
                slow.sort_unstable();
                // What has fallen off the end may come back, named by somebody else.
                slow.truncate(capacity);
                let kept: Vec<_> = fast.all().iter().map(|c| (c.distance, c.depth)).collect();
                prop_assert_eq!(&kept, &slow);
            }
        });
    }

    #[test]
    fn next_and_done_are_what_a_slow_reading_says() {
        let states = prop::collection::vec(0u8..5, 0..24);
        proptest!(|(states in states, count in 1usize..24)| {
            let mut list = ShortList::new(24);
            let all = [State::Named, State::Asked, State::Answered, State::Failed, State::Left];
            let of = |n| all[usize::from(n)];
            for (at, &state) in states.iter().enumerate() {
                list.add(at as u64, peer(at as u32), 1);
                list.tell(at as u64, of(state));
            }
            let alive: Vec<usize> = (0..states.len())
                .filter(|&at| of(states[at]).is_alive())
                .take(count)
                .collect();
            let next = alive.iter().copied().find(|&at| of(states[at]) == State::Named);
            prop_assert_eq!(list.next(count), next);
            let done = alive.iter().all(|&at| of(states[at]) == State::Answered);
            prop_assert_eq!(list.is_done(count), done);
        });
    }
}
