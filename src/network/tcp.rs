//! TCP as a cost: slow start and a window, as delay on top of what the links take. Pure.
//!
//! A connection's sender has a congestion window: what it may have under way per round trip. It
//! starts at ten segments (RFC 6928), doubles with every round trip whose window was used up (slow
//! start, RFC 5681; every segment acknowledged), and is capped by the receiver's window and, with
//! loss, by what congestion avoidance keeps up on average (Mathis, Semke, Mahdavi & Ott, "The
//! macroscopic behavior of the TCP congestion avoidance algorithm", CCR 1997: `MSS sqrt(3/2 / p)`).
//! After an idle time the window is back at its start (RFC 5681, section 4.1). A message stalls for
//! as long as its sender waits for acknowledgements while the line is idle; on a fresh connection that
//! is the classical latency of slow start (Kurose & Ross, "Computer Networking", section 3.7 of the
//! older editions; Cardwell, Savage & Anderson, "Modeling TCP latency", INFOCOM 2000).
//!
//! A lost segment never drops a message. It costs a round trip where three later segments tell of it
//! (fast retransmit, RFC 5681), and a retransmission time-out at the tail of a message (RFC 6298 with
//! the minimum of Linux, 200 ms). At most one such delay a message.
//!
//! Simplified: the window is per message sent, not per segment under way, so concurrent losses, delayed
//! acknowledgements and the sawtooth are averages; where several connections share an uplink, a stall
//! overlaps with nothing of the others' service, so transfers over a contended line are a little slow.

use crate::math::ln;
use crate::network::config::{Problem, problem};
use crate::quantity::Bytes;
use crate::random::hash::{finish, unit_f64};
use crate::time::{Duration, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Payload of a segment: Ethernet's 1500 bytes without the headers of IPv4 and TCP.
pub const SEGMENT: u64 = 1460;
/// The retransmission time-out is at least this: Linux' `TCP_RTO_MIN`.
const RTO_MIN: Duration = Duration::from_millis(200);
/// How long a sender waits for the answer to its first segment (RFC 6298, section 2.1); doubles with
/// every attempt.
const FIRST_RTO: Duration = Duration::from_secs(1);

/// `[transport.tcp]`: slow start from an initial window, a largest window, and loss as delay.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TcpConfig {
    /// The window a connection starts with, in segments of 1460 bytes. Default 10 (RFC 6928).
    #[schemars(range(min = 1, max = 1000))]
    #[serde(default = "ten")]
    pub initial_window: u32,
    /// The largest window: what the receiver's buffer takes, which caps a connection at window /
    /// round trip. Default 3 MiB: half of Linux' largest receive buffer (`tcp_rmem`, 6 MiB, of which
    /// half is window).
    #[serde(default = "three_mebibytes")]
    pub largest_window: Bytes,
    /// Whether a connection starts again from the initial window after it was idle for a
    /// retransmission time-out (RFC 5681, section 4.1; Linux' `tcp_slow_start_after_idle`). Default
    /// true.
    #[serde(default = "yes")]
    pub idle_restart: bool,
}

fn ten() -> u32 {
    10
}
fn three_mebibytes() -> Bytes {
    Bytes(3 << 20)
}
fn yes() -> bool {
    true
}

impl Default for TcpConfig {
    fn default() -> Self {
        Self {
            initial_window: ten(),
            largest_window: three_mebibytes(),
            idle_restart: yes(),
        }
    }
}

impl TcpConfig {
    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        let first = u64::from(self.initial_window) * SEGMENT;
        if self.largest_window.0 < first {
            let message = format!("{} are less than the initial window", self.largest_window);
            let help = format!("at least {} segments: {first} B", self.initial_window);
            problem(problems, "tcp.largest_window", &message, &help);
        }
        if self.largest_window.0 > u64::from(u32::MAX) {
            let help = "TCP's window scale ends at 1 GiB (RFC 7323)";
            problem(problems, "tcp.largest_window", "too large a window", help);
        }
    }

    /// A few words for results.
    pub fn about(&self) -> String {
        format!(
            "TCP from {} segments up to {}",
            self.initial_window, self.largest_window
        )
    }
}

/// The model of one run.
#[derive(Clone, Copy, Debug)]
pub struct Tcp {
    first: u32,
    largest: u32,
    idle_restart: bool,
}

