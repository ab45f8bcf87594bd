//! [`Lookup`]: an iterative lookup of one peer, over one path or several that share no peer.
//!
//! Section 2.3 of the paper: the initiator asks alpha of the closest it knows, again and again, and
//! ends when the k closest it has seen have answered. If alpha answers in a row name nobody closer, all
//! of the k closest that are left are asked at once; in libp2p that is so when beta have answered.
//! S/Kademlia (section 4.4) deals the first candidates to d paths, each of which goes on for itself;
//! nobody is asked on two.

use super::short_list::{ShortList, State};
use crate::protocols::dht::{Command, Contact, Id};

/// What a lookup is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// A command from above: find, put or get.
    Command(Command),
    /// To become known, and to know who is near.
    Join,
    /// To fill a bucket that nothing was looked up in.
    Refresh,
    /// To store a value again, which has so many seconds left.
    Republish {
        /// Bytes of the value.
        size: u16,
        /// Seconds until it expires.
        left: u32,
    },
}

/// How wide a lookup goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Width {
    /// Candidates that count, the paper's k.
    pub k: usize,
    /// Requests under way on a path, the paper's alpha.
    pub alpha: usize,
    /// How many of the closest have to answer.
    pub beta: usize,
    /// Whether all that are left of the k closest are asked at once in the end.
    pub final_round: bool,
}

/// One lookup under way.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// A running number of its peer.
    pub number: u32,
    /// What is looked for.
    pub target: Id,
    /// What for.
    pub goal: Goal,
    /// Requests sent and answers received.
    pub messages: u16,
    /// Requests that nobody answered in time.
    pub timeouts: u16,
    /// Copies of a value on their way to those found, and copies stored, once the search is over.
    pub storing: Option<Storing>,
    paths: Vec<Path>,
    /// The distances of all that were asked, if there are several paths: lists forget who is far.
    asked: Vec<u64>,
}

/// The last part of a put.
#[derive(Clone, Debug)]
pub struct Storing {
    /// Requests under way.
    pub open: usize,
    /// Whether anybody has stored it.
    pub stored: bool,
    /// What the search came to.
    pub found: Found,
}

/// What a search came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The closest, nearest first.
    pub closest: Vec<Contact>,
    /// How many hops the closest is away.
    pub hops: u16,
    /// Whether anybody has answered.
    pub answered: bool,
}

#[derive(Clone, Debug)]
struct Path {
    list: ShortList,
    /// Requests under way.
    open: usize,
    /// Answers in a row that named nobody closer.
    idle: usize,
}

/// Places on a list for each candidate that counts: room for those that fail.
const SPARE: usize = 2;

impl Lookup {
    /// A lookup that starts from these contacts, each with its distance from the target, closest
    /// first.
    pub fn new(
        (number, target, goal): (u32, Id, Goal),
        paths: usize,
        width: &Width,
        first: &[(u64, Contact)],
    ) -> Self {
        let path = |_| Path {
            list: ShortList::new(SPARE * width.k),
            open: 0,
            idle: 0,
        };
        let mut paths: Vec<Path> = (0..paths).map(path).collect();
        let count = paths.len();
        for (at, &(distance, contact)) in first.iter().enumerate() {
            paths[at % count].list.add(distance, contact, 1);
        }
        Self {
            number,
            target,
            goal,
            messages: 0,
            timeouts: 0,
            storing: None,
            paths,
            asked: Vec::new(),
        }
    }

    /// Reads what the next answer will need.
    #[inline]
    pub fn touch(&self) -> u32 {
        let first = self.paths.first().and_then(|path| path.list.all().first());
        first.map_or(0, |first| u32::from(first.depth))
    }

    /// Whom to ask next, and on which path; it counts as asked. Nothing if as many requests as may be
    /// are under way everywhere.
    pub fn next(&mut self, width: &Width) -> Option<(u8, Contact)> {
        for path in 0..self.paths.len() {
            while let Some((at, distance, contact)) = self.paths[path].next(width) {
                let several = self.paths.len() > 1;
                let list = &mut self.paths[path].list;
                if several && self.asked.contains(&distance) {
                    list.set(at, State::Left);
                    continue;
                }
                list.set(at, State::Asked);
                if several {
                    self.asked.push(distance);
                }
                self.paths[path].open += 1;
                self.messages = self.messages.saturating_add(1);
                return Some((path as u8, contact));
            }
        }
        None
    }

    /// A peer at this distance has answered on this path, and named these others with their distances.
    #[inline]
    pub fn answered(
        &mut self,
        path: u8,
        distance: u64,
        named: impl Iterator<Item = (u64, Contact)>,
    ) {
        self.messages = self.messages.saturating_add(1);
        let path = &mut self.paths[usize::from(path)];
        path.open -= 1;
        let before = path.list.best();
        let depth = path.list.tell(distance, State::Answered).unwrap_or(0);
        for (distance, contact) in named {
            path.list.add(distance, contact, depth.saturating_add(1));
        }
        let closer = path.list.best() < before;
        path.idle = if closer { 0 } else { path.idle + 1 };
    }

