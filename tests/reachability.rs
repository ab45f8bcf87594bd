//! Peers behind translators and firewalls find one another with the help of a third that everybody
//! reaches: by punching holes, or else by having it pass on what they say.

use peerlab::engine::{Context, Message, Notice, Protocol, Script, Setup, World};
use peerlab::network::{Gate, Network, ReachConfig};
use peerlab::peer::PeerId;
use peerlab::quantity::Share;
use peerlab::time::{Duration, Instant};
use std::sync::Arc;

/// The peer that is open and known to all.
const THIRD: PeerId = PeerId(0);

#[derive(Clone, Copy, Debug)]
enum Say {
    /// To the third: I am here.
    Here,
    /// From the third: this one is there too; send to it now.
    Meet(PeerId),
    /// To the other side, directly.
    Hello,
    /// To the third: nothing came of it; pass this on.
    Relay(PeerId),
    /// From the third: this one says hello.
    Relayed(PeerId),
}

impl Message for Say {
    const KINDS: &'static [&'static str] = &["say"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        50
    }
}

/// How two peers came to talk: what they first heard of one another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Met {
    Directly(PeerId),
    ThroughTheThird(PeerId),
}

/// Peers introduce themselves to the third, which makes each pair known to one another.
#[derive(Default)]
struct Peer {
    known: Vec<PeerId>,
    direct: Vec<PeerId>,
}

impl Protocol for Peer {
    type Message = Say;
    type Timer = PeerId;
    type Command = ();
    type Event = Met;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() != THIRD {
            cx.send(THIRD, Say::Here);
        }
    }

    fn on_timer(&mut self, other: PeerId, cx: &mut Context<'_, Self>) {
        if !self.direct.contains(&other) {
            cx.send(THIRD, Say::Relay(other));
        }
    }

    fn on_message(&mut self, from: PeerId, said: Say, cx: &mut Context<'_, Self>) {
        match said {
            Say::Here => {
                for &other in &self.known {
                    cx.send(other, Say::Meet(from));
                    cx.send(from, Say::Meet(other));
                }
                self.known.push(from);
            }
            Say::Meet(other) => {
                // A second try goes through the hole that the first has made.
                cx.send(other, Say::Hello);
                self.known.push(other);
                cx.arm(Duration::from_secs(5), other);
            }
            Say::Hello if self.direct.contains(&from) => {}
            Say::Hello => {
                self.direct.push(from);
                cx.emit(Met::Directly(from));
                cx.send(from, Say::Hello);
            }
            Say::Relay(other) => cx.send(other, Say::Relayed(from)),
            Say::Relayed(other) => cx.emit(Met::ThroughTheThird(other)),
        }
    }
}

/// Who meets whom how, in a population of which a fifth each is behind the five kinds of gates but
/// for the third.
#[test]
fn holes_are_punched_or_the_third_passes_it_on() {
    let config = ReachConfig {
        full_cone: Share(0.15),
        restricted: Share(0.15),
        port_restricted: Share(0.2),
        symmetric: Share(0.2),
        outbound_only: Share(0.2),
        ..ReachConfig::default()
    };
    let latency = || Network::constant(Duration::from_millis(40));
    let built = (1..).find_map(|seed| {
        let setup = Setup::new(20, latency(), seed, Duration::from_secs(30));
        let network = latency().with_reachability(&config, &setup.population, &setup.streams);
        let network = network.expect("valid");
        let open = network.reach()?.gate(THIRD) == Gate::Open;
        open.then_some((setup, network))
    });
    let (mut setup, network) = built.expect("a seed with an open third");
    setup.network = Arc::new(network);
    let mut met = Vec::new();
    let mut watch = |_: Instant, peer: PeerId, notice: Notice<Met>| {
        if let Notice::Event(how) = notice {
            met.push((peer, how));
        }
    };
    World::new(&setup, |_| Peer::default(), &Script::new(Vec::new())).run(&mut watch);
    let reach = setup.network.reach().expect("gates");
    let mut relayed = 0;
    for me in (1..20).map(PeerId) {
        for other in (1..20).map(PeerId).filter(|&other| other != me) {
            let (mine, theirs) = (reach.gate(me), reach.gate(other));
            let strict = |gate| {
                matches!(
                    gate,
                    Gate::Symmetric | Gate::PortRestricted | Gate::OutboundOnly
                )
            };
            // Ford, Srisuresh & Kegel 2005: all pairs but those with a symmetric translator on one
            // side and a symmetric or port-restricted one on the other. For datagrams a firewall is
            // like the latter.
            let symmetric = [mine, theirs].contains(&Gate::Symmetric);
            let hopeless = symmetric && strict(mine) && strict(theirs);
            let directly = met.contains(&(me, Met::Directly(other)));
            assert_eq!(directly, !hopeless, "{mine:?} hears {theirs:?}");
            let through = met.contains(&(me, Met::ThroughTheThird(other)));
            assert_eq!(through, hopeless, "{mine:?} hears {theirs:?}");
            relayed += u32::from(through);
        }
    }
    assert!(relayed > 10, "{relayed} relayed");
}
