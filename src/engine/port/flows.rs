//! What is on its way over links that are shared by max-min fairness.
//!
//! Bulk is handed to a [`Fluid`] and comes back when its last byte has left. The flows of all peers
//! are looked at together, by an event of nobody's: at the time of a change, after all peers have had
//! their say at that time, and when the next message will be through. One such look is planned at any
//! time, or several of which only the earliest counts.

use super::{Port, Waiting, flow_of};
use crate::engine::context::Which;
use crate::engine::counts::{SEGMENT, SEGMENT_HEADER};
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::link::SMALL;
use crate::engine::protocol::{Conn, Message};
use crate::engine::queue::Queue;
use crate::network::Network;
use crate::network::fluid::Fluid;
use crate::peer::PeerId;
use crate::quantity::Bandwidth;

/// The flows of a run, and when they are looked at next.
pub(super) struct Flows<M> {
    fluid: Fluid<Waiting<M>>,
    planned: u64,
    /// Looks planned so far.
    looks: u32,
}

impl<M> Flows<M> {
    /// None yet; nothing if the links of the network are not shared so.
    pub(super) fn of(network: &Network, peers: u32) -> Option<Self> {
        let access = network.access()?;
        let fair = access.fair_share()?;
        let link = |peer| {
            let link = access.link(PeerId(peer));
            (link.up, link.down)
        };
        Some(Self {
            fluid: Fluid::new((0..peers).map(link), fair.cap),
            planned: u64::MAX,
            looks: 0,
        })
    }

    /// Plans to look at `time`, if nothing is planned earlier.
    fn plan(&mut self, time: u64, queue: &mut impl Queue<M>) {
        if time < self.planned {
            self.planned = time;
            let id = (time, Key::FLOWS, self.looks);
            let looks = self.looks.checked_add(1);
            self.looks = looks.expect("flows have been looked at 2^32 times");
            queue.push(Event::new(id, PeerId(0), Kind::Flows, 0, None));
        }
    }
}

impl<M: Message, T, E, Q: Queue<M>> Port<M, T, E, Q> {
    /// Whether an event becomes part of a flow: bulk does, and the end of a connection that still has
    /// some to send. What is small passes beside.
    pub(super) fn is_flow(&self, event: &Event<M>, flow: u64, bytes: u64) -> bool {
        let busy = |flows: &Flows<M>| flows.fluid.is_busy(PeerId(event.source), flow);
        let ends = || event.kind() == Kind::Fin && self.flows.as_deref().is_some_and(busy);
        bytes > SMALL || ends()
    }

    /// A message goes where its flow goes.
    pub(super) fn join_flow(&mut self, now: u64, flow: u64, bytes: u64, waiting: Waiting<M>) {
        if let Some(flows) = &mut self.flows {
            let (me, to) = (PeerId(waiting.event.source), waiting.event.to());
            flows.fluid.push(now, (me, flow, to), bytes, waiting);
            flows.plan(now, &mut self.queue);
        }
    }

    /// Sends on their way the messages that are through, and computes all rates anew.
    pub(crate) fn on_flows(&mut self, now: u64) {
        let Some(mut flows) = self.flows.take_if(|flows| flows.planned == now) else {
            return;
        };
        let arrival = |waiting: &mut Waiting<M>, last| {
            let event = &mut waiting.event;
            event.time = (now + event.time).max(waiting.not_before).max(last);
            event.time
        };
        while let Some(departure) = flows.fluid.depart(now, arrival) {
            let me = departure.sender;
            let Waiting {
                event, conn, since, ..
            } = departure.item;
            self.count_uplink(me, now - since, &event);
            if let Some(end) = conn.and_then(|conn| self.table(me).own(conn)) {
                end.last = end.last.max(event.time);
            }
            self.queue.push(event);
        }
        flows.fluid.settle(now);
        flows.planned = u64::MAX;
        if let Some(next) = flows.fluid.next() {
            flows.plan(next, &mut self.queue);
        }
        self.flows = Some(flows);
    }

    /// Counts a message that has waited and left within `took` nanoseconds.
    pub(super) fn count_uplink(&mut self, me: PeerId, took: u64, event: &Event<M>) {
        let (Some(access), Some(message)) = (self.network.access(), &event.body) else {
            return;
        };
        let line = access.up_nanos(me, u64::from(message.bytes()));
        self.counts.uplinks[access.class(me)].count(line, took.saturating_sub(line));
    }

    /// A connection is no more, and what was to be sent on it is lost.
    pub(crate) fn cut_flow(&mut self, now: u64, me: PeerId, to: PeerId, conn: Conn) {
        if let Some(flows) = &mut self.flows {
            let lost = flows.fluid.cut(me, flow_of(conn, to));
            flows.plan(now, &mut self.queue);
            self.count_lost(&lost);
        }
    }

    /// A peer is gone, and what it was to send is lost.
    pub(crate) fn cut_flows(&mut self, now: u64, me: PeerId) {
        if let Some(flows) = &mut self.flows {
            let lost = flows.fluid.cut_all(me);
            flows.plan(now, &mut self.queue);
            self.count_lost(&lost);
        }
    }

    fn count_lost(&mut self, lost: &[Waiting<M>]) {
        self.counts.lost += lost.len() as u64;
        for waiting in lost {
            self.counts.count_lost(waiting.event.body.as_ref());
        }
    }

    /// A connection carries at most so much of this side's bulk from now on.
    pub(super) fn limit_flow(&mut self, me: PeerId, conn: Conn, most: Option<Bandwidth>) {
        let Some(to) = self.table(me).own(conn).map(|end| PeerId(end.peer)) else {
            return;
        };
        let now = self.current.time.as_nanos();
        if let Some(flows) = &mut self.flows {
            flows.fluid.limit((me, flow_of(conn, to)), most);
            if flows.fluid.is_unsettled() {
                flows.plan(now, &mut self.queue);
            }
        }
    }

    /// A connection is closed by this side: what is on its way still goes.
    pub(super) fn close_flow(&mut self, me: PeerId, flow: u64) {
        if let Some(flows) = &mut self.flows {
            flows.fluid.close(me, flow);
        }
    }

    /// Takes back some of the bulk that a connection has not sent; how many messages that was. Only what
    /// has not begun to leave counts as never sent.
    pub(super) fn take_back(&mut self, me: PeerId, conn: Conn, which: Which<'_, M>) -> usize {
        let Some(to) = self.table(me).own(conn).map(|end| PeerId(end.peer)) else {
            return 0;
        };
        let Some(flows) = &mut self.flows else {
            return 0;
        };
        let now = self.current.time.as_nanos();
        let (mut never, mut cut) = (Vec::new(), 0);
        let taken = flows
            .fluid
            .withdraw(now, (me, flow_of(conn, to)), |waiting, begun| {
                let Some(message) = &waiting.event.body else {
                    return false;
                };
                let taken = which(message, begun);
                let bytes = u64::from(message.bytes());
                if taken && begun {
                    cut += bytes;
                } else if taken {
                    never.push((message.kind(), bytes));
                }
                taken
            });
        if taken.len() > never.len() {
            self.counts.lost += 1;
            self.counts.lost_bytes += cut;
            flows.plan(now, &mut self.queue);
        }
        for (kind, bytes) in never {
            let traffic = &mut self.counts.sent[usize::from(kind)];
            traffic.messages -= 1;
            traffic.app_bytes -= bytes;
            traffic.wire_bytes -= bytes + SEGMENT_HEADER * bytes.div_ceil(SEGMENT).max(1);
        }
        taken.len()
    }
}
