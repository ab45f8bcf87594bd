//! Hash tables on all engines: the same digests, counts and ordered stream of notices over {1, 2, 3, 8}
//! shards and the plain heap, with churn, losses, faults, everything that peers ask, and attackers.

use peerlab::adversary::sybil::{self, Sybil, Target};
use peerlab::engine::{Flow, Notice, Observer, Reference, Report, Setup, World};
use peerlab::experiment::prepare;
use peerlab::network::Files;
use peerlab::peer::PeerId;
use peerlab::protocols::chord::{Birth, Chord, Peer, Rules};
use peerlab::protocols::dht::{Event, Schedule};
use peerlab::scenario::{AttackConfig, ProtocolConfig, Settings, load};
use peerlab::time::Instant;
use std::sync::Arc;

/// Keeps everything.
#[derive(Default)]
struct Keep(Vec<(Instant, PeerId, Notice<Event>)>);

impl Observer<Event> for Keep {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        self.0.push((at, peer, notice));
        Flow::Continue
    }
}

/// Everything a run of Chord is made of.
struct Ring {
    setup: Setup,
    schedule: Schedule,
    rules: Arc<Rules>,
    birth: Birth,
}

fn built(text: &str) -> (Settings, Setup) {
    let scenario = load::<Settings>("t.toml", text, &[]);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let settings = scenario.points[0].body.clone();
    let setup = prepare(&settings, &Files::default(), 1).expect("it builds");
    (settings, setup)
}

fn ring(protocol: &str) -> Ring {
    let text = format!(
        r#"
        name = "t"
        peers = 120
        duration = "3 min"
        warm_up = "1 min"
        network = {{ loss = "2 %", jitter = "2 ms", constant = {{ latency = "40 ms" }} }}
        bandwidth.access-link = {{ up = "1 Mbit/s", down = "2 Mbit/s" }}
        [churn]
        session.exponential.mean = "2 min"
        absence.exponential.mean = "1 min"
        share = "80 %"
        {protocol}
        stabilize = "10 s"
        lookups.start.rate = "5 /s"
        [[fault]]
        partition = {{ at = "70 s", heal = "90 s", share = "30 %" }}
        [[fault]]
        crash = {{ at = "2 min", share = "20 %", rejoin_after = "20 s" }}
        "#
    );
    let (settings, setup) = built(&text);
    let ProtocolConfig::Chord(chord) = &settings.protocol else {
        panic!("a ring");
    };
    let chord: &Chord = chord;
    let ids = chord.ids(&setup);
    let schedule = Schedule::new(&chord.lookups, &setup, Arc::clone(&ids));
    let (rules, birth) = Rules::new(chord, &setup, ids);
    Ring {
        setup,
        schedule,
        rules: Arc::new(rules),
        birth,
    }
}

/// Compares all engines and returns the reference's report and notices.
fn all_agree(protocol: &str) -> (Report, Vec<Notice<Event>>) {
    let Ring {
        mut setup,
        schedule,
        rules,
        birth,
    } = ring(protocol);
    let mut expected = Keep::default();
    let mut born = birth.clone();
    let spawn = |me| Peer::new(me, Arc::clone(&rules), &mut born);
    let report = Reference::new(&setup, spawn, &schedule).run(&mut expected);
    for shards in [1, 2, 3, 8] {
        setup.shards = shards;
        let mut born = birth.clone();
        let spawn = |me| Peer::new(me, Arc::clone(&rules), &mut born);
        let mut seen = Keep::default();
        let mut got = World::new(&setup, spawn, &schedule).run(&mut seen);
        assert_eq!(got.shards, shards as u32);
        let first = expected.0.iter().zip(&seen.0).position(|(a, b)| a != b);
        assert_eq!(first, None, "notices on {shards} shards");
        assert_eq!(seen.0.len(), expected.0.len(), "notices on {shards} shards");
        got.shards = report.shards;
        assert_eq!(got, report, "{shards} shards against the heap");
    }
    (
        report,
        expected.0.into_iter().map(|(.., notice)| notice).collect(),
    )
}

