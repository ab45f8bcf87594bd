use super::super::config::{Kademlia, SKademlia, Start};
use super::super::preset::Preset;
use crate::engine::{Setup, World};
use crate::network::Network;
use crate::observe::record::Record;
use crate::protocols::dht::{Keys, Lookups};
use crate::protocols::kademlia::Node;
use crate::time::Duration;

fn setup(peers: u32, seed: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(peers, network, seed, Duration::from_mins(10));
    setup.phases.drain = Duration::from_mins(1);
    setup
}

fn lookups(count: u32) -> Lookups {
    Lookups {
        start: crate::protocols::dht::Start::Count(count),
        ..Lookups::default()
    }
}

fn get(record: &Record, metric: &str) -> f64 {
    record.get(metric).expect("a metric of hash tables")
}

/// With nobody coming or going and nothing lost a lookup finds exactly the k closest, every time, with
/// every preset, whether keys or peers are looked up. Its first answers come from a table in which all
/// buckets near the target are complete.
#[test]
fn every_lookup_succeeds_in_a_static_network() {
    for preset in Preset::ALL {
        for keys in [Keys::Uniform {}, Keys::Peers {}] {
            let kademlia = Kademlia {
                preset,
                lookups: Lookups {
                    keys,
                    ..lookups(300)
                },
                ..Kademlia::default()
            };
            let record = kademlia.run(&setup(1000, 1));
            assert_eq!(get(&record, "dht.success"), 1.0, "{preset:?}");
            assert_eq!(get(&record, "dht.count"), 300.0);
            assert_eq!(get(&record, "dht.correct"), 1.0, "{preset:?}");
            assert_eq!(get(&record, "dht.timeouts"), 0.0, "{preset:?}");
        }
    }
}
