//! [`Stopwatch`]: the one place in this room that reads a real clock.

#[expect(
    clippy::disallowed_types,
    reason = "a benchmark measures real time; nothing simulated ever sees it"
)]
type Wall = std::time::Instant;

/// Real time and processor time since its start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    wall: Wall,
    cpu: Option<u64>,
}

impl Stopwatch {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self {
            wall: Wall::now(),
            cpu: thread_nanos(),
        }
    }

    /// Real seconds since the start.
    pub(super) fn wall(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    /// Seconds this thread has been on a processor since the start, where the system tells (Linux);
    /// else real seconds. What other programs run meanwhile is not in it, though their use of the
    /// memory is.
    pub(super) fn cpu(&self) -> f64 {
        let spent = thread_nanos().zip(self.cpu);
        spent.map_or_else(
            || self.wall(),
            |(now, then)| now.saturating_sub(then) as f64 / 1e9,
        )
    }
}

/// Nanoseconds this thread has run so far, as Linux counts them (to a few milliseconds).
fn thread_nanos() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Bytes of memory the process holds at present, where the system tells (Linux).
pub(super) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
