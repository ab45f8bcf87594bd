//! What claims that are limits come to with finitely many peers, computed to the last digit: Markov
//! chains small enough to be walked through.

use crate::math::{ln, pow};

/// What is less likely than this is left out; some thousands of them weigh nothing.
const NOTHING: f64 = 1e-20;

/// How many peers one source reaches: the probability of each number.
#[derive(Clone, PartialEq, Debug)]
pub struct Reach(Vec<f64>);

impl Reach {
    /// Infect and die: each of `peers` that is reached contacts `fanout` different others, and each
    /// contact comes to nothing with probability `loss`.
    ///
    /// # Panics
    /// If there are not more peers than `fanout`.
    pub fn of_push(peers: usize, fanout: usize, loss: f64) -> Self {
        assert!(fanout < peers, "different others");
        let arrive = binomial(fanout, 1.0 - loss);
        Self::explore(peers, |left| {
            let mut hits = vec![0.0; fanout + 1];
            for (arrived, share) in arrive.iter().enumerate() {
                for (hit, p) in different(peers - 1, left, arrived).into_iter().enumerate() {
                    hits[hit] += share * p;
                }
            }
            hits
        })
    }

    /// The component of a peer of G(n, p).
    pub fn of_random_graph(peers: usize, p: f64) -> Self {
        Self::explore(peers, |left| binomial(left, p))
    }

    /// Peers are reached one after the other and act one after the other: in which order does not
    /// matter. `hits(left)` is the probability that one of them reaches 0, 1, 2 ... of the `left`
    /// that nobody has reached yet. It ends when all that are reached have acted.
    fn explore(peers: usize, hits: impl Fn(usize) -> Vec<f64>) -> Self {
        let hits: Vec<Vec<f64>> = (0..peers).map(hits).collect();
        let mut ends = vec![0.0; peers + 1];
        // The probability of so many reached; all that is not zero is in low..=high.
        let mut reached = vec![0.0; peers + 1];
        reached[1.min(peers)] = 1.0;
        let (mut low, mut high) = (1, 1);
        for acted in 0..=peers {
            ends[acted] = std::mem::take(&mut reached[acted]);
            low = low.max(acted + 1);
            for now in (low..=high).rev() {
                let share = std::mem::take(&mut reached[now]);
                if share < NOTHING {
                    continue;
                }
                for (more, p) in hits[peers - now].iter().enumerate().take(peers - now + 1) {
                    reached[now + more] += share * p;
                }
                let farthest = now + hits[peers - now].len() - 1;
                high = high.max(farthest.min(peers));
            }
            while high > low && reached[high] < NOTHING {
                high -= 1;
            }
            while low < high && reached[low] < NOTHING {
                low += 1;
            }
        }
        Self(ends)
    }

