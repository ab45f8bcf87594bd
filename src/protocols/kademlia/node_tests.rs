use super::super::config::{Kademlia, SKademlia, Start};
use super::super::preset::{Full, Preset, SubnetLimits};
use super::super::wire::Framing;
use super::*;
use crate::churn::{Churn, ChurnConfig};
use crate::engine::{Idle, Setup, World};
use crate::network::{Files, Network};
use crate::observe::record::Record;
use crate::protocols::dht::{self, Keys, Lookups};
use crate::testkit::{Bench, Effect};
use crate::time::Duration;

fn setup(peers: u32, minutes: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(peers, network, 1, Duration::from_mins(minutes));
    setup.phases.drain = Duration::from_mins(1);
    setup
}

fn with_churn(mut setup: Setup, text: &str) -> Setup {
    let churn: ChurnConfig = toml::from_str(text).expect("the shape is right");
    let churn = Churn::build(&churn, &Files::default(), &setup.population, &setup.streams);
    setup.churn = Arc::new(churn.expect("the churn builds"));
    setup
}

fn read(text: &str) -> Kademlia {
    toml::from_str(text).expect("the shape is right")
}

fn get(record: &Record, metric: &str) -> f64 {
    record.get(metric).expect("a metric of hash tables")
}

/// With nobody coming or going and nothing lost a lookup finds exactly the k closest, every time, with
/// every preset and over any number of paths, whether keys or peers are looked up: all buckets near a
/// target are complete somewhere, and the way there is never blocked.
#[test]
fn every_lookup_succeeds_in_a_static_network() {
    for (preset, s_kademlia) in [
        (Preset::Kademlia2002, None),
        (Preset::Mainline, None),
        (Preset::Ipfs, None),
        (Preset::Discv4, None),
        (Preset::Kademlia2002, Some(SKademlia::default())),
    ] {
        for keys in [Keys::Uniform {}, Keys::Peers {}] {
            let kademlia = Kademlia {
                preset,
                s_kademlia,
                lookups: Lookups {
                    start: dht::Start::Count(300),
                    keys,
                    ..Lookups::default()
                },
                ..Kademlia::default()
            };
            let record = kademlia.run(&setup(1000, 10));
            for (metric, expected) in [
                ("dht.success", 1.0),
                ("dht.correct", 1.0),
                ("dht.timeouts", 0.0),
                ("dht.stale", 0.0),
                ("dht.count", 300.0),
            ] {
                let value = get(&record, metric);
                assert!(
                    (value - expected).abs() < 1e-12,
                    "{preset:?} {keys:?} {metric}: {value}"
                );
            }
        }
    }
}

/// Everybody begins with a few addresses of those before it.
#[test]
fn a_network_that_has_joined_by_itself_finds_its_way() {
    let mut setup = setup(200, 4);
    setup.phases.bootstrap = Duration::from_mins(5);
    setup.phases.warm_up = Duration::from_mins(5);
    for preset in Preset::ALL {
        let kademlia = Kademlia {
            preset,
            start: Start::Join,
            bootstrap: 3,
            lookups: Lookups {
                start: dht::Start::Count(200),
                ..Lookups::default()
            },
            ..Kademlia::default()
        };
        let record = kademlia.run(&setup);
        assert!(
            (get(&record, "dht.success") - 1.0).abs() < 1e-12,
            "{preset:?}"
        );
        // Who joined early hears of those who came later when they, or refreshes, pass by.
        let correct = get(&record, "dht.correct");
        assert!(correct > 0.98, "{preset:?}: {correct}");
    }
}

/// Values outlive those who hold them as long as somebody passes them on in time.
#[test]
fn values_stay_where_they_are_passed_on_and_expire_where_not() {
    let lives = "session = { exponential = { mean = \"20 min\" } }\n\
                 absence = { exponential = { mean = \"1 min\" } }\nidentity = \"new\"";
    let run = |more: &str| {
        let text = format!(
            "k = 8\nfailures = 1\nkeep_stale = false\nrepublish = \"0 s\"\n{more}\n\
             lookups = {{ start.count = 300, values.count = 30 }}"
        );
        let mut setup = setup(400, 30);
        setup.phases.warm_up = Duration::from_mins(60);
        read(&text).run(&with_churn(setup, lives))
    };
    let kept = run("replicate = \"5 min\"");
    assert!(get(&kept, "dht.availability") > 0.9, "{kept:?}");
    assert!(get(&kept, "dht.success") > 0.9, "{kept:?}");
    // Of eight copies with lives of 20 min, after 60 to 90 min: 8 e^-3 to 8 e^-4.5 at most. (Of the
    // values one in twenty is never put, for its peer is down.)
    let lost = run("replicate = \"0 s\"");
    assert!(get(&lost, "dht.availability") < 0.4, "{lost:?}");
    let expired = run("replicate = \"5 min\"\nexpire = \"30 min\"");
    assert!(
        get(&expired, "dht.availability").abs() < 1e-12,
        "{expired:?}"
    );
}

