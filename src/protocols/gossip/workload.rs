//! [`Schedule`]: which peer broadcasts when.

use super::config::Broadcasts;
use super::wire::Publish;
use crate::engine::Workload;
use crate::peer::PeerId;
use crate::random::{Draw, Purpose, Streams};
use crate::time::{Duration, Instant};
use rand_chacha::ChaCha8Rng;

/// Broadcasts numbered from 0, each from a random peer, up or down.
#[derive(Clone, Debug)]
pub struct Schedule {
    start: Start,
    rng: ChaCha8Rng,
    next: u32,
    at: Instant,
}

/// What the schedule is made from.
#[derive(Clone, Debug)]
struct Start {
    rng: ChaCha8Rng,
    broadcasts: Broadcasts,
    from: Instant,
    to: Instant,
    peers: u32,
}

impl Schedule {
    /// Broadcasts in `[from, to)` by `peers` peers.
    pub fn new(
        broadcasts: Broadcasts,
        from: Instant,
        to: Instant,
        peers: u32,
        streams: &Streams,
    ) -> Self {
        Self::from(Start {
            rng: streams.chacha(Purpose::Workload, 0),
            broadcasts,
            from,
            to,
            peers,
        })
    }

    fn from(start: Start) -> Self {
        let (rng, at) = (start.rng.clone(), start.from);
        Self {
            start,
            rng,
            next: 0,
            at,
        }
    }

    fn next_time(&mut self) -> Option<Instant> {
        let Start {
            broadcasts,
            from,
            to,
            ..
        } = self.start;
        match broadcasts {
            Broadcasts::Count(count) => {
                let span = u128::from(to.saturating_since(from).as_nanos());
                let offset = span * u128::from(self.next) / u128::from(count.max(1));
                (self.next < count).then(|| from + Duration::from_nanos(offset as u64))
            }
            Broadcasts::Rate(rate) => {
                self.at = self.at.saturating_add(self.rng.exp(rate.mean_interval()));
                (self.at < to).then_some(self.at)
            }
        }
    }
}

impl Workload<Publish> for Schedule {
    fn next(&mut self) -> Option<(Instant, PeerId, Publish)> {
        let at = self.next_time()?;
        if self.start.peers == 0 {
            return None;
        }
        let origin = PeerId(self.rng.below(u64::from(self.start.peers)) as u32);
        let id = self.next;
        self.next = id.checked_add(1)?;
        Some((at, origin, Publish(id)))
    }

    fn copy(&self) -> Box<dyn Workload<Publish>> {
        Box::new(Self::from(self.start.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{Quantity, Rate};

    fn schedule(broadcasts: Broadcasts) -> Schedule {
        let second = |s| Instant::ZERO + Duration::from_secs(s);
        Schedule::new(broadcasts, second(100), second(1100), 50, &Streams::new(1))
    }
    fn all(mut schedule: impl Workload<Publish>) -> Vec<(Instant, PeerId, Publish)> {
        std::iter::from_fn(move || schedule.next()).collect()
    }

    #[test]
    fn a_count_is_evenly_spaced_from_the_beginning() {
        let times: Vec<f64> = all(schedule(Broadcasts::Count(4)))
            .iter()
            .map(|(at, ..)| at.as_secs_f64())
            .collect();
        assert_eq!(times, [100.0, 350.0, 600.0, 850.0]);
    }

    #[test]
    fn a_rate_is_a_poisson_process() {
        let all = all(schedule(Broadcasts::Rate(Rate::parse("10 /s").unwrap())));
        // 10 000 expected with a standard deviation of 100; four of them.
        assert!(all.len().abs_diff(10_000) < 400, "{}", all.len());
        assert!(all.is_sorted_by_key(|&(at, ..)| at));
        assert!(all.iter().zip(0..).all(|(&(_, _, id), i)| id == Publish(i)));
        let gaps = all
            .windows(2)
            .filter(|w| w[1].0 - w[0].0 > Duration::from_millis(100));
        // P[gap > mean] = 1/e = 0.3679.
        let share = gaps.count() as f64 / all.len() as f64;
        assert!((share - 0.3679).abs() < 0.02, "{share}");
    }

    #[test]
    fn a_copy_says_the_same_again() {
        let mut one = schedule(Broadcasts::Count(20));
        one.next();
        let mut copy = one.copy();
        let copied: Vec<_> = std::iter::from_fn(|| copy.next()).collect();
        assert_eq!(copied[1..], all(one));
    }
}
