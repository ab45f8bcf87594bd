//! Files over any hash table: the same words for both, found by everybody in a network at rest, and the same
//! run on all engines while peers come and go.

use peerlab::adversary::sybil::Target;
use peerlab::engine::{Flow, Notice, Observer, Reference, Setup, World};
use peerlab::experiment::prepare;
use peerlab::network::Files;
use peerlab::peer::PeerId;
use peerlab::protocols::chord::Chord;
use peerlab::protocols::files::{self, Event, FileShare, Schedule, Shared, Sharing};
use peerlab::protocols::kademlia::Kademlia;
use peerlab::scenario::{ProtocolConfig, Settings, load};
use peerlab::time::Instant;
use std::sync::Arc;

const CHORD: &str = "chord = { stabilize = \"10 s\" }";
const KADEMLIA: &str = "kademlia = { k = 8 }";

fn built(table: &str, more: &str) -> (Settings, Setup) {
    let text = format!(
        r#"
        name = "t"
        peers = 60
        bootstrap = "10 s"
        warm_up = "40 s"
        duration = "1 min"
        drain = "10 s"
        network = {{ loss = "1 %", constant = {{ latency = "40 ms" }} }}
        protocol.{table}
        [files]
        count = 30
        size = "10 KiB"
        over = "10 s"
        announce = "20 s"
        expire = "40 s"
        fetches = "240 /h"
        {more}
        "#
    );
    let scenario = load::<Settings>("t.toml", &text, &[]);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let settings = scenario.points[0].body.clone();
    let setup = prepare(&settings, &Files::default(), 1).expect("it builds");
    (settings, setup)
}

/// A metric of a run.
fn metric(settings: &Settings, setup: &Setup, name: &str) -> f64 {
    fn run<T: Target>(table: &T, files: &Sharing, setup: &Setup, name: &str) -> f64 {
        let ids = table.ids(setup);
        let cast = table.cast(setup, Arc::clone(&ids));
        let record = files::run(files, setup, ids, cast.spawn);
        record.get(name).expect("a metric of shared files")
    }
    let files = settings.files.expect("files");
    match &settings.protocol {
        ProtocolConfig::Chord(chord) => run(chord, &files, setup, name),
        ProtocolConfig::Kademlia(kademlia) => run(&**kademlia, &files, setup, name),
        _ => panic!("a hash table"),
    }
}

#[test]
fn in_a_network_at_rest_every_file_is_found_over_any_table() {
    for table in [CHORD, KADEMLIA] {
        let (settings, setup) = built(table, "replicas = 2\nshare = false");
        let get = |name| metric(&settings, &setup, name);
        assert!((get("files.published") - 30.0).abs() < 1e-12, "{table}");
        assert!((get("files.available") - 1.0).abs() < 1e-12, "{table}");
        // A question that is lost twice is rare.
        assert!(get("files.success") > 0.99, "{table}");
        // Who publishes and one other, but for orders that were lost.
        let copies = get("files.copies");
        assert!((1.8..=2.0).contains(&copies), "{table}: {copies}");
        assert!(
            get("files.content_bytes") > get("files.index_bytes"),
            "{table}"
        );
    }
}

/// Who has fetched a file shares it: there are more copies than with nobody sharing.
#[test]
fn sharing_makes_copies() {
    let copies = |share: &str| {
        let (settings, setup) = built(KADEMLIA, share);
        metric(&settings, &setup, "files.copies")
    };
    let (alone, shared) = (copies("share = false"), copies("share = true"));
    assert!((alone - 1.0).abs() < 1e-12, "{alone}");
    assert!(shared > 2.0, "{shared}");
}

#[derive(Default)]
struct Keep(Vec<(Instant, PeerId, Notice<Event>)>);

impl Observer<Event> for Keep {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        self.0.push((at, peer, notice));
        Flow::Continue
    }
}

fn all_agree<T: Target>(table: &T, files: Sharing, mut setup: Setup) {
    let ids = table.ids(&setup);
    let shared = Arc::new(Shared {
        files,
        ids: Arc::clone(&ids),
    });
    let schedule = Schedule::new(&files, &setup);
    let mut expected = Keep::default();
    let mut cast = table.cast(&setup, Arc::clone(&ids));
    let spawn = |peer| FileShare::new((cast.spawn)(peer), Arc::clone(&shared));
    let heap = Reference::new(&setup, spawn, &schedule).run(&mut expected);
    assert!(heap.counts.refused > 3, "{:?}", heap.counts);
    assert!(heap.counts.lost > 50 && heap.counts.to_the_dead > 500);
    for shards in [1, 2, 3, 8] {
        setup.shards = shards;
        let mut cast = table.cast(&setup, Arc::clone(&ids));
        let spawn = |peer| FileShare::new((cast.spawn)(peer), Arc::clone(&shared));
        let mut seen = Keep::default();
        let mut report = World::new(&setup, spawn, &schedule).run(&mut seen);
        assert_eq!(seen.0, expected.0, "{shards} shards");
        report.shards = heap.shards;
        assert_eq!(report, heap, "{shards} shards");
    }
}

#[test]
fn engines_agree_on_shared_files() {
    let lives = "[churn]\nsession.exponential.mean = \"40 s\"\nabsence.exponential.mean = \"20 s\"";
    for table in [CHORD, KADEMLIA] {
        let (settings, setup) = built(table, lives);
        let files = settings.files.expect("files");
        match &settings.protocol {
            ProtocolConfig::Chord(chord) => {
                let chord: &Chord = chord;
                all_agree(chord, files, setup);
            }
            ProtocolConfig::Kademlia(kademlia) => {
                let kademlia: &Kademlia = kademlia;
                all_agree(kademlia, files, setup);
            }
            _ => panic!("a hash table"),
        }
    }
}
