//! What makes many peers come at about the same time: the time of day, and flash crowds.

use crate::math::sin;
use crate::peer::{PeerId, Population};
use crate::quantity::Share;
use crate::random::{Draw, Purpose, Streams};
use crate::time::{Duration, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// `diurnal = { period, amplitude, peak }`: absent peers come back at a rate that goes up and down with
/// the time of day, 1 + amplitude x cos(2 pi (t - peak) / period) times the usual. Sessions are as
/// long as ever. How many are online lags behind the rate, by up to a quarter of the period if sessions
/// are long. The start is that of the mean rate: the rhythm needs some mean lives to set in.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DiurnalConfig {
    /// From one peak to the next. Default `24 h`.
    #[serde(default = "day")]
    pub period: Duration,
    /// By how much the rate rises and falls: at 100 % nobody comes at the lowest.
    pub amplitude: Share,
    /// The time of the highest rate, since the start of the run. Default 0 s.
    #[serde(default)]
    pub peak: Duration,
}

/// `[[churn.flash_crowd]]`: at a time, a share of those who are absent decides to come.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FlashCrowd {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// They come within so long, evenly spread.
    pub within: Duration,
    /// The share of those who are absent then, unless they come sooner anyway.
    pub share: Share,
}

const fn day() -> Duration {
    Duration::from_hours(24)
}

/// Lengthens and shortens absences.
#[derive(Clone, Default, Debug)]
pub(super) struct Rhythm {
    diurnal: Option<DiurnalConfig>,
    /// In order of time.
    crowds: Vec<Crowd>,
}

/// When a flash crowd begins, and when each peer would come.
#[derive(Clone, Debug)]
struct Crowd {
    at: Instant,
    /// [`Instant::MAX`] for those who would not.
    calls: Vec<Instant>,
}

impl DiurnalConfig {
    /// How much waiting is over at `t` seconds: the integral of the rate, but for a constant.
    fn waited(self, t: f64) -> f64 {
        let period = self.period.as_secs_f64();
        let turn = 2.0 * PI * (t - self.peak.as_secs_f64()) / period;
        t + self.swing() * sin(turn)
    }

    /// How far the integral is from the time, at most.
    fn swing(self) -> f64 {
        self.amplitude.0 * self.period.as_secs_f64() / (2.0 * PI)
    }

    /// How long an absence from `now` on is that would take `usual` at the mean rate: until the
    /// integral of the rate has grown by so much. Bisected to a nanosecond or the last bit.
    fn absence(self, now: Instant, usual: Duration) -> Duration {
        let from = (now - Instant::ZERO).as_secs_f64();
        let usual = usual.as_secs_f64();
        let goal = self.waited(from) + usual;
        let (mut low, mut high) = (
            (usual - 2.0 * self.swing()).max(0.0),
            usual + 2.0 * self.swing(),
        );
        while high - low > 1e-9 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.waited(from + middle) < goal {
                low = middle;
            } else {
                high = middle;
            }
        }
        Duration::from_secs_f64(high)
    }
}

impl Rhythm {
    /// Who would follow each flash crowd is drawn class by class.
    pub(super) fn new(
        diurnal: Option<DiurnalConfig>,
        crowds: &[FlashCrowd],
        population: &Population,
        streams: &Streams,
    ) -> Self {
        let drawn = |(number, crowd): (usize, &FlashCrowd)| {
            let at = Instant::ZERO.saturating_add(crowd.at);
            let mut calls = vec![Instant::MAX; population.len() as usize];
            let mut first = 0;
            for (class, peers) in population.classes().iter().enumerate() {
                let key = 1 << 42 | (number as u64) << 20 | class as u64;
                let mut rng = streams.chacha(Purpose::Churn, key);
                let count = (crowd.share.0 * f64::from(peers.count)).round() as usize;
                for index in rng.sample_indices(peers.count as usize, count) {
                    let later = if crowd.within.is_zero() {
                        Duration::ZERO
                    } else {
                        rng.between(Duration::ZERO, crowd.within)
                    };
                    calls[first + index] = at.saturating_add(later);
                }
                first += peers.count as usize;
            }
            Crowd { at, calls }
        };
        let mut crowds: Vec<Crowd> = crowds.iter().enumerate().map(drawn).collect();
        crowds.sort_by_key(|crowd| crowd.at);
        Self { diurnal, crowds }
    }

    /// When an absence of `peer` from `now` on ends that would usually take so long; nothing if that
    /// is beyond time.
    pub(super) fn end(&self, peer: PeerId, now: Instant, usual: Duration) -> Option<Instant> {
        let long = match self.diurnal {
            Some(diurnal) => diurnal.absence(now, usual),
            None => usual,
        };
        let mut end = now.saturating_add(long.max(Duration::from_nanos(1)));
        for crowd in &self.crowds {
            if now <= crowd.at && crowd.at < end {
                let soonest = now.saturating_add(Duration::from_nanos(1));
                end = end.min(crowd.calls[peer.index()].max(soonest));
            }
        }
        (end < Instant::MAX).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(secs)
    }

    fn diurnal(amplitude: f64) -> DiurnalConfig {
        DiurnalConfig {
            period: day(),
            amplitude: Share(amplitude),
            peak: Duration::from_hours(6),
        }
    }

    /// Over whole periods the mean rate is 1; around the peak of a full amplitude it is near 2, and
    /// the trough is waited out.
    #[test]
    fn waiting_follows_the_rate() {
        let full = diurnal(1.0);
        let secs = |from, usual| {
            let usual = Duration::from_secs(usual);
            full.absence(at(from), usual).as_secs_f64()
        };
        assert!((secs(5000, 24 * HOUR) - 86_400.0).abs() < 1e-6);
        assert!((secs(6 * HOUR - 60, 240) - 120.0).abs() < 0.01);
        // From the trough at 18 h: t - sin(t / P 2 pi) P / 2 pi, which is 1/6 (2 pi / P)^2 t^3 for
        // small t.
        let turn: f64 = 2.0 * PI / 86_400.0;
        let t = secs(18 * HOUR, 10);
        assert!(
            (turn * turn * t * t * t / 6.0 / 10.0 - 1.0).abs() < 0.01,
            "{t}"
        );
        let none = diurnal(0.0).absence(at(77), Duration::from_secs(123));
        assert!((none.as_secs_f64() - 123.0).abs() < 1e-8);
    }

    #[test]
    fn a_crowd_calls_those_who_are_absent() {
        let crowd = FlashCrowd {
            at: Duration::from_secs(100),
            within: Duration::from_secs(10),
            share: Share(0.3),
        };
        let population = Population::uniform(1000);
        let rhythm = Rhythm::new(None, &[crowd], &population, &Streams::new(3));
        let end = |peer, from, usual| {
            let usual = Duration::from_secs(usual);
            rhythm.end(PeerId(peer), at(from), usual).expect("in time")
        };
        // Who is absent from 50 to 500 s comes with the crowd, if called.
        let called = (0..1000).filter(|&peer| {
            let end = end(peer, 50, 450);
            assert!(
                end == at(500) || (at(100)..at(110)).contains(&end),
                "{end:?}"
            );
            end < at(500)
        });
        assert_eq!(called.count(), 300);
        for peer in 0..1000 {
            // Back before it, gone after it, or back sooner than called.
            assert_eq!(end(peer, 50, 49), at(99));
            assert_eq!(end(peer, 101, 99), at(200));
            assert!(end(peer, 50, 55) <= at(105));
        }
    }
}
