//! Lives fitted to measured ones.

use super::lifetime::{
    ExponentialLife, Lifetime, LogNormalLife, MixtureLife, ParetoLife, WeibullLife,
};
use super::trace::Trace;
use crate::input::{TextError, fields, lines};
use crate::math::fit::kolmogorov_smirnov;
use crate::math::likelihood;
use crate::quantity::Share;
use crate::time::Duration;

/// A law fitted to measured lives by maximum likelihood.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FittedLife {
    /// The law.
    pub life: Lifetime,
    /// Akaike's criterion: smaller is better.
    pub aic: f64,
    /// The Kolmogorov-Smirnov distance of the values. Its usual p value does not hold, as the
    /// parameters come from the same values.
    pub distance: f64,
    /// Why a scenario cannot have it, such as an infinite mean.
    pub wrong: Option<&'static str>,
}

/// Measured lives of one kind, in seconds.
#[derive(Clone, PartialEq, Debug)]
pub struct MeasuredLives {
    /// `session` or `absence`: the key of `[churn]` they are for.
    pub key: &'static str,
    /// The lives, in seconds.
    pub seconds: Vec<f64>,
}

/// Reads measured lives: a column of numbers of seconds (a heading is skipped), or a trace
/// `peer,up_s,down_s`, of which only whole sessions and absences count: those that began and ended
/// in the trace. Leaving out the cut ones favours short lives where the trace is short.
///
/// # Errors
/// At the first place that is neither, or if there are fewer than two different values.
pub fn read_lives(text: &str) -> Result<Vec<MeasuredLives>, TextError> {
    let column = lines(text)
        .next()
        .is_none_or(|(_, line)| fields(line).len() == 1);
    let kinds = if column {
        vec![MeasuredLives {
            key: "session",
            seconds: numbers(text)?,
        }]
    } else {
        let (sessions, absences) = Trace::read(text)?.whole_lives();
        let of = |key, seconds| MeasuredLives { key, seconds };
        vec![of("session", sessions), of("absence", absences)]
    };
    let enough = |kind: &MeasuredLives| {
        kind.seconds
            .iter()
            .any(|x| x.total_cmp(&kind.seconds[0]).is_ne())
    };
    let kinds: Vec<MeasuredLives> = kinds.into_iter().filter(enough).collect();
    if kinds.is_empty() {
        return Err(TextError::new(1, 1, "fewer than two different lives"));
    }
    Ok(kinds)
}

fn numbers(text: &str) -> Result<Vec<f64>, TextError> {
    let mut values = Vec::new();
    for (index, (line, content)) in lines(text).enumerate() {
        let fields = fields(content);
        let [(column, word)] = fields[..] else {
            let message = format!("{} columns, where the first line has one", fields.len());
            return Err(TextError::new(line, 1, message));
        };
        match word.parse::<f64>() {
            // From a nanosecond to a century: what a life in a scenario can be.
            Ok(value) if (1e-9..=3.2e9).contains(&value) => values.push(value),
            Err(_) if index == 0 => {}
            _ => {
                let message = format!("`{word}` is not a number of seconds above 0");
                return Err(TextError::new(line, column, message));
            }
        }
    }
    Ok(values)
}

