//! Access links: what a peer's uplink and downlink do to messages. Pure; knows no events.
//!
//! A message is *cut through*: over an idle path it is delivered after latency + bytes / min(up,
//! down). Messages of at most [`SMALL`] bytes have a lane of their own and do not wait behind bulk,
//! whose service they delay by their own time. Bulk shares the uplink among connections equally, as
//! round-robin in small quanta would, computed by virtual time ([`Uplink`]; Demers, Keshav & Shenker,
//! "Analysis and Simulation of a Fair Queueing Algorithm", SIGCOMM 1989): one event per finished
//! message. The downlink serves in order of arrival; the bytes of a message trickle in from the
//! moment its sender starts, so a slow uplink does not block a fast downlink.

use crate::network::Pace;
use std::collections::VecDeque;

/// Messages up to this size, one Ethernet frame, do not wait behind bulk.
pub(crate) const SMALL: u64 = 1500;

/// Steps of the scale on which [`stretch`] tells how much longer than alone a transfer took: 64 to
/// the factor of two, 0.5 % rounding; step 0 is exactly "alone".
const STEPS_PER_OCTAVE: u32 = 64;

/// The busy times of one peer's access link. All in nanoseconds.
#[derive(Debug)]
pub(crate) struct LinkState<T> {
    /// Small messages keep the uplink busy until then.
    up_small: u64,
    down_small: u64,
    down_bulk: u64,
    bulk: Option<Box<Uplink<T>>>,
}

impl<T> Default for LinkState<T> {
    fn default() -> Self {
        Self {
            up_small: 0,
            down_small: 0,
            down_bulk: 0,
            bulk: None,
        }
    }
}

impl<T> LinkState<T> {
    /// Whether `flow` has bulk waiting, so that what follows on it must queue as well.
    fn is_flow_busy(&self, flow: u64) -> bool {
        self.bulk
            .as_ref()
            .is_some_and(|bulk| bulk.flows.iter().any(|f| f.id == flow))
    }

    /// Whether a message of this size on this flow goes through the shared lane.
    pub(crate) fn is_bulk(&self, bytes: u64, flow: u64, fifo: bool) -> bool {
        !fifo && (bytes > SMALL || self.is_flow_busy(flow))
    }

    /// A small message (or any, with first-in first-out) leaves; when its last byte is out.
    pub(crate) fn send_small(&mut self, now: u64, pace: Pace<'_>, line: u64) -> u64 {
        self.up_small = pace.end(self.up_small.max(now), line);
        if let Some(bulk) = &mut self.bulk {
            bulk.hold(now, pace, line);
        }
        self.up_small
    }

    /// A bulk message that takes `line` alone joins its flow. Returns when the uplink must next be
    /// looked at, with the generation that names this look.
    pub(crate) fn send_bulk(
        &mut self,
        now: u64,
        pace: Pace<'_>,
        flow: u64,
        line: u64,
        item: T,
    ) -> (u64, u32) {
        let bulk = self.bulk.get_or_insert_with(|| Box::new(Uplink::new(now)));
        bulk.push(now, pace, flow, line, item);
        bulk.next_look(now, pace)
    }

    /// The bulk that is through at `now`, each with its [`stretch`], and the next look. Nothing if
    /// the look is out of date. `arrival` tells when an item arrives, given when the one before it
    /// on its flow does.
    pub(crate) fn finished(
        &mut self,
        now: u64,
        pace: Pace<'_>,
        generation: u32,
        arrival: impl FnMut(&mut T, u64) -> u64,
    ) -> Finished<T> {
        let Some(bulk) = self
            .bulk
            .as_mut()
            .filter(|bulk| bulk.generation == generation)
        else {
            return Finished {
                through: Vec::new(),
                next: None,
            };
        };
        let through = bulk.pop(now, pace, arrival);
        let next = (!bulk.flows.is_empty()).then(|| bulk.next_look(now, pace));
        Finished { through, next }
    }

    /// A small message whose last byte arrives now, which would take `line_up` on the sender's
    /// uplink and `line_down` here: when it is delivered.
    pub(crate) fn receive_small(
        &mut self,
        now: u64,
        pace: Pace<'_>,
        line_up: u64,
        line_down: u64,
    ) -> u64 {
        let begin = self.down_small.max(now.saturating_sub(line_up));
        let done = now.max(pace.end(begin, line_down));
        self.down_small = done;
        if self.down_bulk > now {
            self.down_bulk = pace.end(self.down_bulk, line_down);
        }
        done
    }

