//! The files of traces: CSV and AVT.

use super::Trace;
use crate::input::{Field, TextError, fields, lines};
use crate::time::{Duration, Instant};
use std::collections::{BTreeMap, BTreeSet};

/// The longest time in a trace: ten years.
const LONGEST: f64 = 10.0 * 365.25 * 86_400.0;

impl Trace {
    /// Reads a trace: one with commas in its first line is CSV, `peer,up_s,down_s`; any other AVT,
    /// `host intervals start end start end …`. Times are seconds since the start of the trace. `#`
    /// begins a comment.
    pub(in crate::churn) fn read(text: &str) -> Result<Self, TextError> {
        let Some((_, first)) = lines(text).next() else {
            return Err(TextError::new(1, 1, "no sessions"));
        };
        if first.contains(',') {
            csv(text)
        } else {
            avt(text)
        }
    }
}

/// `peer,up_s,down_s`, each peer's in order of time; a heading is skipped. A session without a
/// `down_s` lasts.
fn csv(text: &str) -> Result<Trace, TextError> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut peers: Vec<Vec<Instant>> = Vec::new();
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
        if peer.1.is_empty() {
            return Err(TextError::new(line, peer.0, "a peer without a name"));
        }
        let own = *named.entry(peer.1).or_insert_with(|| {
            peers.push(Vec::new());
            peers.len() - 1
        });
        let own = &mut peers[own];
        if own.len() % 2 == 1 {
            let message = "a session after one without end";
            return Err(TextError::new(line, up.0, message));
        }
        begin(own, line, up)?;
        if !down.1.is_empty() {
            end(own, line, up, down)?;
        }
    }
    if peers.is_empty() {
        return Err(TextError::new(last, 1, "no sessions"));
    }
    Ok(Trace::new(peers))
}

/// The format of the availability traces of Godfrey, Shenker & Stoica (SIGCOMM 2006): a line for
/// each host with its name, the number of its intervals, and the start and end of each in order of
/// time. Who is up at the last time of the trace was still up when the measurement ended, and stays.
fn avt(text: &str) -> Result<Trace, TextError> {
    let mut hosts = BTreeSet::new();
    let mut peers: Vec<Vec<Instant>> = Vec::new();
    for (line, content) in lines(text) {
        let fields = fields(content);
        let host = fields[0];
        if !hosts.insert(host.1) {
            let message = format!("host `{}` a second time", host.1);
            return Err(TextError::new(line, host.0, message));
        }
        let Some(&count) = fields.get(1) else {
            let message = "no number of intervals after the host";
            return Err(TextError::new(line, host.0, message));
        };
        let Ok(intervals) = count.1.parse::<u32>() else {
            let message = format!("`{}` is not a number of intervals", count.1);
            return Err(TextError::new(line, count.0, message));
        };
        let times = &fields[2..];
        if times.len() as u64 != 2 * u64::from(intervals) {
            let message = format!(
                "{} times after `{}`, which asks for {}",
                times.len(),
                count.1,
                2 * u64::from(intervals)
            );
            return Err(TextError::new(line, count.0, message));
        }
        let mut own = Vec::with_capacity(times.len());
        for pair in times.chunks_exact(2) {
            begin(&mut own, line, pair[0])?;
            end(&mut own, line, pair[0], pair[1])?;
        }
        peers.push(own);
    }
    let Some(last) = peers.iter().flatten().max().copied() else {
        return Err(TextError::new(1, 1, "no sessions"));
    };
    for own in &mut peers {
        if own.last() == Some(&last) {
            own.pop();
        }
    }
    Ok(Trace {
        end: last,
        ..Trace::new(peers)
    })
}

/// A session begins.
fn begin(own: &mut Vec<Instant>, line: usize, up: Field<'_>) -> Result<(), TextError> {
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
    Ok(())
}

/// The session that began at `up` ends.
fn end(
    own: &mut Vec<Instant>,
    line: usize,
    up: Field<'_>,
    down: Field<'_>,
) -> Result<(), TextError> {
    let end = time(line, down)?;
    if end <= time(line, up)? {
        let message = format!("down at {}, not after {}", down.1, up.1);
        return Err(TextError::new(line, down.0, message));
    }
    own.push(end);
    Ok(())
}

fn time(line: usize, (column, text): Field<'_>) -> Result<Instant, TextError> {
    let seconds = text.parse::<f64>().ok();
    let seconds = seconds.filter(|seconds| (0.0..=LONGEST).contains(seconds));
    let time = seconds.map(|seconds| Instant::ZERO + Duration::from_secs_f64(seconds));
    time.ok_or_else(|| {
        let message = format!(
            "`{text}` is not a number of seconds since the start of the trace, up to ten years"
        );
        TextError::new(line, column, message)
    })
}
