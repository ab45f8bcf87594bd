//! Traces of sessions.

use crate::input::{Field, TextError, fields, lines};
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;

/// The sessions of the peers of a trace: for each, the times it comes and goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trace {
    offsets: Vec<u32>,
    /// Up, down, up, … for each peer, strictly ascending. A last session without end has no down.
    times: Vec<Instant>,
}

/// The longest time in a trace: ten years.
const LONGEST: f64 = 10.0 * 365.25 * 86_400.0;

impl Trace {
    /// Reads `peer,up_s,down_s` lines; a heading is skipped.
    pub(super) fn read(text: &str) -> Result<Self, TextError> {
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        let mut sessions: Vec<Vec<Instant>> = Vec::new();
        let mut last = 1;
        for (number, (line, content)) in lines(text).enumerate() {
            last = line;
            let fields = fields(content);
            let [peer, up, down] = fields[..] else {
                let message = format!("{} columns; three are `peer,up_s,down_s`", fields.len());
                return Err(TextError::new(line, 1, message));
            };
            if number == 0 && up.1 == "up_s" {
                continue;
            }
            let own = *named.entry(peer.1).or_insert_with(|| {
                sessions.push(Vec::new());
                sessions.len() - 1
            });
            let own = &mut sessions[own];
            if own.len() % 2 == 1 {
                let message = "a session after one without end";
                return Err(TextError::new(line, up.0, message));
            }
            let start = time(line, up)?;
            match own.last() {
                Some(&end) if start < end => {
                    let message = format!("{} is before the end of the last session", up.1);
                    return Err(TextError::new(line, up.0, message));
                }
                // Two sessions without a gap are one.
                Some(&end) if start == end => {
                    own.pop();
                }
                _ => own.push(start),
            }
            if !down.1.is_empty() {
                let end = time(line, down)?;
                if end <= start {
                    let message = format!("down at {}, not after {}", down.1, up.1);
                    return Err(TextError::new(line, down.0, message));
                }
                own.push(end);
            }
        }
        if sessions.is_empty() {
            return Err(TextError::new(last, 1, "no sessions"));
        }
        let mut offsets = vec![0];
        let mut times = Vec::new();
        for own in sessions {
            times.extend(own);
            offsets.push(times.len() as u32);
        }
        Ok(Self { offsets, times })
    }

    /// How many peers it has.
    pub(super) fn peers(&self) -> u32 {
        (self.offsets.len() - 1) as u32
    }

    fn of(&self, part: u32) -> &[Instant] {
        let part = part as usize;
        &self.times[self.offsets[part] as usize..self.offsets[part + 1] as usize]
    }

    /// Sessions and absences, in seconds, that began and ended in the trace. What was under way at
    /// zero did not begin in it.
    pub(super) fn whole_lives(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut sessions, mut absences) = (Vec::new(), Vec::new());
        for part in 0..self.peers() {
            for (place, pair) in self.of(part).windows(2).enumerate() {
                if pair[0] > Instant::ZERO {
                    let lives = if place % 2 == 0 {
                        &mut sessions
                    } else {
                        &mut absences
                    };
                    lives.push((pair[1] - pair[0]).as_secs_f64());
                }
            }
        }
        (sessions, absences)
    }

    /// Whether the peer is up at time zero.
    pub(super) fn starts_up(&self, part: u32) -> bool {
        self.of(part).first() == Some(&Instant::ZERO)
    }

    /// The first change out of `up` later than `now`, or at all.
    pub(super) fn next(&self, part: u32, now: Option<Instant>, up: bool) -> Option<Instant> {
        let times = self.of(part);
        let first = times.partition_point(|&time| now.is_some_and(|now| time <= now));
        // Even places are ups, odd ones downs.
        let wanted = if up {
            first | 1
        } else {
            first.next_multiple_of(2)
        };
        times.get(wanted).copied()
    }

    /// The mean share of time the peers are up, from zero to the last time of the trace.
    pub(super) fn availability(&self) -> f64 {
        let end = self.times.iter().copied().max().unwrap_or(Instant::ZERO);
        let up: u128 = (0..self.peers())
            .flat_map(|part| self.of(part).chunks(2))
            .map(|session| {
                let until = session.get(1).copied().unwrap_or(end);
                u128::from((until - session[0]).as_nanos())
            })
            .sum();
        let whole = u128::from(self.peers()) * u128::from(end.as_nanos());
        if whole == 0 {
            1.0
        } else {
            up as f64 / whole as f64
        }
    }
}

fn time(line: usize, (column, text): Field) -> Result<Instant, TextError> {
    let seconds = text.parse::<f64>().ok();
    let seconds = seconds.filter(|seconds| (0.0..=LONGEST).contains(seconds));
    let time = seconds.map(|seconds| Instant::ZERO + Duration::from_secs_f64(seconds));
    time.ok_or_else(|| {
        let message = format!("`{text}` is not a number of seconds from 0 to ten years");
        TextError::new(line, column, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(secs)
    }

    #[test]
    fn changes_come_in_order() {
        let trace =
            Trace::read("peer,up_s,down_s\na,0,10\nb,5,\na,20,30\na,30,40\n").expect("fine");
        assert_eq!(trace.peers(), 2);
        assert!(trace.starts_up(0) && !trace.starts_up(1));
        assert_eq!(trace.next(0, None, true), Some(at(10)));
        assert_eq!(trace.next(0, Some(at(10)), false), Some(at(20)));
        assert_eq!(trace.next(0, Some(at(20)), true), Some(at(40)));
        assert_eq!(trace.next(0, Some(at(40)), false), None);
        assert_eq!(trace.next(1, None, false), Some(at(5)));
        assert_eq!(trace.next(1, Some(at(5)), true), None);
        // Up 30 of 40 s, and 35 of 40.
        assert!((trace.availability() - 65.0 / 80.0).abs() < 1e-12);
    }

    #[test]
    fn a_fault_out_of_step_finds_its_way_back() {
        let trace = Trace::read("a,0,10\na,20,30\n").expect("fine");
        // Brought up at 5 s by the end of a fault, and down at 25 s by another.
        assert_eq!(trace.next(0, Some(at(5)), true), Some(at(10)));
        assert_eq!(trace.next(0, Some(at(15)), true), Some(at(30)));
        assert_eq!(trace.next(0, Some(at(5)), false), Some(at(20)));
        assert_eq!(trace.next(0, Some(at(25)), false), None);
    }

    #[test]
    fn errors_name_line_and_column() {
        let error = |text| {
            let error = Trace::read(text).expect_err("an error");
            (error.line, error.column, error.message)
        };
        assert_eq!(error("a,0,10\na,9,12").0, 2);
        assert!(error("a,0,10\na,9,12").2.contains("before the end"));
        assert_eq!((error("a,0,x").0, error("a,0,x").1), (1, 5));
        assert!(error("a,5,5").2.contains("not after"));
        assert!(error("a,5").2.contains("2 columns"));
        assert!(error("a,5,\na,6,7").2.contains("without end"));
        assert!(error("peer,up_s,down_s\n").2.contains("no sessions"));
        assert!(error("a,-1,7").2.contains("not a number of seconds"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_trace_or_an_error(text in "([ab],[0-9]{1,2},[0-9]{0,2}\n){0,6}\\PC{0,12}") {
            if let Ok(trace) = Trace::read(&text) {
                for part in 0..trace.peers() {
                    prop_assert!(trace.of(part).windows(2).all(|pair| pair[0] < pair[1]));
                }
                prop_assert!((0.0..=1.0).contains(&trace.availability()));
            }
        }
    }
}