    /// The same for bulk, whose bytes came in over `took`.
    pub(crate) fn receive_bulk(
        &mut self,
        now: u64,
        pace: Pace<'_>,
        took: u64,
        line_down: u64,
    ) -> u64 {
        let begin = self.down_bulk.max(now.saturating_sub(took));
        let done = now.max(pace.end(begin, line_down));
        self.down_bulk = done;
        done
    }

    /// The peer is gone, and with it what it had not sent yet.
    pub(crate) fn clear(&mut self) {
        if let Some(bulk) = &mut self.bulk {
            bulk.flows.clear();
            // A look that is still planned must not be taken for one of the next life.
            bulk.generation = bulk.generation.wrapping_add(1);
        }
        (self.up_small, self.down_small, self.down_bulk) = (0, 0, 0);
    }

    /// Reads the line ahead of its use.
    #[inline]
    pub(crate) fn touch(&self) -> u64 {
        self.down_small
    }
}

/// What [`LinkState::finished`] tells.
pub(crate) struct Finished<T> {
    pub(crate) through: Vec<(u32, T)>,
    pub(crate) next: Option<(u64, u32)>,
}

/// Bulk on one uplink: processor sharing among flows, first-in first-out within a flow.
#[derive(Debug)]
pub(crate) struct Uplink<T> {
    flows: Vec<Flow<T>>,
    /// Service each busy flow has received, in nanoseconds of the whole line times 2^16.
    served: u128,
    /// Real time up to which `served` is computed.
    since: u64,
    generation: u32,
}

#[derive(Debug)]
struct Flow<T> {
    id: u64,
    /// Value of `served` at which the head is through.
    head_through: u128,
    head_line: u64,
    head_from: u64,
    /// When the last item that is through arrives.
    last: u64,
    items: VecDeque<(u64, T)>,
}

const FRACTION: u32 = 16;

impl<T> Uplink<T> {
    fn new(now: u64) -> Self {
        Self {
            flows: Vec::new(),
            served: 0,
            since: now,
            generation: 0,
        }
    }

    /// Brings `served` up to `now`.
    fn serve(&mut self, now: u64, pace: Pace<'_>) {
        if now > self.since {
            if !self.flows.is_empty() {
                let work = pace.work(self.since, now);
                self.served += (u128::from(work) << FRACTION) / self.flows.len() as u128;
            }
            self.since = now;
        }
    }

    /// The line is somebody else's for as long as `line` takes.
    fn hold(&mut self, now: u64, pace: Pace<'_>, line: u64) {
        self.serve(now, pace);
        self.since = pace.end(self.since.max(now), line);
    }

    fn push(&mut self, now: u64, pace: Pace<'_>, id: u64, line: u64, item: T) {
        self.serve(now, pace);
        if let Some(flow) = self.flows.iter_mut().find(|flow| flow.id == id) {
            flow.items.push_back((line, item));
            return;
        }
        let head_through = self.served + (u128::from(line) << FRACTION);
        let items = VecDeque::from([(line, item)]);
        self.flows.push(Flow {
            id,
            head_through,
            head_line: line,
            head_from: now,
            last: 0,
            items,
        });
    }

    /// When the first head will be through, if nothing changes.
    fn next_look(&mut self, now: u64, pace: Pace<'_>) -> (u64, u32) {
        self.generation = self.generation.wrapping_add(1);
        let first = self
            .flows
            .iter()
            .map(|flow| flow.head_through)
            .min()
            .unwrap_or(self.served);
        let left = first.saturating_sub(self.served) * self.flows.len() as u128;
        let nanos = left.div_ceil(1 << FRACTION) as u64;
        (pace.end(self.since, nanos).max(now), self.generation)
    }

    fn pop(
        &mut self,
        now: u64,
        pace: Pace<'_>,
        mut arrival: impl FnMut(&mut T, u64) -> u64,
    ) -> Vec<(u32, T)> {
        self.serve(now, pace);
        // Rounding leaves less than a nanosecond of service undone.
        let through = self.served + (1 << FRACTION);
        let mut done = Vec::new();
        // A small message may have held the line since this look was planned.
        if self.since > now {
            return done;
        }
        for flow in &mut self.flows {
            while flow.head_through <= through {
                let Some((_, mut item)) = flow.items.pop_front() else {
                    break;
                };
                flow.last = arrival(&mut item, flow.last);
                done.push((stretch(now - flow.head_from, flow.head_line), item));
                let Some(&(line, _)) = flow.items.front() else {
                    break;
                };
                flow.head_through =
                    flow.head_through.max(self.served) + (u128::from(line) << FRACTION);
                flow.head_line = line;
                flow.head_from = now;
            }
        }
        self.flows.retain(|flow| !flow.items.is_empty());
        done
    }
}