/// The sender's side of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Flight {
    /// When the round trip under way began; may be ahead of now while a message waits for it.
    round: u64,
    /// The congestion window, in bytes; zero on a connection that has sent nothing.
    window: u32,
    /// What of it is used in this round.
    used: u32,
}

impl Flight {
    /// Reads the lines of a peer's ahead of their use, if they are few.
    #[inline]
    pub fn touch(flights: &[Self]) -> u32 {
        const FEW: usize = 16;
        const PER_LINE: usize = 64 / size_of::<Flight>();
        let few = flights.len().min(FEW);
        let lines = flights[..few].iter().step_by(PER_LINE);
        lines.fold(0, |seen, flight| seen ^ flight.window)
    }
}

/// The path of a message.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// There and back without anything on the way.
    pub round_trip: Duration,
    /// What a segment of [`SEGMENT`] bytes takes on the slowest link; zero where bandwidth is
    /// unlimited.
    pub segment_time: Duration,
    /// The share of segments that is lost.
    pub loss: f64,
}

impl Path {
    /// What `bytes` take on the slowest link.
    fn line(self, bytes: u64) -> u64 {
        let wide = u128::from(bytes) * u128::from(self.segment_time.as_nanos());
        u64::try_from(wide / u128::from(SEGMENT)).unwrap_or(u64::MAX / 4)
    }
}

impl Tcp {
    /// The model of a valid configuration.
    pub fn new(config: &TcpConfig) -> Self {
        Self {
            first: config.initial_window.saturating_mul(SEGMENT as u32),
            largest: u32::try_from(config.largest_window.0).unwrap_or(u32::MAX),
            idle_restart: config.idle_restart,
        }
    }

    /// The largest window that lasts on a path.
    fn largest_on(&self, path: Path) -> u32 {
        if path.loss <= 0.0 {
            return self.largest;
        }
        let kept_up = SEGMENT as f64 * (1.5 / path.loss).sqrt();
        self.largest.min(kept_up.max(SEGMENT as f64) as u32)
    }

    /// A message of `bytes` is handed to the connection now: how long its last byte stands still on
    /// top of what the links take.
    #[inline]
    pub fn send(&self, flight: &mut Flight, now: Instant, bytes: u64, path: Path) -> Duration {
        let now = now.as_nanos();
        let round_trip = path.round_trip.as_nanos();
        let largest = self.largest_on(path);
        if flight.window > largest {
            // The path has become worse.
            flight.window = largest;
            flight.used = flight.used.min(largest);
        }
        if flight.window == 0 {
            flight.window = self.first.min(largest);
            (flight.round, flight.used) = (now, 0);
        } else if now >= flight.round + round_trip {
            let idle = (2 * round_trip).max(RTO_MIN.as_nanos());
            if self.idle_restart && now - flight.round > idle {
                flight.window = flight.window.min(self.first);
            }
            (flight.round, flight.used) = (now, 0);
        }
        if bytes <= u64::from(flight.window - flight.used) {
            flight.used += bytes as u32;
            return Duration::from_nanos(flight.round.saturating_sub(now));
        }
        send_in_rounds(flight, now, bytes, path, largest)
    }
}

/// [`Tcp::send`] of what does not fit into the window, which grows up to `largest`.
fn send_in_rounds(flight: &mut Flight, now: u64, bytes: u64, path: Path, largest: u32) -> Duration {
    // The first acknowledgement of a round comes a segment and a round trip after its start.
    let answer = path.round_trip.as_nanos() + path.segment_time.as_nanos();
    let mut left = bytes;
    // When the sender is free to go on, had it the line for itself.
    let mut clock = flight.round.max(now);
    loop {
        let room = u64::from(flight.window - flight.used);
        let sent = room.min(left);
        left -= sent;
        clock += path.line(sent);
        flight.used += sent as u32;
        if left == 0 {
            break;
        }
        if path.line(flight.window.into()) >= answer {
            // Acknowledgements come before the window is used up: the line is never idle.
            clock += path.line(left);
            flight.used = (left % u64::from(flight.window)) as u32;
            flight.round = clock - path.line(flight.used.into());
            break;
        }
        flight.round = (flight.round + answer).max(clock);
        clock = flight.round;
        flight.window = flight.window.saturating_mul(2).min(largest);
        flight.used = 0;
        if flight.window == largest && path.line(flight.window.into()) < answer {
            // As many whole rounds as there are left, in one step.
            let rounds = (left - 1) / u64::from(flight.window);
            left -= rounds * u64::from(flight.window);
            flight.round += rounds * answer;
            clock = flight.round;
        }
    }
    Duration::from_nanos((clock - now).saturating_sub(path.line(bytes)))
}

