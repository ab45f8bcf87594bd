//! The engine under the classical loads: `cargo bench`. What each part costs beside the others, with
//! targets and other simulators' figures, is in `sim bench`; here are the same workloads for those
//! who change the engine and want criterion's statistics on before and after.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use peerlab::bench::linked::{self, Linked};
use peerlab::bench::phold::Phold;
use peerlab::engine::{Idle, Reference, Setup, World};
use peerlab::network::Network;
use peerlab::time::Duration;
use std::hint::black_box;

const LATENCY: Duration = Duration::from_millis(50);

/// Ten messages per peer.
fn setup(peers: u32) -> Setup {
    Setup::new(peers, Network::constant(LATENCY), 7, LATENCY * 10)
}

fn phold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("phold");
    group.sample_size(20);
    for peers in [1_000, 10_000, 100_000] {
        let setup = setup(peers);
        let make = |_| Phold::new(peers, LATENCY, 0);
        let events = World::new(&setup, make, &Idle).run_unwatched().counts;
        group.throughput(Throughput::Elements(events.delivered));
        group.bench_function(BenchmarkId::new("slots", peers), |bencher| {
            bencher.iter(|| black_box(World::new(&setup, make, &Idle).run_unwatched().digest));
        });
        group.bench_function(BenchmarkId::new("plain heap", peers), |bencher| {
            bencher.iter(|| black_box(Reference::new(&setup, make, &Idle).run(&mut ()).digest));
        });
    }
    group.finish();
}

fn connections(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("connections");
    group.sample_size(20);
    for peers in [1_000, 10_000] {
        let mut setup = setup(peers);
        setup.phases.measurement = linked::BEGIN + LATENCY * 10;
        let make = |_| Linked::new(peers);
        let events = World::new(&setup, make, &Idle).run_unwatched().counts;
        group.throughput(Throughput::Elements(events.delivered));
        group.bench_function(BenchmarkId::new("passed on", peers), |bencher| {
            bencher.iter(|| black_box(World::new(&setup, make, &Idle).run_unwatched().digest));
        });
    }
    group.finish();
}

criterion_group!(benches, phold, connections);
criterion_main!(benches);
