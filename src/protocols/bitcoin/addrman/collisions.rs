//! Test before evict: who would have to leave `tried` is tried first (`m_tried_collisions`).

use super::AddrMan;
use super::entry::{Entry, Id};
use super::rules::{Placement, Rules};
use crate::protocols::bitcoin::address::{Address, Stamp};
use crate::random::Draw;
use crate::time::Duration;

/// A newcomer to `tried` that waits, and whose place it would take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Collision {
    newcomer: Address,
    occupant: Address,
}

impl AddrMan {
    /// Who has to leave `tried` for this entry; nobody if there is room.
    pub(super) fn in_the_way(&self, id: Id, rng: &mut impl Draw) -> Option<usize> {
        let key = self.tried_key(self.entry(id).address);
        match self.rules.tried_placement {
            Placement::Hashed => self.tried.at(key),
            Placement::Searched => {
                let bucket = self.tried.bucket(key);
                (bucket.len() == usize::from(Rules::BUCKET_SIZE))
                    .then(|| self.oldest_of_four(bucket, rng))
            }
        }
    }

    /// Whether the entry has to wait until somebody has been tried; it is put down for that, unless
    /// too many wait.
    pub(super) fn has_to_wait(&mut self, id: Id, rng: &mut impl Draw) -> bool {
        if !self.rules.test_before_evict {
            return false;
        }
        let newcomer = self.entry(id).address;
        let Some(at) = self.in_the_way(id, rng) else {
            return false;
        };
        let waits = self.collisions.iter().any(|one| one.newcomer == newcomer);
        if !waits && self.collisions.len() < Rules::COLLISIONS {
            let occupant = self.entry(self.tried.id(at)).address;
            self.collisions.push(Collision { newcomer, occupant });
        }
        true
    }

    /// One of those in whose place others wait, to be tried. (`CAddrMan::SelectTriedCollision`.)
    pub fn to_test(&self, rng: &mut impl Draw) -> Option<Address> {
        let count = self.collisions.len();
        (count > 0).then(|| self.collisions[rng.index(count)].occupant)
    }

    /// Lets those in who have waited for somebody who did not answer, and those go who have waited
    /// for somebody who did. (`CAddrMan::ResolveCollisions_`.)
    pub fn resolve_tests(&mut self, now: impl Into<Stamp>, rng: &mut impl Draw) {
        let now = now.into();
        let within = |stamp: Stamp, span: Duration| {
            stamp != Stamp::NEVER
                && now.secs_since(stamp) < (span.as_nanos() / 1_000_000_000).cast_signed()
        };
        for collision in std::mem::take(&mut self.collisions) {
            let Some(newcomer) = self.find(collision.newcomer) else {
                continue;
            };
            let new = *self.entry(newcomer);
            if new.in_tried() {
                continue;
            }
            let old = self.find(collision.occupant).map(|id| *self.entry(id));
            let enters = match old.filter(Entry::in_tried) {
                None => true,
                Some(old) if within(old.success_at, Rules::REPLACEMENT) => continue,
                // A minute to answer.
                Some(old) if within(old.tried_at, Rules::REPLACEMENT) => {
                    !within(old.tried_at, Duration::from_secs(60))
                }
                Some(_) => !within(new.success_at, Rules::TEST_WINDOW),
            };
            if enters {
                let origin = self.leave_new(newcomer, rng);
                self.enter_tried(newcomer, origin, rng);
            } else {
                self.collisions.push(collision);
            }
        }
    }
}
