//! `[churn]` in a scenario.

use crate::churn::availability;
use crate::churn::law::{Law, LifeConfig};
use crate::churn::lifetime::{ExponentialLife, Lifetime, WeibullLife};
use crate::churn::rhythm::{DiurnalConfig, FlashCrowd};
use crate::churn::trace::Trace;
use crate::input::{BuildError, Files};
use crate::peer::PeerId;
use crate::quantity::Share;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[churn]`: when peers come and go. One of: `preset`; `session` and `absence`; `trace`. Leave the
/// table out and everybody is always up. `peers` remains the expected number *online*.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ChurnConfig {
    /// Published session and absence times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<ChurnPreset>,
    /// How long a peer stays up, e.g. `{ exponential = { mean = "1 h" } }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<LifeConfig>,
    /// How long a peer stays away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<LifeConfig>,
    /// A file of sessions in seconds since its start, in order of time for each peer, and played from
    /// there: CSV `peer,up_s,down_s`, where an empty `down_s` means to the end; or, without commas, AVT,
    /// `host intervals start end start end …` (Godfrey, Shenker & Stoica, SIGCOMM 2006), where a session
    /// to the last time of all means to the end. A session from 0 is one under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Whether a peer that leaves says so. Default: `crash`, it does not.
    #[serde(default)]
    pub departure: Departure,
    /// Who a peer is to its protocol when it comes back. Default: `same`.
    #[serde(default)]
    pub identity: Identity,
    /// Which address it has then. Default: `same`.
    #[serde(default, skip_serializing_if = "Addressing::is_same")]
    pub address: Addressing,
    /// The share of each class of peers that comes and goes, to the nearest peer; the others are
    /// always up. Default 100 %.
    #[serde(default = "all")]
    pub share: Share,
    /// When absent peers come back by the time of day; at the same rate always if left out, but for a
    /// `preset` that has a rhythm of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diurnal: Option<DiurnalConfig>,
    /// Flash crowds: many absent peers come within a short time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flash_crowd: Vec<FlashCrowd>,
    /// Whether to measure how old sessions become: metrics `session.*`, and samples `session.length` for
    /// a chart. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ages: bool,
}

fn all() -> Share {
    Share(1.0)
}

/// How a peer leaves.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Default, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Departure {
    /// It falls silent.
    #[default]
    Crash,
    /// It says farewell as its protocol does.
    Graceful,
}

/// Who a peer is to its protocol when it comes back.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Default, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// The same, with what its protocol keeps on disk.
    #[default]
    Same,
    /// Somebody who knows nothing, at the same place of the network and the overlay.
    New,
}

/// Which address a peer has when it comes back from an absence of its own; a restart or a fault keeps the
/// address. Of 1468 hosts of Overnet 5867 addresses were seen in a week (Bhagwan, Savage & Voelker, IPTPS
/// 2003).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Default, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Addressing {
    /// The same.
    #[default]
    Same,
    /// Another: whoever connects to the old one gets no answer. After 256 the first comes again.
    New,
}

impl Addressing {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_same(&self) -> bool {
        *self == Self::Same
    }
}

/// Published session and absence times.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChurnPreset {
    /// KAD: Weibull sessions (shape 0.61511, scale 169.5385 min) and absences (0.47648, 413.6765
    /// min), the fits to later crawls in Steiner, En-Najjary & Biersack, IMC 2007, as quoted by
    /// `PeerfactSim` (whose code swaps the two; this does not). 21.4 % of the peers are up; the
    /// fit's mean session, 247 min, is below the data's, 266.5 min.
    #[serde(rename = "kad-2007")]
    Kad2007,
    /// `OverSim`'s `LifetimeChurn` with its default.ini: sessions and absences exponential of mean
    /// 10 000 s, so half of the peers are up.
    #[serde(rename = "oversim")]
    Oversim,
    /// Overnet, January 2003 (Bhagwan, Savage & Voelker, IPTPS 2003; read in notes on the paper): a host
    /// comes 6.4 times a day and is up 30 % of the time (the median host, told by its id and not by its
    /// address), and of 1468 hosts about a hundred more are up at the best time of the day than at the
    /// worst. The paper gives no laws: here sessions are exponential of mean 67.5 min and absences of
    /// mean 157.5 min, all hosts are alike, and `diurnal.amplitude` is 16.6 %, which makes a hundred of
    /// 1468.
    #[serde(rename = "overnet-2003")]
    Overnet2003,
}

