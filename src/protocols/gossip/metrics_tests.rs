//! The observer on scripted runs.
#![expect(
    clippy::float_cmp,
    reason = "shares of small whole numbers, computed the same way on both sides"
)]

use super::*;
use std::collections::BTreeSet;

fn second(s: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(s)
}

/// A meter over 100 s, ten peers up from the beginning.
fn meter(deadline: Option<Duration>) -> Meter {
    let window = Window {
        from: second(10),
        to: second(50),
        deadline,
        end: second(100),
    };
    let mut meter = Meter::new(window, 12, 1);
    for peer in 0..10 {
        meter.notice(second(0), PeerId(peer), Notice::Up);
    }
    meter
}

fn event(meter: &mut Meter, at: u64, peer: u32, event: Event) {
    meter.notice(second(at), PeerId(peer), Notice::Event(event));
}

fn finish(meter: Meter) -> Record {
    let sent = Sent {
        payloads: 24,
        messages: 48,
        app_bytes: 1200,
        wire_bytes: 2400,
        duplicates: 3,
        upkeep: Traffic {
            messages: 12,
            app_bytes: 600,
            wire_bytes: 1200,
        },
    };
    let mut record = Record::default();
    meter.finish(3, 12, sent, &mut record);
    record
}

fn get(record: &Record, name: &str) -> f64 {
    record.get(name).expect("a metric of the family")
}

#[test]
fn without_churn_everybody_counts() {
    let mut meter = meter(None);
    event(&mut meter, 20, 0, Event::Sent(0));
    for peer in 1..9 {
        event(&mut meter, 20 + u64::from(peer), peer, Event::Delivered(0));
    }
    let record = finish(meter);
    let observed = record.observations.iter().map(|o| o.metric.as_str());
    let names: BTreeSet<&str> = observed.collect();
    let known: BTreeSet<&str> = METRICS.iter().map(|metric| &*metric.name).collect();
    assert_eq!(names, known);
    assert_eq!(names.len(), record.observations.len(), "each once");
    assert_eq!(get(&record, "broadcast.reliability"), 0.9);
    assert_eq!(get(&record, "broadcast.atomic"), 0.0);
    assert_eq!(get(&record, "broadcast.skipped"), 2.0);
    // The origin is the first of ten: half are the origin and four more.
    assert_eq!(get(&record, "broadcast.delay_50"), 4.0);
    assert_eq!(get(&record, "broadcast.delay_90"), 8.0);
    assert!(get(&record, "broadcast.delay_99").is_nan());
    assert_eq!(get(&record, "broadcast.delay_mean"), 4.5);
    assert_eq!(get(&record, "broadcast.delay_last"), 8.0);
    assert_eq!(get(&record, "broadcast.duplicates"), 3.0 / 8.0);
    assert_eq!(get(&record, "broadcast.payloads"), 2.0);
    assert_eq!(get(&record, "broadcast.app_bytes"), 100.0);
    assert_eq!(
        (record.samples[0].values.len(), record.samples[0].censored),
        (8, 1)
    );
    assert_eq!(record.notes.len(), 1);
}

#[test]
fn who_was_not_up_all_the_time_does_not_count_for_reliability() {
    let mut meter = meter(None);
    event(&mut meter, 20, 0, Event::Sent(0));
    meter.notice(second(21), PeerId(1), Notice::Crashed);
    meter.notice(second(22), PeerId(10), Notice::Up);
    event(&mut meter, 23, 10, Event::Delivered(0));
    for peer in 2..9 {
        event(&mut meter, 30, peer, Event::Delivered(0));
    }
    meter.notice(second(40), PeerId(2), Notice::Left);
    meter.notice(second(45), PeerId(1), Notice::Up);
    event(&mut meter, 46, 1, Event::Delivered(0));
    let record = finish(meter);
    // Up all the time: 0 and 3 to 9; all but 9 have it.
    assert_eq!(get(&record, "broadcast.reliability"), 7.0 / 8.0);
    // Up at the start: ten; 0 and 2 to 8 have it in the same session.
    assert_eq!(get(&record, "broadcast.reliability_at_send"), 0.8);
    assert_eq!(get(&record, "broadcast.residue"), 1.0 - 7.0 / 8.0);
}

#[test]
fn a_deadline_ends_the_wait_and_the_session_needs_to_last_no_longer() {
    let mut meter = meter(Some(Duration::from_secs(5)));
    event(&mut meter, 20, 0, Event::Sent(0));
    for peer in 1..8 {
        event(&mut meter, 24, peer, Event::Delivered(0));
    }
    event(&mut meter, 26, 8, Event::Delivered(0));
    meter.notice(second(23), PeerId(9), Notice::Crashed);
    meter.notice(second(25), PeerId(7), Notice::Left);
    let record = finish(meter);
    // 9 went down too early; of the other nine, 8 has it too late.
    assert_eq!(get(&record, "broadcast.reliability"), 8.0 / 9.0);
}

#[test]
fn only_what_starts_in_the_measurement_counts() {
    let mut meter = meter(None);
    for (at, id) in [(9, 0), (10, 1), (50, 2)] {
        event(&mut meter, at, id, Event::Sent(id));
        for peer in (0..10).filter(|&peer| peer != id) {
            event(&mut meter, at + 1, peer, Event::Delivered(id));
        }
    }
    let record = finish(meter);
    assert_eq!(get(&record, "broadcast.count"), 1.0);
    assert_eq!(get(&record, "broadcast.atomic"), 1.0);
    assert_eq!(get(&record, "broadcast.delay_100"), 1.0);
    // Traffic is that of all three.
    assert_eq!(get(&record, "broadcast.payloads"), 24.0 / 12.0 / 3.0);
}

/// Cyclic strategies send even where no broadcast starts; their cost per broadcast is then unknown.
#[test]
fn no_broadcast_costs_nothing_that_is_known() {
    use crate::protocols::gossip::{AntiEntropy, Broadcasts, Gossip, Strategy, Whom};
    let gossip = Gossip {
        strategy: Strategy::PushPull(AntiEntropy {
            cycle: Duration::from_secs(1),
            synchronous: false,
        }),
        targets: Whom::Uniform,
        broadcasts: Broadcasts::Count(0),
        ..Gossip::default()
    };
    let network = crate::network::Network::constant(Duration::from_millis(10));
    let setup = crate::engine::Setup::new(20, network, 1, Duration::from_secs(60));
    let record = gossip.run(&setup);
    assert!(
        record.get(&MESSAGES.name).is_some_and(f64::is_nan),
        "{record:?}"
    );
}
