//! Metrics of what peers' links and processors are busy with, for every family of protocols: how much
//! of the time, and how long messages wait for them.
//!
//! All are over the whole run, set-up and drain included, and over all peers of a class, whether they
//! are online or not. A message waits for as long as it takes longer than alone on the link; what it
//! waits for a window of TCP is not in it.

use super::record::{Better, MetricDef, Record};
use crate::engine::{Report, Setup, Use};
use crate::peer::PeerId;
use std::borrow::Cow;

/// Where messages queue: the stem of the metrics, and what they mean.
const QUEUES: [(&str, [&str; 2]); 3] = [
    (
        "link.up",
        [
            "share of the time that uplinks are busy; all peers, whole run",
            "mean time that a message takes to leave beyond what it takes alone on the uplink; whole run",
        ],
    ),
    (
        "link.down",
        [
            "share of the time that downlinks are busy; all peers, whole run",
            "mean time from the last byte at the downlink until it is through, beyond what it takes \
             alone; whole run",
        ],
    ),
    (
        "processor",
        [
            "share of the time that processors are busy; all peers, whole run",
            "mean time that a message waits for the processor; whole run",
        ],
    ),
];

fn def(queue: usize, which: usize, class: &str) -> MetricDef {
    let (stem, meanings) = QUEUES[queue];
    let (what, unit, better) = [
        ("use", "share", Better::Neither),
        ("wait", "s", Better::Lower),
    ][which];
    let name = if class.is_empty() {
        format!("{stem}_{what}")
    } else {
        format!("{stem}_{what}.{class}")
    };
    MetricDef {
        name: Cow::Owned(name),
        unit,
        meaning: meanings[which],
        better,
    }
}

/// The metrics of a run with links of these classes, none if bandwidth is unlimited, and with
/// processors or without: over all peers, then class by class if there are several.
pub fn metrics(classes: Option<&[String]>, processors: bool) -> Vec<MetricDef> {
    let mut all = Vec::new();
    let mut add = |queue, class: &str| all.extend([0, 1].map(|which| def(queue, which, class)));
    if let Some(classes) = classes {
        for queue in [0, 1] {
            add(queue, "");
            for class in classes.iter().filter(|_| classes.len() > 1) {
                add(queue, class);
            }
        }
    }
    if processors {
        add(2, "");
    }
    all
}

/// Writes the metrics of a run into its record.
pub fn measure(record: &mut Record, setup: &Setup, report: &Report) {
    let seconds = report.end.as_secs_f64();
    let everybody = setup.population.len();
    let mut write = |queue: usize, class: &str, peers: u32, used: Use| {
        let busy = used.busy as f64 / 1e9 / (seconds * f64::from(peers));
        let waited = used.waited as f64 / 1e9 / used.messages as f64;
        record.value(&def(queue, 0, class), busy);
        record.value(&def(queue, 1, class), waited);
    };
    if let Some(access) = setup.network.access() {
        let mut peers = vec![0; access.classes().len()];
        for peer in (0..everybody).map(PeerId) {
            peers[access.class(peer)] += 1;
        }
        let counts = &report.counts;
        for (queue, uses) in [&counts.uplinks, &counts.downlinks].into_iter().enumerate() {
            let mut all = Use::default();
            for &used in uses {
                all.add(used);
            }
            write(queue, "", everybody, all);
            if uses.len() > 1 {
                for ((class, &used), &peers) in access.classes().iter().zip(uses).zip(&peers) {
                    write(queue, class, peers, used);
                }
            }
        }
    }
    if setup.network.processors().is_some() {
        write(2, "", everybody, report.counts.processors);
    }
}