impl ChurnPreset {
    /// Sessions and absences.
    pub const fn lives(self) -> (Lifetime, Lifetime) {
        match self {
            Self::Kad2007 => (
                Lifetime::Weibull(WeibullLife {
                    shape: 0.61511,
                    scale: Duration::from_millis(10_172_310),
                }),
                Lifetime::Weibull(WeibullLife {
                    shape: 0.47648,
                    scale: Duration::from_millis(24_820_590),
                }),
            ),
            Self::Oversim => {
                let mean = Duration::from_secs(10_000);
                let life = Lifetime::Exponential(ExponentialLife { mean });
                (life, life)
            }
            Self::Overnet2003 => {
                // 30 % and 70 % of a day / 6.4.
                let session = Duration::from_secs(4050);
                let absence = Duration::from_secs(9450);
                (
                    Lifetime::Exponential(ExponentialLife { mean: session }),
                    Lifetime::Exponential(ExponentialLife { mean: absence }),
                )
            }
        }
    }

    /// Its time of day, if it has one. The share p that is up follows
    /// p' = r (1 + a cos(w t)) (1 - p) - s p, with r and s one over the mean absence and session: it
    /// swings by 2 a r (1 - p) / sqrt((r + s)^2 + w^2), for Overnet 0.411 a, which has to be 100 / 1468.
    pub const fn diurnal(self) -> Option<DiurnalConfig> {
        match self {
            Self::Kad2007 | Self::Oversim => None,
            Self::Overnet2003 => Some(DiurnalConfig {
                period: Duration::from_hours(24),
                amplitude: Share(0.166),
                peak: Duration::ZERO,
            }),
        }
    }
}

impl ChurnConfig {
    /// A configuration of these sessions and absences, everybody crashing.
    pub fn of_lives(session: impl Into<LifeConfig>, absence: impl Into<LifeConfig>) -> Self {
        Self {
            preset: None,
            session: Some(session.into()),
            absence: Some(absence.into()),
            trace: None,
            departure: Departure::Crash,
            identity: Identity::Same,
            address: Addressing::Same,
            share: all(),
            diurnal: None,
            flash_crowd: Vec::new(),
            ages: false,
        }
    }

    /// A configuration of a preset, everybody crashing.
    pub fn of_preset(preset: ChurnPreset) -> Self {
        let (session, absence) = preset.lives();
        Self {
            preset: Some(preset),
            session: None,
            absence: None,
            ..Self::of_lives(session, absence)
        }
    }

    /// The time of day it asks for, or that of its preset.
    pub(super) fn time_of_day(&self) -> Option<DiurnalConfig> {
        self.diurnal
            .or_else(|| self.preset.and_then(ChurnPreset::diurnal))
    }

    /// Adds what is wrong with the rhythm.
    fn validate_rhythm(&self, mut add: impl FnMut(&str, &str, &str)) {
        if self.trace.is_some() {
            let help = "leave it out, or give lives instead of a trace";
            let own = "a trace has its own times";
            if self.diurnal.is_some() {
                add("diurnal", own, help);
            }
            if !self.flash_crowd.is_empty() {
                add("flash_crowd", own, help);
            }
        }
        if let Some(diurnal) = self.diurnal
            && !(Duration::from_secs(1)..=Duration::from_hours(24 * 366)).contains(&diurnal.period)
        {
            let message = format!("a period of {}", diurnal.period);
            add("diurnal.period", &message, "from a second to a year");
        }
    }

