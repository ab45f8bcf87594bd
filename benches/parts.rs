//! Parts that a run spends its time or its set-up in: random graphs, Bitcoin's address manager,
//! Kademlia's tables and short lists, flows that share links.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use peerlab::bench::flows::{LINK, random, run};
use peerlab::engine::Setup;
use peerlab::network::Network;
use peerlab::network::graph::{k_out, regular};
use peerlab::peer::PeerId;
use peerlab::protocols::bitcoin::address::{Address, Group, Stamp};
use peerlab::protocols::bitcoin::addrman::AddrMan;
use peerlab::protocols::bitcoin::addrman::rules::Rules;
use peerlab::protocols::dht::{Contact, Id};
use peerlab::protocols::kademlia::Kademlia;
use peerlab::protocols::kademlia::short_list::ShortList;
use peerlab::random::{Draw, PeerRng, Purpose, Streams};
use peerlab::time::{Duration, Instant};
use std::hint::black_box;

fn graphs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graphs of degree 8");
    group.sample_size(10);
    for peers in [10_000, 100_000] {
        let rng = || Streams::new(7).chacha(Purpose::Topology, 0);
        group.bench_function(BenchmarkId::new("regular", peers), |bencher| {
            bencher.iter(|| black_box(regular(peers, 8, &mut rng())));
        });
        group.bench_function(BenchmarkId::new("k-out", peers), |bencher| {
            bencher.iter(|| black_box(k_out(peers, 4, false, &mut rng())));
        });
    }
    group.finish();
}

/// An address manager that has heard of 4096 addresses of as many groups.
fn filled(rules: Rules) -> AddrMan {
    let mut rng = Streams::new(7).chacha(Purpose::Analysis, 0);
    let mut manager = AddrMan::new(rules, 1);
    let now = Stamp::from(Instant::ZERO);
    for number in 0..4096_u16 {
        let address = Address::new(Group(number), 1);
        let source = Address::new(Group(number / 16), 2);
        manager.add(address, now, source, Duration::ZERO, now, &mut rng);
        if rng.chance(0.1) {
            manager.good(address, now, &mut rng);
        }
    }
    manager
}

fn addresses(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("address manager");
    for (name, rules) in [
        ("0.9.3", Rules::before_0_10_1()),
        ("0.10.1", Rules::from_0_10_1()),
    ] {
        let manager = filled(rules);
        let rng = || Streams::new(7).chacha(Purpose::Analysis, 1);
        group.bench_function(BenchmarkId::new("select", name), |bencher| {
            let mut rng = rng();
            bencher.iter(|| black_box(manager.select(4, Instant::ZERO, &mut rng)));
        });
        group.bench_function(BenchmarkId::new("fill", name), |bencher| {
            let make = || rules;
            bencher.iter_batched(
                make,
                |rules| black_box(filled(rules)),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// A table of a network of 100 000 peers: the k closest to random keys; and their merging, answer by
/// answer, into a short list.
fn kademlia(criterion: &mut Criterion) {
    let network = Network::constant(Duration::from_millis(50));
    let setup = Setup::new(100_000, network, 7, Duration::from_mins(1));
    let run = Kademlia::default().plan(&setup);
    let (rules, ids) = (&run.rules, &run.rules.ids);
    let me = Contact::new(PeerId(50_000), 0);
    let table = run.born.table(rules, me, &mut PeerRng::from_state(7));
    let mut group = criterion.benchmark_group("kademlia, k = 20");
    let closest = |key: Id, out: &mut Vec<Contact>| {
        let rank = |contact| ids.id(contact).xor(key);
        let wanted = (key.xor(ids.id(me)), 20);
        table.closest(&rules.shape, wanted, None, rank, out);
    };
    let rng = || Streams::new(7).chacha(Purpose::Analysis, 2);
    group.bench_function("closest of a table", |bencher| {
        let (mut rng, mut out) = (rng(), Vec::with_capacity(20));
        bencher.iter(|| {
            out.clear();
            closest(Id::random(64, &mut rng), &mut out);
            black_box(out.len())
        });
    });
    group.bench_function("short list of five answers", |bencher| {
        let mut rng = rng();
        let answers: Vec<Vec<Contact>> = (0..5)
            .map(|_| {
                let mut out = Vec::new();
                closest(Id::random(64, &mut rng), &mut out);
                out
            })
            .collect();
        bencher.iter(|| {
            let key = Id::random(64, &mut rng);
            let mut list = ShortList::new(40);
            for &contact in answers.iter().flatten() {
                list.add(ids.id(contact).xor(key), contact, 1);
            }
            black_box(list.all().len())
        });
    });
    group.finish();
}

fn flows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("flows that share links, among 1000 hosts");
    group.sample_size(10);
    for flows in [1000, 10_000] {
        let transfers = random(1000, flows, 10, (5e6, 15e6));
        let links = vec![LINK; 1000];
        group.bench_function(BenchmarkId::new("all", flows), |bencher| {
            bencher.iter(|| black_box(run(&links, &transfers)));
        });
    }
    group.finish();
}

criterion_group!(benches, graphs, addresses, kademlia, flows);
criterion_main!(benches);