#[test]
fn engines_agree_on_rings_under_churn_and_loss() {
    for protocol in [
        "departure = \"graceful\"\nidentity = \"new\"\n[protocol.chord]\nvirtual_nodes = 2\n\
         routing.recursive = {}",
        "departure = \"crash\"\n[protocol.chord]\nstart.join.over = \"20 s\"\nreplicas = 3\n\
         lookups.values.count = 300",
    ] {
        let (report, notices) = all_agree(protocol);
        let counts = &report.counts;
        // The run must contain what it is there to compare.
        assert!(counts.lost > 100, "{counts:?}");
        assert!(counts.to_the_dead > 100, "{counts:?}");
        assert!(counts.dead_timers > 100, "{counts:?}");
        assert!(counts.commands_to_the_dead > 50, "{counts:?}");
        let kind = |name| {
            report
                .traffic()
                .find(|(kind, _)| *kind == name)
                .expect("a kind")
                .1
        };
        for name in [
            "find",
            "found",
            "find_join",
            "found_finger",
            "state",
            "notify",
            "pong",
        ] {
            assert!(kind(name).messages > 100, "{name}: {:?}", kind(name));
        }
        let graceful = protocol.contains("graceful");
        assert_eq!(kind("leave").messages > 20, graceful);
        assert_eq!(kind("copies").messages > 100, !graceful);
        let timed_out = |notice: &&Notice<Event>| matches!(notice, Notice::Event(Event::Ended(ended)) if ended.timeouts > 0);
        assert!(notices.iter().filter(timed_out).count() > 20);
    }
}

/// Compares all engines on an attack and returns how many lies there were.
fn attacked<T: Target>(target: &T, attack: &Sybil, mut setup: Setup) -> u64 {
    let mut expected = Keep::default();
    let (plan, _, spawn) = sybil::prepare(target, attack, &setup);
    let report = Reference::new(&setup, spawn, &plan.schedule).run(&mut expected);
    let mut lies = 0;
    for shards in [1, 2, 3, 8] {
        setup.shards = shards;
        let (plan, _, spawn) = sybil::prepare(target, attack, &setup);
        let mut seen = Keep::default();
        let mut world = World::new(&setup, spawn, &plan.schedule);
        let mut got = world.run(&mut seen);
        assert_eq!(seen.0, expected.0, "notices on {shards} shards");
        got.shards = report.shards;
        assert_eq!(got, report, "{shards} shards against the heap");
        let spent = world.peers().filter_map(|(_, peer)| peer.spent());
        lies = spent.map(|spent| spent.lies).sum();
    }
    assert!(report.counts.lost > 50 && report.counts.to_the_dead > 50);
    lies
}

#[test]
fn engines_agree_on_attacks() {
    for (attack, protocol) in [
        ("ramp = \"20 s\"", "chord = { stabilize = \"10 s\""),
        (
            "values = \"withhold\"\nplace.key = {}",
            "chord = { routing.recursive = {}",
        ),
        (
            "routing = \"misroute\"\nentry = \"born\"",
            "kademlia = { k = 8",
        ),
        ("place.key = {}", "kademlia = { k = 8, s_kademlia.paths = 3"),
    ] {
        let text = format!(
            r#"
            name = "t"
            peers = 60
            duration = "25 s"
            warm_up = "15 s"
            network = {{ loss = "2 %", jitter = "2 ms", constant = {{ latency = "40 ms" }} }}
            protocol.{protocol}, lookups = {{ start.rate = "10 /s", values.count = 20 }} }}
            churn.session.exponential.mean = "1 min"
            churn.absence.exponential.mean = "1 min"
            [attack.sybil]
            ids = 20
            {attack}
            "#
        );
        let (settings, setup) = built(&text);
        let Some(AttackConfig::Sybil(attack)) = settings.attack else {
            panic!("an attack");
        };
        let lies = match &settings.protocol {
            ProtocolConfig::Chord(chord) => attacked(chord, &attack, setup),
            ProtocolConfig::Kademlia(kademlia) => attacked(&**kademlia, &attack, setup),
            _ => panic!("a hash table"),
        };
        assert!(lies > 20, "{lies} lies of {text}");
    }
}
