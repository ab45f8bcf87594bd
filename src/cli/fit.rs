//! `sim fit`.

use super::arguments::Fit;
use super::exit::{Ended, Exit, Stop};
use super::numbers::plural;
use super::terminal::Terminal;
use crate::churn::{FittedLife, Lifetime, fit_lives, read_lives};

pub(super) fn run(command: &Fit, terminal: &mut Terminal) -> Ended {
    let label = command.file.display().to_string();
    let bytes = std::fs::read(&command.file)
        .map_err(|error| Stop::error(Exit::Usage, format!("cannot read {label}: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Stop::error(Exit::Usage, format!("{label} is not a text in UTF-8")))?;
    let kinds = read_lives(&text).map_err(|e| Stop::error(Exit::Usage, e.in_file(&label)))?;
    for kind in kinds {
        let fits = fit_lives(&kind.seconds);
        let lives = plural(kind.seconds.len(), kind.key);
        terminal.line(&format!("# {label}: {lives}, best first"))?;
        let head = format!("# {:<12}{:>14}{:>10}", "law", "AIC", "KS");
        terminal.line(&head)?;
        for fit in &fits {
            let name = named(fit.life);
            let unfit = fit
                .wrong
                .map_or_else(String::new, |wrong| format!("  {wrong}"));
            let line = format!("# {name:<12}{:>14.1}{:>10.4}{unfit}", fit.aic, fit.distance);
            terminal.line(&line)?;
        }
        terminal.line("[churn]")?;
        for (place, fit) in fits.iter().filter(|fit| fit.wrong.is_none()).enumerate() {
            let sign = if place == 0 { "" } else { "# " };
            terminal.line(&format!("{sign}{} = {}", kind.key, toml(fit)))?;
        }
    }
    Ok(Exit::Fine)
}

fn named(life: Lifetime) -> &'static str {
    match life {
        Lifetime::Exponential(_) => "exponential",
        Lifetime::Weibull(_) => "weibull",
        Lifetime::Pareto(_) => "pareto",
        Lifetime::LogNormal(_) => "log-normal",
        Lifetime::Mixture(_) => "mixture",
        Lifetime::Published(_) => "published",
    }
}

/// The law as a scenario has it.
fn toml(fit: &FittedLife) -> String {
    match fit.life {
        Lifetime::Exponential(life) => {
            format!(
                "{{ exponential = {{ mean = \"{:.6} s\" }} }}",
                life.mean.as_secs_f64()
            )
        }
        Lifetime::Weibull(life) => format!(
            "{{ weibull = {{ shape = {:.5}, scale = \"{:.6} s\" }} }}",
            life.shape,
            life.scale.as_secs_f64()
        ),
        Lifetime::Pareto(life) => format!(
            "{{ pareto = {{ shape = {:.5}, scale = \"{:.6} s\" }} }}",
            life.shape,
            life.scale.as_secs_f64()
        ),
        Lifetime::LogNormal(life) => format!(
            "{{ log-normal = {{ median = \"{:.6} s\", sigma = {:.5} }} }}",
            life.median.as_secs_f64(),
            life.sigma
        ),
        Lifetime::Mixture(life) => format!(
            "{{ mixture = {{ share = \"{:.3} %\", first = \"{:.6} s\", second = \"{:.6} s\" }} }}",
            life.share.0 * 100.0,
            life.first.as_secs_f64(),
            life.second.as_secs_f64()
        ),
        Lifetime::Published(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for fit in fit_lives(&[1.0, 2.0, 4.0, 8.0, 16.0, 300.0]) {
            let text = format!("session = {0}\nabsence = {0}", toml(&fit));
            let config: crate::churn::ChurnConfig = toml::from_str(&text).expect("readable");
            let read = config.session.expect("given");
            let ratio = read.quantile(0.5) / fit.life.quantile(0.5);
            assert!((ratio - 1.0).abs() < 1e-3, "{text}: {ratio}");
        }
    }
}
