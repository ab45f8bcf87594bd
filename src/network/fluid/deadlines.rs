//! [`Deadlines`]: which of many pipes ends first, as their ends move.

/// Children of a place in the heap.
const CHILDREN: usize = 4;
/// The place of what is not in the heap.
const NOWHERE: u32 = u32::MAX;

/// A heap of numbers by their times, that knows where each number stands. The first of those of one
/// time is any of them.
#[derive(Clone, Default, Debug)]
pub(super) struct Deadlines {
    heap: Vec<(u64, u32)>,
    /// Of each number.
    places: Vec<u32>,
}

impl Deadlines {
    /// The earliest time, and whose it is.
    #[inline]
    pub(super) fn first(&self) -> Option<(u64, u32)> {
        self.heap.first().copied()
    }

    /// A number has this time from now on.
    #[inline]
    pub(super) fn set(&mut self, number: u32, time: u64) {
        if self.places.len() <= number as usize {
            self.places.resize(number as usize + 1, NOWHERE);
        }
        let place = self.places[number as usize];
        if place == NOWHERE {
            self.heap.push((time, number));
            self.rise(self.heap.len() - 1, (time, number));
            return;
        }
        let place = place as usize;
        let before = self.heap[place].0;
        if time < before {
            self.rise(place, (time, number));
        } else if time > before {
            self.sink(place, (time, number));
        }
    }

    /// A number has no time any more.
    pub(super) fn remove(&mut self, number: u32) {
        let Some(place) = self.places.get_mut(number as usize) else {
            return;
        };
        let place = std::mem::replace(place, NOWHERE) as usize;
        let Some(last) = (place < self.heap.len()).then(|| self.heap.pop()).flatten() else {
            return;
        };
        let Some(&(time, _)) = self.heap.get(place) else {
            return;
        };
        if last.0 < time {
            self.rise(place, last);
        } else {
            self.sink(place, last);
        }
    }

    #[inline]
    fn put(&mut self, place: usize, entry: (u64, u32)) {
        self.heap[place] = entry;
        self.places[entry.1 as usize] = place as u32;
    }

    fn rise(&mut self, mut place: usize, entry: (u64, u32)) {
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if self.heap[parent].0 <= entry.0 {
                break;
            }
            self.put(place, self.heap[parent]);
            place = parent;
        }
        self.put(place, entry);
    }

    fn sink(&mut self, mut place: usize, entry: (u64, u32)) {
        loop {
            let first = place * CHILDREN + 1;
            let children = first..(first + CHILDREN).min(self.heap.len());
            let Some(child) = children.min_by_key(|&child| self.heap[child].0) else {
                break;
            };
            if entry.0 <= self.heap[child].0 {
                break;
            }
            self.put(place, self.heap[child]);
            place = child;
        }
        self.put(place, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn the_first_is_the_smallest_of_a_map(
            steps in prop::collection::vec((0u32..20, prop::option::of(0u64..100)), 1..200),
        ) {
            let mut deadlines = Deadlines::default();
            let mut map = BTreeMap::new();
            for (number, time) in steps {
                if let Some(time) = time {
                    deadlines.set(number, time);
                    map.insert(number, time);
                } else {
                    deadlines.remove(number);
                    map.remove(&number);
                }
                let first = deadlines.first();
                prop_assert_eq!(first.map(|(time, _)| time), map.values().min().copied());
                if let Some((time, number)) = first {
                    prop_assert_eq!(map.get(&number), Some(&time));
                }
            }
        }
    }
}