/// A bench with one peer of a converged network of 200, and its plan.
fn bench(config: &Kademlia) -> (Bench<Node>, Run) {
    let setup = setup(200, 10);
    let run = config.plan(&setup);
    let mut rng = PeerRng::from_state(5);
    let node = Node::new(&run, PeerId(7), &mut rng);
    let mut bench = Bench::new(node, PeerId(7), 1);
    bench.start();
    (bench, run)
}

fn ask(body: Body) -> Wire {
    Wire {
        rpc: 99,
        number: 0,
        framing: Framing::Krpc,
        upkeep: false,
        body,
    }
}

/// The first bucket of a bench: full; and a peer of its range that is not in it.
fn full_bucket(bench: &Bench<Node>, run: &Run) -> (Vec<Contact>, Contact) {
    let bucket = bench.peer.table().bucket(0).to_vec();
    assert_eq!(bucket.len(), run.rules.shape.k);
    let newcomer = (0..200)
        .map(|peer| Contact::new(PeerId(peer), 0))
        .find(|&contact| {
            bench.peer.bucket_of(run.rules.ids.id(contact)) == 0 && !bucket.contains(&contact)
        });
    (bucket, newcomer.expect("more than k in half of the space"))
}

/// Section 2.2: the least recently seen is pinged; if it answers it stays, and the newcomer does not
/// come in; if not, they change places.
#[test]
fn a_newcomer_waits_for_the_ping_of_the_oldest() {
    let config =
        read("k = 8\nfull_bucket = \"ping\"\nfailures = 1\nkeep_stale = false\nreplacements = 0");
    for answers in [true, false] {
        let (mut bench, run) = bench(&config);
        let (before, newcomer) = full_bucket(&bench, &run);
        let oldest = before[0];
        let effects = bench.message(newcomer.peer(), ask(Body::Ping));
        let Some(Effect::Send(to, ping)) = effects.get(1) else {
            panic!("{effects:?}");
        };
        assert_eq!((*to, &ping.body), (oldest.peer(), &Body::Ping));
        // Another one at the same time does not make another ping.
        assert_eq!(bench.message(newcomer.peer(), ask(Body::Ping)).len(), 1);
        let rpc = ping.rpc;
        let mut expected = before[1..].to_vec();
        if answers {
            bench.message(
                oldest.peer(),
                Wire {
                    rpc,
                    ..ask(Body::Pong)
                },
            );
            expected.push(oldest);
        } else {
            bench.timer(Timer::Request(rpc));
            expected.push(newcomer);
        }
        assert_eq!(bench.peer.table().bucket(0), expected);
        assert!(bench.peer.work.is_none(), "nothing is under way");
    }
}

/// BEP 5: nobody is pinged who was seen within 15 minutes, and once is not enough.
#[test]
fn mainline_doubts_nobody_for_a_quarter_of_an_hour() {
    let (mut bench, run) = bench(&read("preset = \"mainline\""));
    let (before, newcomer) = full_bucket(&bench, &run);
    assert_eq!(bench.message(newcomer.peer(), ask(Body::Ping)).len(), 1);
    bench.advance(Duration::from_mins(15));
    for left in [true, false] {
        let effects = bench.message(newcomer.peer(), ask(Body::Ping));
        let Some(Effect::Send(_, ping)) = effects.get(1) else {
            panic!("{effects:?}");
        };
        bench.timer(Timer::Request(ping.rpc));
        assert_eq!(bench.peer.table().bucket(0).contains(&before[0]), left);
    }
    assert!(bench.peer.table().bucket(0).contains(&newcomer));
    assert_eq!(Preset::Mainline.parameters().full_bucket, Full::Ping);
}