    /// The files this configuration names, each with the key that names it.
    pub fn files(&self) -> Vec<(&'static str, &str)> {
        let [session, absence] =
            [&self.session, &self.absence].map(|life| life.as_ref().and_then(LifeConfig::file));
        let files = [
            ("churn.session.empirical.file", session),
            ("churn.absence.empirical.file", absence),
            ("churn.trace", self.trace.as_deref()),
        ];
        let named = |(key, file): (_, Option<_>)| file.map(|file| (key, file));
        files.into_iter().filter_map(named).collect()
    }

    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut add = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        let lives = self.session.is_some() || self.absence.is_some();
        let sources = [self.preset.is_some(), lives, self.trace.is_some()];
        match sources.into_iter().filter(|&given| given).count() {
            0 => add(
                "",
                "no source of lives",
                "give `preset`, or `session` and `absence`, or `trace`",
            ),
            1 => {}
            _ => add(
                "",
                "more than one source of lives",
                "keep one of: `preset`; `session` and `absence`; `trace`",
            ),
        }
        if self.session.is_some() != self.absence.is_some() {
            let (given, missing) = if self.session.is_some() {
                ("session", "absence")
            } else {
                ("absence", "session")
            };
            let help = format!("add `{missing}`");
            add(given, &format!("without `{missing}`"), &help);
        }
        for (key, life) in [("session", &self.session), ("absence", &self.absence)] {
            let law = life.as_ref().and_then(LifeConfig::closed);
            if let Some(wrong) = law.and_then(Lifetime::wrong) {
                let help = "lives need a positive mean of at most a century";
                add(key, wrong, help);
            }
        }
        self.validate_rhythm(add);
    }

    /// The share of time that a churning peer is up; of a trace, the mean over its peers from zero
    /// to its last time.
    ///
    /// # Errors
    /// As [`crate::churn::Churn::build`].
    pub fn availability(&self, files: &Files) -> Result<f64, BuildError> {
        self.check()?;
        if let Some(trace) = self.read_trace(files)? {
            return Ok(trace.availability());
        }
        let (session, absence) = self.lives(files)?;
        Ok(availability(&session, &absence))
    }

    /// The share of all peers that is up on average, those that never leave included.
    ///
    /// # Errors
    /// As [`crate::churn::Churn::build`].
    pub fn online(&self, files: &Files) -> Result<f64, BuildError> {
        Ok(self.availability(files)? * self.share.0 + (1.0 - self.share.0))
    }

    /// How many peers there have to be so that `expected_online` are up on average.
    ///
    /// # Errors
    /// As [`crate::churn::Churn::build`], and if a run cannot hold so many.
    pub fn population_for(&self, expected_online: u32, files: &Files) -> Result<u32, BuildError> {
        let up = self.online(files)?;
        let population = (f64::from(expected_online) / up).round();
        if population > f64::from(PeerId::LIMIT) {
            let message = format!(
                "{expected_online} online of whom each is up {:.1} % of the time are \
                 {population} peers, more than a run can hold",
                up * 100.0
            );
            return Err(BuildError::config("churn", message));
        }
        Ok(population as u32)
    }

    pub(super) fn check(&self) -> Result<(), BuildError> {
        let mut problems = Vec::new();
        self.validate(&mut problems);
        problems
            .into_iter()
            .next()
            .map_or(Ok(()), |(key, message, help)| {
                let key = format!("churn.{key}");
                let key = key.trim_end_matches('.');
                Err(BuildError::config(key, format!("{message}; {help}")))
            })
    }

    pub(super) fn lives(&self, files: &Files) -> Result<(Law, Law), BuildError> {
        if let (Some(session), Some(absence)) = (&self.session, &self.absence) {
            return Ok((
                session.law("session", files)?,
                absence.law("absence", files)?,
            ));
        }
        let preset = self.preset.map(ChurnPreset::lives);
        preset
            .map(|(session, absence)| (Law::Closed(session), Law::Closed(absence)))
            .ok_or_else(|| BuildError::config("churn", "no source of lives"))
    }

    pub(super) fn read_trace(&self, files: &Files) -> Result<Option<Trace>, BuildError> {
        let Some(file) = &self.trace else {
            return Ok(None);
        };
        let text = files.get("churn.trace", file)?;
        Trace::read(text).map(Some).map_err(|e| e.in_file(file))
    }
}
