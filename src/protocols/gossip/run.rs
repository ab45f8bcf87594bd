//! From a configuration to a run to a record.

use super::config::{AntiEntropy, Direction, Flood, Gossip, Mongering, Push, Strategy, Whom};
use super::metrics::{METRICS, Meter, Sent, Window};
use super::node::{Cycle, Node};
use super::targets::Targets;
use super::wire::UNLIMITED;
use super::workload::Schedule;
use super::{eager, entropy, rumor};
use crate::churn::Identity;
use crate::engine::{Report, Setup, Workload, World};
use crate::observe::ages::Watch;
use crate::observe::congestion;
use crate::observe::record::{MetricDef, Record};
use crate::random::Purpose;
use std::sync::Arc;

impl Gossip {
    /// The family's name in scenario files.
    pub const NAME: &'static str = "gossip";
    /// What the family measures.
    pub const METRICS: &'static [MetricDef] = METRICS;

    /// Runs the scenario.
    ///
    /// # Panics
    /// If [`Gossip::needs_graph`] and there is none (scenarios are checked before).
    pub fn run(&self, setup: &Setup) -> Record {
        let targets = self.targets(setup);
        let forgets = setup.churn.identity() == Identity::New;
        let size = u16::try_from(self.payload.0).expect("payloads are checked at load time");
        let eager = |fanout, ttl| {
            let retry = eager::Retry {
                retries: self.retries,
                timeout: self.timeout,
            };
            let rules = Arc::new(eager::Rules {
                targets: targets.clone(),
                fanout,
                ttl,
                size,
                ack: self.ack.then_some(retry),
                forgets,
            });
            self.measure(setup, || eager::Eager::new(Arc::clone(&rules)))
        };
        match &self.strategy {
            Strategy::Flood(Flood { ttl }) => eager(None, ttl.unwrap_or(UNLIMITED)),
            Strategy::Push(Push { fanout }) => eager(Some(usize::from(*fanout)), UNLIMITED),
            Strategy::Rumor(mongering) => {
                let rules = Arc::new(rumor_rules(mongering, targets, size, forgets));
                self.measure(setup, || rumor::Rumor::new(Arc::clone(&rules)))
            }
            Strategy::Pull(how) | Strategy::PushPull(how) => {
                let &AntiEntropy {
                    cycle: length,
                    synchronous,
                } = how;
                let rules = Arc::new(entropy::Rules {
                    targets,
                    cycle: Cycle {
                        length,
                        synchronous,
                    },
                    size,
                    both_ways: matches!(self.strategy, Strategy::PushPull(_)),
                    forgets,
                });
                self.measure(setup, || entropy::Entropy::new(Arc::clone(&rules)))
            }
        }
    }

    fn targets(&self, setup: &Setup) -> Targets {
        match self.targets {
            Whom::Neighbours => {
                let graph = setup
                    .graph
                    .as_ref()
                    .expect("gossip among neighbours has an overlay");
                Targets::Neighbours(Arc::clone(graph))
            }
            Whom::Uniform => Targets::Everybody(setup.population.len()),
        }
    }

    /// The broadcasts of a run, from the start of the warm-up if they are asked for there.
    fn schedule(&self, setup: &Setup) -> Schedule {
        let phases = setup.phases;
        let from = if self.during_warm_up {
            phases.warm_from()
        } else {
            phases.measure_from()
        };
        let peers = setup.population.len();
        Schedule::new(
            self.broadcasts,
            from,
            phases.measure_to(),
            peers,
            &setup.streams,
        )
    }

    fn measure<P: Node>(&self, setup: &Setup, spawn: impl Fn() -> P) -> Record {
        let peers = setup.population.len();
        let window = Window {
            from: setup.phases.measure_from(),
            to: setup.phases.measure_to(),
            deadline: self.deadline,
            end: setup.phases.end(),
        };
        let schedule = self.schedule(setup);
        let meter = Meter::new(window, peers, setup.streams.key(Purpose::Analysis));
        let mut world = World::new(setup, |_| spawn(), &schedule);
        let mut watch = Watch::new(meter, setup);
        let report = world.run(&mut watch);
        let (meter, ages) = watch.done();
        let mut record = Record {
            digest: report.digest,
            events: report.counts.delivered,
            ..Record::default()
        };
        let duplicates = world.peers().map(|(_, peer)| peer.duplicates()).sum();
        let mut plan = schedule.copy();
        let plan = std::iter::from_fn(|| plan.next());
        let planned = plan.filter(|&(at, ..)| at >= window.from).count();
        if self.targets == Whom::Uniform {
            record
                .notes
                .push("peers know everybody: uniform targets".to_owned());
        }
        meter.finish(
            planned as u64,
            peers,
            sent(&report, duplicates),
            &mut record,
        );
        congestion::measure(&mut record, setup, &report);
        if let Some(ages) = ages {
            ages.measure(window.end, &mut record);
        }
        record
    }
}

fn rumor_rules(mongering: &Mongering, targets: Targets, size: u16, forgets: bool) -> rumor::Rules {
    let &Mongering {
        k,
        feedback,
        counter,
        direction,
        cycle,
        synchronous,
    } = mongering;
    rumor::Rules {
        targets,
        cycle: Cycle {
            length: cycle,
            synchronous,
        },
        size,
        push: direction != Direction::Pull,
        pull: direction != Direction::Push,
        removal: k.map(|k| rumor::Removal {
            k,
            counter,
            feedback,
        }),
        forgets,
    }
}

fn sent(report: &Report, duplicates: u64) -> Sent {
    let start = Sent {
        duplicates,
        ..Sent::default()
    };
    report.traffic().fold(start, |sum, (kind, traffic)| Sent {
        payloads: sum.payloads
            + if kind == "payload" {
                traffic.messages
            } else {
                0
            },
        messages: sum.messages + traffic.messages,
        app_bytes: sum.app_bytes + traffic.app_bytes,
        wire_bytes: sum.wire_bytes + traffic.wire_bytes,
        duplicates: sum.duplicates,
    })
}