/// Ethereum: no answer to a question from an address that has not shown that it is there.
#[test]
fn discv4_answers_who_has_proven_its_address() {
    let (mut bench, run) = bench(&read("preset = \"discv4\""));
    let asker = (0..200)
        .map(PeerId)
        .find(|&peer| peer != PeerId(7))
        .expect("another");
    let question = || ask(Body::FindNode(run.rules.ids.key(1)));
    assert_eq!(bench.message(asker, question()), []);
    // Its ping is answered, and answered by a ping of our own.
    let effects = bench.message(asker, ask(Body::Ping));
    let [
        Effect::Send(_, pong),
        Effect::Send(_, ping),
        Effect::Arm(..),
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((&pong.body, &ping.body), (&Body::Pong, &Body::Ping));
    let rpc = ping.rpc;
    assert_eq!(bench.message(asker, question()), []);
    bench.message(
        asker,
        Wire {
            rpc,
            ..ask(Body::Pong)
        },
    );
    let effects = bench.message(asker, question());
    assert!(
        matches!(&effects[..], [Effect::Send(to, Wire { body: Body::Nodes(named), .. })]
            if *to == asker && named.len() == 16),
        "{effects:?}"
    );
    bench.advance(Duration::from_hours(24));
    assert_eq!(
        bench.message(asker, question()),
        [],
        "a proof holds for a day"
    );
}

#[test]
fn no_more_of_a_subnet_than_the_limits_let_in() {
    // Two hundred peers in thirty /24.
    let config = Kademlia {
        subnets: 30,
        ..read("preset = \"discv4\"")
    };
    let (mut bench, run) = bench(&config);
    let limits = SubnetLimits {
        bucket: 2,
        table: 10,
    };
    assert_eq!(run.rules.limits, Some(limits));
    for peer in (0..200).filter(|&peer| peer != 7) {
        bench.message(PeerId(peer), ask(Body::Ping));
    }
    let most = |contacts: &[Contact]| {
        let mut subnets: Vec<u32> = contacts.iter().map(|&c| run.rules.subnet(c)).collect();
        subnets.sort_unstable();
        let runs = subnets.chunk_by(|a, b| a == b).map(<[u32]>::len);
        runs.max().unwrap_or(0)
    };
    let table = bench.peer.table();
    assert!(most(table.contacts()) <= 10);
    for bucket in 0..table.len() {
        let own = [table.bucket(bucket), table.replacements(bucket)].concat();
        assert!(most(&own) <= 2, "bucket {bucket}");
    }
    assert!(table.len() <= 17);
}

/// S/Kademlia: a peer knows the closest others whatever its buckets hold, and names them.
#[test]
fn siblings_are_the_closest_of_all() {
    let (bench, run) = bench(&read("k = 8\ns_kademlia = { siblings = 40 }"));
    let ids = &run.rules.ids;
    let mut all: Vec<Contact> = (0..200).map(|peer| Contact::new(PeerId(peer), 0)).collect();
    all.retain(|&contact| contact != bench.peer.me);
    all.sort_by_key(|&contact| ids.id(contact).xor(bench.peer.id));
    assert_eq!(bench.peer.siblings(), &all[..40]);
    let mut seen = Vec::new();
    Dht::table(&bench.peer, |contact| seen.push(contact));
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count, "each once");
    assert!(all[..40].iter().all(|contact| seen.contains(contact)));
}

/// The tables that a network is born with: all of a range with at most k, else k.
#[test]
fn converged_tables_hold_what_there_is() {
    let run = read("k = 8").plan(&setup(500, 1));
    let ids = &run.rules.ids;
    for peer in [0, 250, 499] {
        let me = Contact::new(PeerId(peer), 0);
        let node = Node::new(&run, PeerId(peer), &mut PeerRng::from_state(3));
        let mut ranges = vec![0; 64];
        for other in (0..500).filter(|&other| other != peer) {
            let other = Contact::new(PeerId(other), 0);
            ranges[xor::bucket(ids.id(me).xor(ids.id(other)), 64)] += 1;
        }
        for (bucket, &count) in ranges.iter().enumerate() {
            let own = node.table().bucket(bucket);
            assert_eq!(own.len(), 8.min(count), "bucket {bucket}");
            assert!(own.iter().all(|&c| node.bucket_of(ids.id(c)) == bucket));
            let mut distinct = own.to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), own.len());
        }
    }
}

/// With churn, a converged network is that of the peers who are up: nobody begins with a dead contact,
/// and who comes later begins with nobody but the few it was told of.
#[test]
fn a_converged_network_is_that_of_the_peers_that_are_up() {
    let lives = "session = { exponential = { mean = \"20 min\" } }\n\
                 absence = { exponential = { mean = \"40 min\" } }";
    let setup = with_churn(setup(300, 1), lives);
    let config = read("k = 8");
    let run = config.plan(&setup);
    let spawn = |peer| Kademlia::spawn(&run, &setup, peer);
    let mut world = World::new(&setup, spawn, &Idle);
    world.advance(Instant::from_nanos(1), &mut ());
    let up = world.peers().filter(|&(peer, _)| world.is_up(peer)).count();
    assert!((60..140).contains(&up), "{up} of 300 at 1/3");
    for (peer, node) in world.peers() {
        assert_eq!(!node.table().contacts().is_empty(), world.is_up(peer));
        assert!(
            node.table()
                .contacts()
                .iter()
                .all(|contact| world.is_up(contact.peer()))
        );
        let friends = run.born.friends(peer, 8);
        assert!(world.is_up(peer) || (1..=8).contains(&friends.len()));
        assert!(!friends.contains(&peer));
    }
}

#[test]
fn a_peer_is_small() {
    assert!(size_of::<Node>() <= 144, "{}", size_of::<Node>());
}
