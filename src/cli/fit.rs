//! `sim fit`.

use super::arguments::Fit;
use super::exit::{Ended, Exit, Stop};
use super::numbers::plural;
use super::terminal::Terminal;
use crate::churn::{FittedLife, Lifetime, MeasuredLives, SAMPLES, fit_lives, read_lives};

/// What the columns of the table mean.
const LEGEND: &str = "\
# AIC: the smaller, the better; less than 2 apart the data cannot tell two laws, more than 10 they can
#      (Burnham & Anderson 2002).
# KS:  the largest distance between the shares of lives that are over, measured and fitted.";

pub(super) fn run(command: &Fit, terminal: &mut Terminal) -> Ended {
    let label = command.file.display().to_string();
    let bytes = std::fs::read(&command.file)
        .map_err(|error| Stop::error(Exit::Usage, format!("cannot read {label}: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Stop::error(Exit::Usage, format!("{label} is not a text in UTF-8")))?;
    let kinds = read_lives(&text).map_err(|e| Stop::error(Exit::Usage, e.in_file(&label)))?;
    let mut laws = Vec::new();
    for kind in &kinds {
        let fits = fit_lives(&kind.lives);
        table(&label, kind, &fits, terminal)?;
        for (place, fit) in fits.iter().filter(|fit| fit.wrong.is_none()).enumerate() {
            let sign = if place == 0 { "" } else { "# " };
            laws.push(format!("{sign}{} = {}", kind.key, toml(fit.life)));
        }
    }
    terminal.line(LEGEND)?;
    let (samples, most) = SAMPLES;
    terminal.line(&format!(
        "# p:   how often lives drawn from the law and fitted again are as far apart, in {samples} such \
         samples\n#      (of at most {most} lives each, beyond which it is approximate). Below 0.05 not \
         even the best\n#      law is that of the data: take `empirical` or `trace`."
    ))?;
    terminal.line("[churn]")?;
    for line in laws {
        terminal.line(&line)?;
    }
    if let [only] = &kinds[..] {
        let other = if only.key == "session" {
            "absence"
        } else {
            "session"
        };
        terminal.line(&format!(
            "# {label} says nothing of `{other}`, which is yours to add"
        ))?;
    }
    Ok(Exit::Fine)
}

/// The laws of one kind of lives, best first.
fn table(
    label: &str,
    kind: &MeasuredLives,
    fits: &[FittedLife],
    terminal: &mut Terminal,
) -> Result<(), Stop> {
    let lives = plural(kind.lives.len(), kind.key);
    let cut = kind.lives.iter().filter(|life| !life.ended).count();
    let cut = match cut {
        0 => String::new(),
        _ => format!(", {cut} of them still under way at its end"),
    };
    terminal.line(&format!("# {label}: {lives}{cut}"))?;
    let head = ("law", "AIC", "KS", "p");
    terminal.line(&format!(
        "# {:<12}{:>14}{:>10}{:>8}",
        head.0, head.1, head.2, head.3
    ))?;
    for fit in fits {
        let unfit = fit
            .wrong
            .map_or_else(String::new, |wrong| format!("  {wrong}"));
        terminal.line(&format!(
            "# {:<12}{:>14.1}{:>10.4}{:>8.3}{unfit}",
            named(fit.life),
            fit.aic,
            fit.distance,
            fit.p
        ))?;
    }
    Ok(())
}

fn named(life: Lifetime) -> &'static str {
    match life {
        Lifetime::Exponential(_) => "exponential",
        Lifetime::Weibull(_) => "weibull",
        Lifetime::Pareto(_) => "pareto",
        Lifetime::LogNormal(_) => "log-normal",
        Lifetime::Mixture(_) => "mixture",
    }
}

/// The law as a scenario has it.
fn toml(life: Lifetime) -> String {
    let time = |time: crate::time::Duration| format!("\"{:.6} s\"", time.as_secs_f64());
    match life {
        Lifetime::Exponential(life) => {
            format!("{{ exponential = {{ mean = {} }} }}", time(life.mean))
        }
        Lifetime::Weibull(life) => format!(
            "{{ weibull = {{ shape = {:.5}, scale = {} }} }}",
            life.shape,
            time(life.scale)
        ),
        Lifetime::Pareto(life) => format!(
            "{{ pareto = {{ shape = {:.5}, scale = {} }} }}",
            life.shape,
            time(life.scale)
        ),
        Lifetime::LogNormal(life) => format!(
            "{{ log-normal = {{ median = {}, sigma = {:.5} }} }}",
            time(life.median),
            life.sigma
        ),
        Lifetime::Mixture(life) => format!(
            "{{ mixture = {{ share = \"{:.3} %\", first = {}, second = {} }} }}",
            life.share.0 * 100.0,
            time(life.first),
            time(life.second)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::churn::MeasuredLife;

    #[test]
    fn what_is_printed_is_read_back() {
        let lives = [1.0, 2.0, 4.0, 8.0, 16.0, 300.0].map(|seconds| MeasuredLife {
            seconds,
            ended: true,
            limit: f64::INFINITY,
        });
        for fit in fit_lives(&lives) {
            let text = format!("session = {0}\nabsence = {0}", toml(fit.life));
            let config: crate::churn::ChurnConfig = toml::from_str(&text).expect("readable");
            let read = config.session.and_then(|life| life.closed());
            let ratio = read.expect("given").quantile(0.5) / fit.life.quantile(0.5);
            assert!((ratio - 1.0).abs() < 1e-3, "{text}: {ratio}");
        }
    }
}