    /// A peer at this distance has not answered on this path.
    pub fn failed(&mut self, path: u8, distance: u64) {
        self.timeouts = self.timeouts.saturating_add(1);
        let path = &mut self.paths[usize::from(path)];
        path.open -= 1;
        path.list.tell(distance, State::Failed);
    }

    /// The peer of a candidate that was asked has another identifier now, at this other distance.
    pub fn replaced(&mut self, path: u8, old: u64, (distance, new): (u64, Contact)) {
        let list = &mut self.paths[usize::from(path)].list;
        let depth = list.tell(old, State::Failed).unwrap_or(0);
        list.add(distance, new, depth);
        list.tell(distance, State::Asked);
        if self.paths.len() > 1 {
            self.asked.push(distance);
        }
    }

    /// Whether the search is over on all paths.
    pub fn is_done(&self, width: &Width) -> bool {
        self.paths.iter().all(|path| path.is_done(width))
    }

    /// What it has come to, with `me` among the closest if it is one of them.
    pub fn found(&self, k: usize, (distance, me): (u64, Contact)) -> Found {
        let mut closest = vec![(distance, me, 0)];
        let mut answered = false;
        for path in &self.paths {
            answered |= path.list.answered().next().is_some();
            let alive = path.list.alive().take(k);
            closest.extend(alive.map(|found| (found.distance, found.contact, found.depth)));
        }
        closest.sort_unstable();
        closest.dedup_by_key(|&mut (distance, ..)| distance);
        closest.truncate(k);
        Found {
            hops: closest.first().map_or(0, |&(.., depth)| u16::from(depth)),
            closest: closest.into_iter().map(|(_, contact, _)| contact).collect(),
            answered,
        }
    }

    /// The depth of the peer at this distance: how many hops a value has come.
    pub fn depth(&self, path: u8, distance: u64) -> u16 {
        let candidate = self.paths[usize::from(path)].list.get(distance);
        candidate.map_or(0, |candidate| u16::from(candidate.depth))
    }
}

impl Path {
    /// Whether all that are left of the k closest may be asked at once: the last answers have named
    /// nobody closer; or, where fewer than k have to answer, they have.
    fn is_last_round(&self, width: &Width) -> bool {
        width.final_round
            && if width.beta < width.k {
                self.list.is_done(width.beta)
            } else {
                self.idle >= width.alpha
            }
    }

    fn is_done(&self, width: &Width) -> bool {
        let enough = self.list.is_done(width.beta);
        let follow_up = width.final_round && width.beta < width.k;
        enough && !follow_up || self.open == 0 && self.list.next(width.k).is_none()
    }