/// Every law fitted to these lives in seconds, best (least AIC) first.
pub fn fit_lives(seconds: &[f64]) -> Vec<FittedLife> {
    let mut sorted = seconds.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let time = Duration::from_secs_f64;
    let exponential = likelihood::exponential(&sorted);
    let [mean] = exponential.parameters;
    let weibull = likelihood::weibull(&sorted);
    let [shape, scale] = weibull.parameters;
    let pareto = likelihood::pareto(&sorted);
    let [tail, tail_scale] = pareto.parameters;
    let log_normal = likelihood::log_normal(&sorted);
    let [median, sigma] = log_normal.parameters;
    let mixture = likelihood::mixture(&sorted);
    let [share, first, second] = mixture.parameters;
    let laws = [
        (
            Lifetime::Exponential(ExponentialLife { mean: time(mean) }),
            exponential.aic(),
        ),
        (
            Lifetime::Weibull(WeibullLife {
                shape,
                scale: time(scale),
            }),
            weibull.aic(),
        ),
        (
            Lifetime::Pareto(ParetoLife {
                shape: tail,
                scale: time(tail_scale),
            }),
            pareto.aic(),
        ),
        (
            Lifetime::LogNormal(LogNormalLife {
                median: time(median),
                sigma,
            }),
            log_normal.aic(),
        ),
        (
            Lifetime::Mixture(MixtureLife {
                share: Share(share),
                first: time(first),
                second: time(second),
            }),
            mixture.aic(),
        ),
    ];
    let mut fitted = laws.map(|(life, aic)| {
        let cdf = |t| 1.0 - life.survival(time(t));
        FittedLife {
            life,
            aic,
            distance: kolmogorov_smirnov(&sorted, cdf).statistic,
            wrong: life.wrong(),
        }
    });
    fitted.sort_by(|a, b| a.aic.total_cmp(&b.aic));
    fitted.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;

    fn life(text: &str) -> Lifetime {
        toml::from_str(text).expect("readable")
    }

    /// Each law is found in its own samples, and its parameters within four standard errors or so:
    /// 3 % at 40 000 samples (the tail of a mixture and of Pareto is the hardest to tell).
    #[test]
    fn laws_recover_their_own_parameters() {
        let laws = [
            "exponential.mean = \"100 s\"",
            "weibull = { shape = 0.6, scale = \"100 s\" }",
            "pareto = { shape = 2.0, scale = \"600 s\" }",
            "log-normal = { median = \"300 s\", sigma = 1.5 }",
            "mixture = { share = \"70 %\", first = \"60 s\", second = \"3600 s\" }",
        ];
        for (i, law) in laws.into_iter().enumerate() {
            let truth = life(law);
            let mut rng = PeerRng::from_state(90 + i as u64);
            let samples: Vec<f64> = (0..40_000)
                .map(|_| truth.sample(&mut rng).as_secs_f64())
                .collect();
            let fits = fit_lives(&samples);
            let kind = std::mem::discriminant(&truth);
            let own = fits
                .iter()
                .find(|fit| std::mem::discriminant(&fit.life) == kind);
            let own = own.expect("every law is fitted");
            // No law beats the true one by more than its parameters' worth.
            assert!(own.aic <= fits[0].aic + 6.0, "{law}: {fits:?}");
            assert!(own.distance < 1.95 / 200.0, "{law}: {own:?}");
            for p in [0.1, 0.5, 0.9] {
                let ratio = own.life.quantile(p) / truth.quantile(p);
                assert!((ratio - 1.0).abs() < 0.05, "{law} at {p}: {ratio}");
            }
        }
    }

    #[test]
    fn columns_and_traces_are_read() {
        let kinds = read_lives("seconds\n10\n20.5\n").expect("a column");
        assert_eq!(kinds[0].seconds, [10.0, 20.5]);
        let kinds = read_lives("a,0,10\na,20,50\na,55,56\nb,5,7\n").expect("a trace");
        // The session from 0 was under way.
        assert_eq!(kinds[0].seconds, [30.0, 1.0, 2.0]);
        assert_eq!(kinds[1].key, "absence");
        assert_eq!(kinds[1].seconds, [10.0, 5.0]);
    }

    #[test]
    fn errors_have_their_place() {
        let said = |text| {
            let error = read_lives(text).expect_err("an error");
            format!("{}:{}: {}", error.line, error.column, error.message)
        };
        assert_eq!(said(""), "1:1: fewer than two different lives");
        assert_eq!(said("5\n5\n"), "1:1: fewer than two different lives");
        assert_eq!(
            said("5\n 0\n"),
            "2:2: `0` is not a number of seconds above 0"
        );
        assert_eq!(
            said("5\nNaN\n"),
            "2:1: `NaN` is not a number of seconds above 0"
        );
        assert_eq!(
            said("5\n1e99\n"),
            "2:1: `1e99` is not a number of seconds above 0"
        );
        assert_eq!(
            said("5\nx\n"),
            "2:1: `x` is not a number of seconds above 0"
        );
        assert_eq!(
            said("5\n1 2\n"),
            "2:1: 2 columns, where the first line has one"
        );
        assert!(said("a,0,x\n").starts_with("1:5: `x`"));
    }
}
