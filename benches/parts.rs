//! Parts that a run spends its time or its set-up in: random graphs, and Bitcoin's address manager.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use peerlab::network::graph::{k_out, regular};
use peerlab::protocols::bitcoin::address::{Address, Group, Stamp};
use peerlab::protocols::bitcoin::addrman::AddrMan;
use peerlab::protocols::bitcoin::addrman::rules::Rules;
use peerlab::random::{Draw, Purpose, Streams};
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

criterion_group!(benches, graphs, addresses);
criterion_main!(benches);
