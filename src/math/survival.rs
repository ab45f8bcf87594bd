//! How many are still alive at which age, when some were not seen to their end.

/// The survival of lives of which some were cut short, as Kaplan & Meier estimate it (JASA 1958): at
/// each end, the share of those still seen that goes on.
#[derive(Clone, PartialEq, Debug)]
pub struct Survival {
    /// Each age at which a life ends, and the share that lasts longer.
    steps: Vec<(f64, f64)>,
    /// The greatest age at which anybody was seen.
    oldest: f64,
}

impl Survival {
    /// Of lives that `ended` and others that were `cut` short, both ascending.
    pub fn of(ended: &[f64], cut: &[f64]) -> Self {
        let (mut survival, mut gone) = (1.0, 0);
        let steps = ended.iter().enumerate().map(|(index, &age)| {
            // One cut at the time of an end was still there.
            gone += cut[gone..].partition_point(|&cut| cut < age);
            let there = ended.len() - index + cut.len() - gone;
            survival *= 1.0 - 1.0 / there as f64;
            (age, survival)
        });
        let steps = steps.collect();
        let last = |ages: &[f64]| ages.last().copied().unwrap_or(0.0);
        let oldest = last(ended).max(last(cut));
        Self { steps, oldest }
    }

    /// The ages at which lives end, each with the share that lasts longer.
    pub fn steps(&self) -> &[(f64, f64)] {
        &self.steps
    }

    /// The share of lives that last longer than `age`; not a number beyond the greatest age seen.
    pub fn at(&self, age: f64) -> f64 {
        if age > self.oldest {
            return f64::NAN;
        }
        let before = self.steps.partition_point(|step| step.0 <= age);
        before.checked_sub(1).map_or(1.0, |at| self.steps[at].1)
    }

    /// The age that a share `p` of all lives does not outlast; nothing if more were seen longer.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let at = self.steps.partition_point(|step| step.1 > 1.0 - p);
        self.steps.get(at).map(|step| step.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends at 1, 3 and 4, one cut at 2: 3/4, then 3/8, then nobody.
    #[test]
    fn by_hand() {
        let survival = Survival::of(&[1.0, 3.0, 4.0], &[2.0]);
        let expected = [
            (0.5, 1.0),
            (1.0, 0.75),
            (2.9, 0.75),
            (3.0, 0.375),
            (4.0, 0.0),
        ];
        for (age, share) in expected {
            assert!((survival.at(age) - share).abs() < 1e-12, "{age}");
        }
        // Of four, the cut one lasted as one of the two longer ones: in the middle of its share.
        let lives = [0.125, 0.375, 0.625, 0.875].map(|p| survival.quantile(p));
        assert_eq!(lives, [Some(1.0), Some(3.0), Some(3.0), Some(4.0)]);
        assert_eq!(survival.quantile(0.5), Some(3.0));
        assert!(survival.at(4.1).is_nan());
        let all_cut = Survival::of(&[], &[5.0, 7.0]);
        assert!((all_cut.at(6.0) - 1.0).abs() < 1e-12 && all_cut.quantile(0.5).is_none());
        assert!(Survival::of(&[], &[]).at(1.0).is_nan());
    }
}