/// What the loss of segments adds to a message, from the hash of the message.
pub fn recovery(bytes: u64, path: Path, hash: u64) -> Duration {
    if path.loss <= 0.0 {
        return Duration::ZERO;
    }
    let ln_kept = ln(1.0 - path.loss);
    let segments = bytes.div_ceil(SEGMENT).max(1);
    let tail = segments.min(3);
    // Kept with probability (1 - p)^n: the logarithm of a uniform number against n ln(1 - p).
    let fate = ln(1.0 - unit_f64(finish(hash ^ 0x9E6C_63D0_876A_68EE)));
    if fate > ln_kept * tail as f64 {
        RTO_MIN.max(path.round_trip * 2)
    } else if fate > ln_kept * segments as f64 {
        path.round_trip
    } else {
        Duration::ZERO
    }
}

/// What the loss of first segments, a share `loss` of them, adds to a set-up, from its hash.
pub fn set_up(loss: f64, hash: u64) -> Duration {
    let mut wait = Duration::ZERO;
    if loss <= 0.0 {
        return wait;
    }
    let ln_kept = ln(1.0 - loss);
    let (mut hash, mut rto) = (hash, FIRST_RTO);
    // Six attempts, as Linux makes (`tcp_syn_retries`).
    for _ in 0..6 {
        hash = finish(hash ^ 0x2545_F491_4F6C_DD1D);
        if ln(1.0 - unit_f64(hash)) <= ln_kept {
            break;
        }
        wait += rto;
        rto = rto * 2;
    }
    wait
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::pow;
    use proptest::prelude::*;

    const MEGABIT: u64 = 1_000_000;

    fn path(round_trip_ms: u64, bits_per_second: u64) -> Path {
        let segment = (SEGMENT * 8 * 1_000_000_000)
            .checked_div(bits_per_second)
            .unwrap_or(0);
        Path {
            round_trip: Duration::from_millis(round_trip_ms),
            segment_time: Duration::from_nanos(segment),
            loss: 0.0,
        }
    }

    fn stall(tcp: &Tcp, segments: u64, path: Path) -> u64 {
        let mut flight = Flight::default();
        let stall = tcp.send(&mut flight, Instant::ZERO, segments * SEGMENT, path);
        stall.as_nanos()
    }

    /// Kurose & Ross: a file of `segments` over an initial window of `w` stalls
    /// `P (RTT + S/R) - (2^P - 1) w S/R`, `P = min(Q, K - 1)`: K windows cover the file, after Q the
    /// line is never idle.
    fn closed_form(segments: u64, w: u64, path: Path) -> u64 {
        let (s, rtt) = (path.segment_time.as_nanos(), path.round_trip.as_nanos());
        let mut k = 1;
        while w * ((1 << k) - 1) < segments {
            k += 1;
        }
        let stalls = |n: u64| (1u64 << n).saturating_mul(w).saturating_mul(s) < rtt + s;
        let q = (0..40).take_while(|&n| stalls(n)).count() as u64;
        let p = q.min(k - 1);
        p * (rtt + s) - ((1 << p) - 1) * w * s
    }

    #[test]
    fn a_first_transfer_takes_the_time_of_slow_start() {
        let tcp = Tcp::new(&TcpConfig::default());
        for segments in [1, 3, 10, 11, 30, 31, 70, 150, 500, 2000] {
            for round_trip in [1, 40, 150] {
                for rate in [MEGABIT, 10 * MEGABIT, 100 * MEGABIT] {
                    let path = path(round_trip, rate);
                    let expected = closed_form(segments, 10, path);
                    assert_eq!(
                        stall(&tcp, segments, path),
                        expected,
                        "{segments} segments, {round_trip} ms, {rate} bit/s"
                    );
                }
            }
        }
    }

    /// With nothing but latency each window after the first costs a round trip.
    #[test]
    fn without_a_limit_of_bandwidth_only_rounds_count() {
        let tcp = Tcp::new(&TcpConfig::default());
        let path = path(100, 0);
        let rounds = [(10, 0), (11, 1), (30, 1), (31, 2), (70, 2), (71, 3)];
        for (segments, rounds) in rounds {
            assert_eq!(stall(&tcp, segments, path), rounds * 100_000_000);
        }
    }

    #[test]
    fn a_long_transfer_is_capped_at_a_window_per_round_trip() {
        let config = TcpConfig {
            largest_window: Bytes(64 * SEGMENT),
            ..TcpConfig::default()
        };
        let tcp = Tcp::new(&config);
        let path = path(100, 1000 * MEGABIT);
        let long = stall(&tcp, 64_000, path) + path.line(64_000 * SEGMENT);
        let longer = stall(&tcp, 128_000, path) + path.line(128_000 * SEGMENT);
        // A thousand windows more, a round trip and a segment each.
        let expected = 1000 * (100_000_000 + path.segment_time.as_nanos());
        assert_eq!(longer - long, expected);
    }

    #[test]
    fn a_warm_connection_does_not_start_again_until_it_was_idle() {
        let tcp = Tcp::new(&TcpConfig::default());
        let path = path(100, 0);
        let mut flight = Flight::default();
        let at = |ms| Instant::ZERO + Duration::from_millis(ms);
        let send = |flight: &mut Flight, ms| tcp.send(flight, at(ms), 30 * SEGMENT, path);
        assert_eq!(send(&mut flight, 0), Duration::from_millis(100));
        // The window is twenty segments, all used in the round that began at 100 ms.
        assert_eq!(send(&mut flight, 100), Duration::from_millis(100));
        // Forty by now: at once.
        assert_eq!(send(&mut flight, 320), Duration::ZERO);
        // After more than two round trips of silence back to ten.
        assert_eq!(send(&mut flight, 2000), Duration::from_millis(100));
        let warm = TcpConfig {
            idle_restart: false,
            ..TcpConfig::default()
        };
        let tcp = Tcp::new(&warm);
        let mut flight = Flight::default();
        tcp.send(&mut flight, at(0), 70 * SEGMENT, path);
        let stall = tcp.send(&mut flight, at(60_000), 40 * SEGMENT, path);
        assert_eq!(stall, Duration::ZERO);
    }

    /// The share of messages that wait for a segment to come again is `1 - (1 - p)^n`.
    #[test]
    fn loss_delays_as_often_as_segments_are_lost() {
        let loss = 0.01;
        let path = Path {
            loss,
            ..path(50, 0)
        };
        let n = 100_000u32;
        for segments in [1u64, 3, 20] {
            let bytes = segments * SEGMENT;
            let hit = (0..n).filter(|&i| {
                let hash = finish(u64::from(i));
                !recovery(bytes, path, hash).is_zero()
            });
            let share = hit.count() as f64 / f64::from(n);
            let expected = 1.0 - pow(1.0 - loss, segments as f64);
            let error = (expected * (1.0 - expected) / f64::from(n)).sqrt();
            assert!(
                (share - expected).abs() < 3.0 * error,
                "{segments}: {share}"
            );
        }
        // The window that congestion avoidance keeps up: 1460 B x sqrt(150).
        let tcp = Tcp::new(&TcpConfig::default());
        assert_eq!(tcp.largest_on(path), 17_881);
    }

    proptest! {
        /// Two messages handed over one after the other are through when one of both sizes is.
        #[test]
        fn two_messages_take_what_one_takes(
            first in 1u64..300, second in 1u64..300, rtt in 1u64..300,
        ) {
            let tcp = Tcp::new(&TcpConfig::default());
            let path = path(rtt, 0);
            let mut flight = Flight::default();
            let one = tcp.send(&mut flight, Instant::ZERO, first * SEGMENT, path);
            let two = tcp.send(&mut flight, Instant::ZERO, second * SEGMENT, path);
            prop_assert!(two >= one);
            prop_assert_eq!(two.as_nanos(), stall(&tcp, first + second, path));
        }
    }
}