    /// The probability that all are reached.
    pub fn all(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// The mean share of the peers that are reached, of the cases in which at least this share is.
    pub fn mean_from(&self, share: f64) -> f64 {
        let peers = (self.0.len() - 1) as f64;
        let (mut mean, mut weight) = (0.0, 0.0);
        for (reached, p) in self.0.iter().enumerate() {
            let reached = reached as f64 / peers;
            if reached >= share {
                mean += p * reached;
                weight += p;
            }
        }
        mean / weight
    }
}

/// The probability of 0, 1, 2 ... successes, as far as it is not nothing.
pub(super) fn binomial(trials: usize, p: f64) -> Vec<f64> {
    if p >= 1.0 {
        let mut sure = vec![0.0; trials + 1];
        sure[trials] = 1.0;
        return sure;
    }
    let mut probability = pow(1.0 - p, trials as f64);
    let mut all = vec![probability];
    for k in 0..trials {
        probability *= (trials - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        all.push(probability);
        if probability < NOTHING && k as f64 > p * trials as f64 {
            break;
        }
    }
    all
}

/// The probability that 0, 1, 2 ... of `draws` different ones of `all` are among `good`.
fn different(all: usize, good: usize, draws: usize) -> Vec<f64> {
    let mut hits = vec![0.0; draws + 1];
    hits[0] = 1.0;
    for drawn in 0..draws {
        for hit in (0..=drawn).rev() {
            let p = good.saturating_sub(hit) as f64 / (all - drawn) as f64;
            let share = std::mem::take(&mut hits[hit]);
            hits[hit + 1] += share * p;
            hits[hit] += share * (1.0 - p);
        }
    }
    hits
}

/// The probability that G(n, p) with p = (ln n + c) / n is connected.
pub fn connected(peers: usize, c: f64) -> f64 {
    let n = peers as f64;
    Reach::of_random_graph(peers, (ln(n) + c) / n).all()
}

/// The mean number of rounds until everybody knows, if everybody who knows calls one of the others at
/// random in each round.
pub fn push_rounds(peers: usize) -> f64 {
    // The mean number of rounds to come, by the number of those who know.
    let mut rounds = vec![0.0; peers + 1];
    for know in (1..peers).rev() {
        let left = peers - know;
        let mut new = vec![0.0; left.min(know) + 1];
        new[0] = 1.0;
        let (mut low, mut high) = (0, 0);
        for _ in 0..know {
            for n in (low..=high).rev() {
                let p = (left - n) as f64 / (peers - 1) as f64;
                let share = std::mem::take(&mut new[n]);
                if n < left {
                    new[n + 1] += share * p;
                }
                new[n] += share * (1.0 - p);
            }
            high = (high + 1).min(left);
            while low < high && new[low] < NOTHING {
                new[low] = 0.0;
                low += 1;
            }
            while high > low && new[high] < NOTHING {
                new[high] = 0.0;
                high -= 1;
            }
        }
        let later: f64 = (low.max(1)..=high).map(|n| new[n] * rounds[know + n]).sum();
        // Nobody new: the same again.
        rounds[know] = (1.0 + later) / (1.0 - new[0]);
    }
    rounds[1.min(peers)]
}

/// The mean share that a rumor never reaches, if who has heard it calls one of the others at random
/// and, if it was known there, stops with probability 1/k. In which order they call does not matter.
pub fn rumor_residue(peers: usize, k: u32) -> f64 {
    // The probability of so many who spread it, while `left` have not heard it.
    let mut spreading = vec![0.0; peers + 2];
    spreading[1] = 1.0;
    let mut residue = 0.0;
    for left in (0..peers).rev() {
        let mut next = vec![0.0; peers + 2];
        let one_more = left as f64 / (peers - 1).max(1) as f64;
        let one_less = (1.0 - one_more) / f64::from(k);
        let more = one_more / (one_more + one_less);
        for now in (1..=peers).rev() {
            let share = spreading[now];
            next[now + 1] += share * more;
            spreading[now - 1] += share * (1.0 - more);
        }
        residue += spreading[0] * left as f64;
        spreading = next;
    }
    residue / peers as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, by: f64) {
        assert!((found - expected).abs() <= by, "{found} {expected}");
    }

    #[test]
    fn what_can_be_counted_by_hand() {
        // One of the two others hears it, and calls back or on.
        assert_eq!(Reach::of_push(3, 1, 0.0).0, [0.0, 0.0, 0.5, 0.5]);
        let half = Reach::of_push(3, 1, 0.5);
        for (found, expected) in half.0.iter().zip([0.0, 0.5, 0.375, 0.125]) {
            near(*found, expected, 1e-15);
        }
        near(
            half.mean_from(0.5),
            (0.375 * 2.0 + 0.125 * 3.0) / 1.5,
            1e-15,
        );
        // A triangle with each side there or not: connected with two sides or three.
        near(Reach::of_random_graph(3, 0.5).all(), 0.5, 1e-15);
        // Two know after one round; then either calls the third with 1/2: 1 / (1 - 1/4) rounds.
        near(push_rounds(3), 1.0 + 4.0 / 3.0, 1e-12);
        // Three peers, k = 1: the second is told; then calls are of use with 1/2, and two failures
        // in a row end it.
        near(rumor_residue(3, 1), 0.25 / 3.0, 1e-15);
    }

    /// Values that another program has computed, and the limits.
    #[test]
    fn finite_and_limit() {
        // exp(-(n-1)(1 - f/(n-1))^(n-1)) = 0.4111 takes the peers that nobody contacts for
        // independent; who contacts one contacts the other less.
        near(Reach::of_push(1000, 7, 0.0).all(), 0.4111, 2e-3);
        for (c, expected) in [
            (0.0, 0.373_96),
            (1.0, 0.6981),
            (2.0, 0.877_03),
            (3.0, 0.953_26),
        ] {
            near(connected(1000, c), expected, 6e-5);
        }
        near(
            Reach::of_push(10_000, 3, 0.0).mean_from(0.1),
            0.940_48,
            3e-4,
        );
        // Losing half of the contacts is as half the fanout, in the limit.
        near(Reach::of_push(2000, 6, 0.5).mean_from(0.1), 0.940_48, 1e-3);
        near(push_rounds(1000), 18.05, 0.1);
        for (k, expected) in [(1, 0.203_188), (2, 0.059_520), (3, 0.019_827)] {
            near(rumor_residue(1000, k), expected, 0.003);
        }
        let sum: f64 = Reach::of_push(500, 4, 0.1).0.iter().sum();
        near(sum, 1.0, 1e-12);
    }
}