    fn next(&self, width: &Width) -> Option<(usize, u64, Contact)> {
        let last = self.is_last_round(width);
        let most = if last { width.k } else { width.alpha };
        if self.open >= most || (!last && self.list.is_done(width.beta)) {
            return None;
        }
        let at = self.list.next(width.k)?;
        let candidate = self.list.all()[at];
        Some((at, candidate.distance, candidate.contact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const WIDTH: Width = Width {
        k: 4,
        alpha: 2,
        beta: 4,
        final_round: false,
    };

    fn peer(distance: u64) -> (u64, Contact) {
        (distance, Contact::new(PeerId(distance as u32), 0))
    }
    fn lookup(paths: usize, first: &[u64]) -> Lookup {
        let first: Vec<_> = first.iter().map(|&distance| peer(distance)).collect();
        Lookup::new((1, Id(0), Goal::Refresh), paths, &WIDTH, &first)
    }
    fn distance(contact: Contact) -> u64 {
        u64::from(contact.peer().0)
    }

    #[test]
    fn alpha_are_asked_at_a_time_and_the_closest_first() {
        let mut lookup = lookup(1, &[30, 10, 20]);
        let mut asked = || lookup.next(&WIDTH).map(|(_, to)| distance(to));
        assert_eq!([asked(), asked(), asked()], [Some(10), Some(20), None]);
        lookup.answered(0, 10, [peer(5), peer(40)].into_iter());
        assert_eq!(lookup.next(&WIDTH), Some((0, peer(5).1)));
        assert_eq!(lookup.next(&WIDTH), None);
        lookup.failed(0, 20);
        assert_eq!((lookup.messages, lookup.timeouts), (4, 1));
        let found = lookup.found(2, peer(7));
        assert_eq!(found.closest, [peer(5).1, peer(7).1], "among them oneself");
        assert_eq!((found.hops, found.answered), (2, true));
    }

    #[test]
    fn when_nobody_closer_is_named_all_that_are_left_are_asked() {
        for (last, more) in [(false, 1), (true, 3)] {
            let width = Width {
                k: 6,
                beta: 6,
                final_round: last,
                ..WIDTH
            };
            let mut lookup = lookup(1, &[1, 2, 3, 4, 5, 6]);
            let first: Vec<_> = std::iter::from_fn(|| lookup.next(&width)).collect();
            assert_eq!(first.len(), 2);
            lookup.answered(0, 1, std::iter::empty());
            assert_eq!(lookup.next(&width), Some((0, peer(3).1)));
            lookup.answered(0, 2, std::iter::empty());
            let rest = std::iter::from_fn(|| lookup.next(&width)).count();
            assert_eq!(rest, more);
            assert!(!lookup.is_done(&width));
        }
    }

    /// The resiliency of libp2p: the rest of the k closest are asked when beta have answered, and who
    /// fails gives way to the next.
    #[test]
    fn when_beta_have_answered_the_rest_is_asked_at_once() {
        for (last, more) in [(false, 0), (true, 2)] {
            let width = Width {
                beta: 1,
                final_round: last,
                ..WIDTH
            };
            let mut lookup = lookup(1, &[1, 2, 3, 4, 5]);
            assert_eq!(std::iter::from_fn(|| lookup.next(&width)).count(), 2);
            lookup.answered(0, 1, std::iter::empty());
            assert_eq!(lookup.is_done(&width), !last);
            let rest = std::iter::from_fn(|| lookup.next(&width)).count();
            assert_eq!(rest, more);
            if last {
                lookup.failed(0, 2);
                assert_eq!(lookup.next(&width), Some((0, peer(5).1)));
                for distance in 3..6 {
                    lookup.answered(0, distance, std::iter::empty());
                }
                assert!(lookup.is_done(&width));
            }
        }
    }

    #[test]
    fn who_has_come_back_as_another_is_a_candidate_at_its_new_place() {
        let mut lookup = lookup(1, &[10]);
        lookup.next(&WIDTH);
        lookup.replaced(0, 10, peer(33));
        lookup.answered(0, 33, [peer(12)].into_iter());
        assert_eq!(
            lookup.found(4, peer(99)).closest,
            [12, 33, 99].map(|d| peer(d).1)
        );
    }

    /// Candidates that are far leave a full list; who was asked stays so for all paths.
    #[test]
    fn who_has_left_the_list_of_one_path_is_not_asked_on_another() {
        let mut lookup = lookup(2, &[50, 60]);
        assert_eq!(lookup.next(&WIDTH), Some((0, peer(50).1)));
        assert_eq!(lookup.next(&WIDTH), Some((1, peer(60).1)));
        lookup.answered(0, 50, (1..=8).map(peer));
        lookup.answered(1, 60, [peer(50), peer(55)].into_iter());
        let asked: Vec<_> = std::iter::from_fn(|| lookup.next(&WIDTH)).collect();
        assert_eq!(asked, [(0, peer(1).1), (0, peer(2).1), (1, peer(55).1)]);
    }

    /// A network of peers that each know some others: on however many paths, nobody is asked twice, all
    /// requests come to an end, and one path has asked the closest it was ever told of.
    #[test]
    fn paths_share_nobody_and_come_to_an_end() {
        let known =
            prop::collection::btree_map(1u64..60, prop::collection::vec(1u64..60, 0..8), 1..40);
        let away = prop::collection::btree_set(1u64..60, 0..10);
        proptest!(|(known in known, away in away, paths in 1usize..4, start in prop::collection::btree_set(1u64..60, 1..6))| {
            let known: BTreeMap<u64, Vec<u64>> = known;
            let first: Vec<u64> = start.into_iter().collect();
            let mut lookup = lookup(paths, &first);
            let mut asked = BTreeSet::new();
            let mut open = Vec::new();
            loop {
                while let Some((path, to)) = lookup.next(&WIDTH) {
                    prop_assert!(asked.insert(distance(to)), "{to:?} is asked twice");
                    open.push((path, distance(to)));
                }
                prop_assert!(open.len() <= paths * WIDTH.alpha);
                if open.is_empty() {
                    break;
                }
                let (path, to) = open.remove(0);
                if away.contains(&to) {
                    lookup.failed(path, to);
                } else {
                    let others = known.get(&to).into_iter().flatten();
                    lookup.answered(path, to, others.map(|&other| peer(other)));
                }
            }
            prop_assert!(lookup.is_done(&WIDTH));
            let found = lookup.found(WIDTH.k, peer(1000)).closest;
            let mut heard: BTreeSet<u64> = first.iter().copied().collect();
            for to in asked.difference(&away) {
                heard.extend(known.get(to).into_iter().flatten());
            }
            let mut best: Vec<u64> = heard.difference(&away).copied().chain([1000]).collect();
            best.truncate(WIDTH.k);
            if paths == 1 {
                prop_assert_eq!(found, best.into_iter().map(|d| peer(d).1).collect::<Vec<_>>());
            }
        });
    }
}
