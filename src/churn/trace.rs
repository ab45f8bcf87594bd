//! Traces of sessions.

mod read;

use super::fitted::MeasuredLife;
use crate::time::Instant;

/// The sessions of the peers of a trace: for each, the times it comes and goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trace {
    offsets: Vec<u32>,
    /// Up, down, up, … for each peer, strictly ascending. A last session without end has no down.
    times: Vec<Instant>,
    /// The last time of the trace.
    end: Instant,
}

impl Trace {
    /// Of the times of each peer.
    fn new(peers: Vec<Vec<Instant>>) -> Self {
        let mut offsets = vec![0];
        let mut times = Vec::new();
        for own in peers {
            times.extend(own);
            offsets.push(times.len() as u32);
        }
        let end = times.iter().copied().max().unwrap_or(Instant::ZERO);
        Self {
            offsets,
            times,
            end,
        }
    }

    /// The last time of the trace: afterwards nobody comes or goes.
    pub(super) fn end(&self) -> Instant {
        self.end
    }

    /// How many peers it has.
    pub(super) fn peers(&self) -> u32 {
        (self.offsets.len() - 1) as u32
    }

    fn of(&self, part: u32) -> &[Instant] {
        let part = part as usize;
        &self.times[self.offsets[part] as usize..self.offsets[part + 1] as usize]
    }

    /// Sessions and absences that began in the trace; what was under way at zero did not. What is
    /// under way at its end is cut there.
    pub(super) fn lives(&self) -> [Vec<MeasuredLife>; 2] {
        let mut lives = [Vec::new(), Vec::new()];
        for part in 0..self.peers() {
            let times = self.of(part);
            for (place, &start) in times.iter().enumerate() {
                if start == Instant::ZERO || start == self.end {
                    continue;
                }
                let until = times.get(place + 1);
                lives[place % 2].push(MeasuredLife {
                    seconds: (*until.unwrap_or(&self.end) - start).as_secs_f64(),
                    ended: until.is_some(),
                    limit: (self.end - start).as_secs_f64(),
                });
            }
        }
        lives
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
        let end = self.end;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;
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

    /// In CSV a missing end is a session that lasts, in AVT one that reaches the end of the trace.
    #[test]
    fn both_formats_say_the_same() {
        let csv =
            Trace::read("peer,up_s,down_s\na,0,10\na,20,\nb,5,15\nb,15,40\nc,7,39").expect("fine");
        let avt = Trace::read("# two\na 2 0 10 20 40\nb\t2 5 15 15 40\nc 1 7 39\n").expect("fine");
        assert_eq!(csv.end(), at(40));
        assert_eq!(avt.end(), at(40));
        assert_eq!(avt.next(0, Some(at(20)), true), None);
        assert_eq!(csv.next(0, Some(at(20)), true), None);
        assert_eq!(
            csv.next(2, Some(at(7)), true),
            avt.next(2, Some(at(7)), true)
        );
        // Up 10 + 20, 35 and 32 of 40 s.
        for trace in [csv, avt] {
            assert!((trace.availability() - 97.0 / 120.0).abs() < 1e-12);
        }
        // A host that never comes.
        let avt = Trace::read("a 0\nb 1 0 9\n").expect("fine");
        assert_eq!(
            (avt.peers(), avt.starts_up(0), avt.next(0, None, false)),
            (2, false, None)
        );
    }

    #[test]
    fn lives_under_way_at_the_end_are_cut() {
        let trace = Trace::read("a,0,10\na,20,50\na,70,\nb,5,100\n").expect("fine");
        let [sessions, absences] = trace.lives();
        let plain = |lives: &[MeasuredLife]| -> Vec<(f64, bool, f64)> {
            lives
                .iter()
                .map(|life| (life.seconds, life.ended, life.limit))
                .collect()
        };
        assert_eq!(
            plain(&sessions),
            [(30.0, true, 80.0), (30.0, false, 30.0), (95.0, true, 95.0)]
        );
        assert_eq!(plain(&absences), [(10.0, true, 90.0), (20.0, true, 50.0)]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_trace_or_an_error(text in "(([ab],[0-9]{1,2},[0-9]{0,2}|[ab] 1 [0-9]{1,2} [0-9]{2})\n){0,6}\\PC{0,12}") {
            if let Ok(trace) = Trace::read(&text) {
                for part in 0..trace.peers() {
                    prop_assert!(trace.of(part).windows(2).all(|pair| pair[0] < pair[1]));
                }
                prop_assert!((0.0..=1.0).contains(&trace.availability()));
            }
        }
    }
}
