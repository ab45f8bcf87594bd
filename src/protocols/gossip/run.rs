//! From a configuration to a run to a record.

use super::config::{AntiEntropy, Direction, Flood, Gossip, Mongering, Push, Strategy, Whom};
use super::keeper::{self, Keeper};
use super::metrics::{METRICS, Meter, Sent, Window};
use super::neighbours::{Both, Links};
use super::node::{Cycle, Node};
use super::targets::Targets;
use super::wire::{self, UNLIMITED};
use super::workload::Schedule;
use super::{eager, entropy, rumor};
use crate::churn::Identity;
use crate::engine::{Observer, Report, Setup, Workload, World};
use crate::observe::ages::{Ages, Watch};
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
            Whom::Kept(_) => Targets::Kept(Vec::new()),
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

    fn measure<P: Node<Event = wire::Event>>(
        &self,
        setup: &Setup,
        spawn: impl Fn() -> P,
    ) -> Record {
        let peers = setup.population.len();
        let window = self.window(setup);
        let meter = Meter::new(window, peers, setup.streams.key(Purpose::Analysis));
        let Whom::Kept(keep) = self.targets else {
            let (ran, meter) = self.watched(setup, spawn, meter);
            return self.conclude(setup, ran, meter, None);
        };
        let rules = Arc::new(keeper::Rules::new(keep, peers));
        let spawn = || Keeper::new(spawn(), Arc::clone(&rules));
        let links = Links::new(window, peers);
        let (ran, both) = self.watched(setup, spawn, Both { meter, links });
        self.conclude(setup, ran, both.meter, Some(both.links))
    }

    fn window(&self, setup: &Setup) -> Window {
        Window {
            from: setup.phases.measure_from(),
            to: setup.phases.measure_to(),
            deadline: self.deadline,
            end: setup.phases.end(),
        }
    }

    /// Runs the peers, with somebody watching.
    fn watched<P: Node, O: Observer<P::Event>>(
        &self,
        setup: &Setup,
        spawn: impl Fn() -> P,
        observer: O,
    ) -> (Ran, O) {
        let mut world = World::new(setup, |_| spawn(), &self.schedule(setup));
        let mut watch = Watch::new(observer, setup);
        let report = world.run(&mut watch);
        let (observer, ages) = watch.done();
        let ran = Ran {
            report,
            duplicates: world.peers().map(|(_, peer)| peer.duplicates()).sum(),
            ages,
        };
        (ran, observer)
    }

    /// The record of a run.
    fn conclude(&self, setup: &Setup, ran: Ran, meter: Meter, links: Option<Links>) -> Record {
        let (report, window) = (ran.report, self.window(setup));
        let mut record = Record {
            digest: report.digest,
            events: report.counts.delivered,
            ..Record::default()
        };
        let mut plan = self.schedule(setup);
        let plan = std::iter::from_fn(|| plan.next());
        let planned = plan.filter(|&(at, ..)| at >= window.from).count();
        let note = match self.targets {
            Whom::Neighbours => None,
            Whom::Uniform => Some("peers know everybody: uniform targets"),
            Whom::Kept(_) => Some("peers know everybody, and keep neighbours of their choice"),
        };
        record.notes.extend(note.map(str::to_owned));
        let sent = sent(&report, ran.duplicates);
        let upkeep = sent.upkeep;
        let peers = setup.population.len();
        meter.finish(planned as u64, peers, sent, &mut record);
        if let Some(links) = links {
            links.finish(upkeep, &mut record);
        }
        congestion::measure(&mut record, setup, &report);
        if let Some(ages) = ran.ages {
            ages.measure(window.end, &mut record);
        }
        record
    }
}

/// What a run has come to, but for what its observer saw.
struct Ran {
    report: Report,
    duplicates: u64,
    ages: Option<Ages>,
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
    let mut sent = Sent {
        duplicates,
        ..Sent::default()
    };
    for (kind, traffic) in report.traffic() {
        if matches!(kind, "ping" | "pong") {
            sent.upkeep.messages += traffic.messages;
            sent.upkeep.app_bytes += traffic.app_bytes;
            sent.upkeep.wire_bytes += traffic.wire_bytes;
            continue;
        }
        if kind == "payload" {
            sent.payloads += traffic.messages;
        }
        sent.messages += traffic.messages;
        sent.app_bytes += traffic.app_bytes;
        sent.wire_bytes += traffic.wire_bytes;
    }
    sent
}
