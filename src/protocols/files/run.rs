//! From files and a hash table to a run to a record.

use super::config::Sharing;
use super::metrics::Meter;
use super::node::{FileShare, Shared};
use super::wire::{CONTENT, INDEX};
use super::workload::Schedule;
use crate::engine::{Report, Setup, World};
use crate::observe::congestion;
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::dht::{Dht, Ids};
use crate::time::Instant;
use std::sync::Arc;

/// How often it is looked who has what in the measurement.
const LOOKS: u64 = 10;

/// Runs peers that share files over peers of a table made by `spawn`, in order of number, and measures.
pub fn run<D: Dht>(
    files: &Sharing,
    setup: &Setup,
    ids: Arc<Ids>,
    mut spawn: impl FnMut(PeerId) -> D,
) -> Record {
    let files = *files;
    let shared = Arc::new(Shared { files, ids });
    let peer = |peer| FileShare::new(spawn(peer), Arc::clone(&shared));
    let mut world = World::new(setup, peer, &Schedule::new(&files, setup));
    let mut meter = Meter::new(setup.phases);
    let (from, to) = (setup.phases.measure_from(), setup.phases.measure_to());
    world.advance(from, &mut meter);
    let (before, up_before) = (bytes(&world.report()), meter.seconds_up(from));
    for look in 1..=LOOKS {
        let at = from + (to - from) / LOOKS * look;
        world.advance(at, &mut meter);
        meter.look(at);
    }
    world.advance(to, &mut meter);
    let (after, up) = (bytes(&world.report()), meter.seconds_up(to) - up_before);
    world.advance(Instant::MAX, &mut meter);
    let report = world.report();
    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    let rates = [0, 1, 2].map(|part| (after[part] - before[part]) as f64 / up);
    meter.finish(rates, &mut record);
    congestion::measure(&mut record, setup, &report);
    record
}

/// Bytes with headers so far: of the table, of who has what, of files.
fn bytes(report: &Report) -> [u64; 3] {
    report.traffic().fold([0; 3], |mut sums, (kind, traffic)| {
        let part = usize::from(INDEX.contains(&kind)) + 2 * usize::from(CONTENT.contains(&kind));
        sums[part] += traffic.wire_bytes;
        sums
    })
}
