//! [`Thinning`]: an even choice of single measurements when there are too many to keep.

use crate::peer::PeerId;
use crate::random::hash::mix3;
use crate::time::Duration;

/// At most so many delays of a run are kept.
const MOST: usize = 20_000;

/// Keeps all measurements while there are few, and a share of 1/2, 1/4, ... when there are many:
/// those whose hash is small, so that the choice depends on nothing but (broadcast, peer).
#[derive(Clone, Debug)]
pub(super) struct Thinning {
    key: u64,
    /// Hashes up to this one are kept.
    limit: u64,
    kept: Vec<(u64, Duration)>,
    offered: u64,
}

impl Thinning {
    /// Nothing yet; `key` of the run's own.
    pub(super) fn new(key: u64) -> Self {
        Self {
            key,
            limit: u64::MAX,
            kept: Vec::new(),
            offered: 0,
        }
    }

    /// A measurement for broadcast `id` at `peer`.
    #[inline]
    pub(super) fn offer(&mut self, id: u32, peer: PeerId, delay: Duration) {
        self.offered += 1;
        let hash = mix3(self.key, u64::from(id), u64::from(peer.0));
        if hash <= self.limit {
            self.keep(hash, delay);
        }
    }

    fn keep(&mut self, hash: u64, delay: Duration) {
        self.kept.push((hash, delay));
        while self.kept.len() > MOST {
            self.limit /= 2;
            let limit = self.limit;
            self.kept.retain(|&(hash, _)| hash <= limit);
        }
    }

    /// The kept delays in seconds, ascending, and how many of `missed` stand for the missing ones
    /// beside them.
    pub(super) fn finish(self, missed: u64) -> (Vec<f64>, u64) {
        let mut delays: Vec<Duration> = self.kept.into_iter().map(|(_, delay)| delay).collect();
        delays.sort_unstable();
        let censored = if self.offered == 0 {
            missed
        } else {
            let kept = delays.len() as u128;
            let offered = u128::from(self.offered);
            ((u128::from(missed) * kept + offered / 2) / offered) as u64
        };
        (
            delays.into_iter().map(Duration::as_secs_f64).collect(),
            censored,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_all_kept_and_sorted() {
        let mut delays = Thinning::new(1);
        for peer in (0..100).rev() {
            delays.offer(0, PeerId(peer), Duration::from_secs(u64::from(peer)));
        }
        let (values, censored) = delays.finish(7);
        assert_eq!(values, (0..100).map(f64::from).collect::<Vec<_>>());
        assert_eq!(censored, 7);
    }

    #[test]
    fn of_many_a_fair_share_is_kept() {
        let mut delays = Thinning::new(1);
        for peer in 0..1_000_000 {
            delays.offer(
                0,
                PeerId(peer),
                Duration::from_nanos(1000 * u64::from(peer)),
            );
        }
        let (values, censored) = delays.finish(500_000);
        assert!(
            (10_000..=20_000).contains(&values.len()),
            "{}",
            values.len()
        );
        assert!(censored.abs_diff(values.len() as u64 / 2) <= 1);
        // Uniform on [0, 1): a mean of 0.5 with a standard error of 0.29 / 100 at most.
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }
}