/// On the logarithmic scale: how much longer than `line` a transfer took.
fn stretch(took: u64, line: u64) -> u32 {
    if took <= line || line == 0 {
        return 0;
    }
    let mut step = 0;
    while step < 1023 && u128::from(unstretch(step + 1, line)) <= u128::from(took) {
        step += 1;
    }
    step
}

/// How long a transfer took that takes `line` alone and was stretched by `step`.
pub(crate) fn unstretch(step: u32, line: u64) -> u64 {
    // 2^(i/64) in 32-bit fixed point, by repeated square roots in whole numbers.
    let octaves = step / STEPS_PER_OCTAVE;
    let mut factor: u128 = 1 << 32;
    let mut root: u128 = 1 << 33;
    for bit in (0..6).rev() {
        root = (root << 32).isqrt();
        if (step % STEPS_PER_OCTAVE) >> bit & 1 == 1 {
            factor = (factor * root) >> 32;
        }
    }
    u64::try_from(((u128::from(line) * factor) >> 32) << octaves).unwrap_or(u64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: Pace<'_> = Pace::EVEN;

    /// Runs all bulk through and returns (time, item) pairs.
    fn drain(link: &mut LinkState<char>, mut look: (u64, u32)) -> Vec<(u64, char)> {
        let mut out = Vec::new();
        loop {
            let finished = link.finished(look.0, EVEN, look.1, |_, last| last);
            out.extend(finished.through.into_iter().map(|(_, item)| (look.0, item)));
            match finished.next {
                Some(next) => look = next,
                None => return out,
            }
        }
    }

    #[test]
    fn one_transfer_takes_its_line_time_exactly() {
        let mut link = LinkState::default();
        let look = link.send_bulk(5, EVEN, 1, 1_000_003, 'a');
        assert_eq!(drain(&mut link, look), [(1_000_008, 'a')]);
    }

    #[test]
    fn equal_transfers_share_and_end_together() {
        let mut link = LinkState::default();
        link.send_bulk(0, EVEN, 1, 1000, 'a');
        link.send_bulk(0, EVEN, 2, 1000, 'b');
        let look = link.send_bulk(0, EVEN, 3, 1000, 'c');
        assert_eq!(
            drain(&mut link, look),
            [(3000, 'a'), (3000, 'b'), (3000, 'c')]
        );
    }

    #[test]
    fn a_short_one_overtakes_a_long_one_on_another_flow() {
        let mut link = LinkState::default();
        link.send_bulk(0, EVEN, 1, 1000, 'l');
        // At 500 half of it is out; then both run at half speed: 100 needs 200, and the line is
        // never idle, so the long one ends at 1100.
        let look = link.send_bulk(500, EVEN, 2, 100, 's');
        assert_eq!(drain(&mut link, look), [(700, 's'), (1100, 'l')]);
    }

    #[test]
    fn one_flow_is_first_in_first_out() {
        let mut link = LinkState::default();
        link.send_bulk(0, EVEN, 1, 1000, 'a');
        let look = link.send_bulk(0, EVEN, 1, 10, 'b');
        assert_eq!(drain(&mut link, look), [(1000, 'a'), (1010, 'b')]);
    }

    #[test]
    fn small_messages_do_not_wait_but_bulk_pays_for_them() {
        let mut link = LinkState::default();
        let look = link.send_bulk(0, EVEN, 1, 1000, 'a');
        assert_eq!(link.send_small(500, EVEN, 50), 550);
        assert_eq!(drain(&mut link, look), [(1050, 'a')]);
    }

    #[test]
    fn the_path_is_cut_through() {
        let mut down = LinkState::<char>::default();
        // Slow uplink (1000), fast downlink (100): nothing is added.
        assert_eq!(down.receive_bulk(1000, EVEN, 1000, 100), 1000);
        // Fast uplink (100), slow downlink (1000): from the first byte at 4900.
        assert_eq!(down.receive_bulk(5000, EVEN, 100, 1000), 5900);
        // A second one that arrives meanwhile queues.
        assert_eq!(down.receive_bulk(5100, EVEN, 100, 1000), 6900);
    }

    #[test]
    fn stretch_is_exact_alone_and_close_otherwise() {
        assert_eq!(stretch(1000, 1000), 0);
        assert_eq!(unstretch(0, 12_345_678), 12_345_678);
        assert_eq!(unstretch(64, 1000), 2000);
        for factor in [2u64, 3, 7, 50, 1000] {
            let line = 1_000_000;
            let back = unstretch(stretch(line * factor, line), line);
            let error = back.abs_diff(line * factor) as f64 / (line * factor) as f64;
            assert!(error < 0.012, "factor {factor}: {back}");
        }
    }
}
