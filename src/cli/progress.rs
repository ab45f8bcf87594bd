//! How far an experiment is: a bar on a terminal, a line every ten seconds elsewhere.

use super::numbers::speed;
use super::terminal::remark;
use crate::experiment::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

#[expect(
    clippy::disallowed_types,
    reason = "the speed of a run is told by a clock"
)]
type Clock = std::time::Instant;

/// A line this often where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// Counts what is done, and shows it.
pub(super) struct Progress {
    state: Arc<State>,
    bar: Option<ProgressBar>,
    lines: Option<(Sender<()>, JoinHandle<()>)>,
}

struct State {
    total: u64,
    began: Clock,
    done: AtomicU64,
    resumed: AtomicU64,
    events: AtomicU64,
    /// When the last run ended: events are counted then, not while runs are under way.
    last: Mutex<Clock>,
}

impl State {
    /// Events a second until the last run ended.
    fn speed(&self) -> f64 {
        let last = self.last.lock().map_or(self.began, |last| *last);
        let seconds = last.duration_since(self.began).as_secs_f64();
        self.events.load(Ordering::Relaxed) as f64 / seconds.max(1e-3)
    }

    fn line(&self) -> String {
        let done = self.done.load(Ordering::Relaxed);
        let fresh = done - self.resumed.load(Ordering::Relaxed);
        let spent = self.began.elapsed().as_secs_f64();
        let line = format!("{done} of {} runs, {spent:.0} s", self.total);
        if fresh == 0 {
            return line;
        }
        let left = spent / fresh as f64 * (self.total - done) as f64;
        format!("{line}, {}, about {left:.0} s left", speed(self.speed()))
    }
}

impl Progress {
    /// Of so many runs; silent if `quiet`.
    pub(super) fn new(total: usize, quiet: bool) -> Self {
        let began = Clock::now();
        let state = Arc::new(State {
            total: total as u64,
            began,
            done: AtomicU64::new(0),
            resumed: AtomicU64::new(0),
            events: AtomicU64::new(0),
            last: Mutex::new(began),
        });
        let terminal = std::io::stderr().is_terminal();
        let bar = (!quiet && terminal).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(state.total), ProgressDrawTarget::stderr());
            let template = "{bar:24} {pos}/{len} runs  {elapsed}  {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸ "));
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        let lines = (!quiet && !terminal).then(|| {
            let (end, ended) = channel::<()>();
            let state = Arc::clone(&state);
            let thread = std::thread::spawn(move || {
                while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    remark(&state.line());
                }
            });
            (end, thread)
        });
        Self { state, bar, lines }
    }

    /// Takes the bar away, and says what it took: seconds and events.
    pub(super) fn finish(mut self) -> (f64, u64) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if let Some((end, thread)) = self.lines.take() {
            drop(end);
            let _ = thread.join();
        }
        let events = self.state.events.load(Ordering::Relaxed);
        (self.state.began.elapsed().as_secs_f64(), events)
    }
}

impl Watch for Progress {
    fn done(&self, events: u64, resumed: bool) {
        self.state.done.fetch_add(1, Ordering::Relaxed);
        if resumed {
            self.state.resumed.fetch_add(1, Ordering::Relaxed);
        } else {
            self.state.events.fetch_add(events, Ordering::Relaxed);
            if let Ok(mut last) = self.state.last.lock() {
                *last = Clock::now();
            }
        }
        if let Some(bar) = &self.bar {
            bar.inc(1);
            let line = self.state.line();
            let rest = line.split_once(" s, ").map_or("", |(_, rest)| rest);
            bar.set_message(rest.to_owned());
        }
    }
}
