//! N: random graphs and what is left of them.

use super::{Room, Source, column, per_seed};
use crate::network::graph::percolation::{
    connected_probability, count_connected, giant_share, giant_share_of_survivors,
    measured_giant_share, measured_giant_share_of_survivors, regular_critical_failures,
    regular_giant_share_of_survivors,
};
use crate::network::graph::{erdos_renyi, regular};
use crate::random::{Purpose, Streams};
use crate::validate::{Rule, finite};
use rand_chacha::ChaCha8Rng;

const N1: Source = Source {
    id: "N1",
    text: "Erdős & Rényi 1959: P[G(n, (ln n + c)/n) connected] -> exp(-e^-c)",
};
const N2: Source = Source {
    id: "N2",
    text: "Erdős & Rényi 1960: giant component S = 1 - e^(-cS) of G(n, c/n)",
};
const N3: Source = Source {
    id: "N3",
    text: "Cohen et al. 2000; Molloy & Reed 1995: the giant component's share of the \
           survivors of random failures; G(n, 4/n) and d-regular graphs, nobody repairs",
};
const PEERS: u32 = 20_000;

fn stream(seed: u64) -> ChaCha8Rng {
    Streams::new(seed).chacha(Purpose::Analysis, 1)
}

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("random graphs (N1 to N3)");
    for (index, c) in [0.0, 1.0, 2.0, 3.0].into_iter().enumerate() {
        // Other graphs for each c.
        let values = per_seed(room.seeds(1000, 10_000), |seed| {
            let mut rng = Streams::new(seed).chacha(Purpose::Analysis, 2 + index as u64);
            f64::from(count_connected(1000, c, 1, &mut rng))
        });
        let target = N1.claim(
            format!("connected, n = 1000, c = {c}"),
            connected_probability(c),
        );
        let target = target.finite(finite::connected(1000, c));
        room.judge(target, &values, Rule::Probability);
    }
    for c in [1.5, 2.0, 3.0, 4.0] {
        let share = |seed| measured_giant_share(&erdos_renyi(PEERS, c, &mut stream(seed)));
        let values = per_seed(room.seeds(100, 1000), share);
        let what = format!("share in the giant component, c = {c}");
        let target = N2.claim(what, giant_share(c));
        room.judge(target, &values, Rule::ClosedForm(0.005));
    }
    failures(room);
}

fn failures(room: &mut Room<'_>) {
    let seeds = room.seeds(60, 500);
    let values = per_seed(seeds, |seed| {
        let mut rng = stream(seed);
        let graph = erdos_renyi(PEERS, 4.0, &mut rng);
        measured_giant_share_of_survivors(&graph, 0.5, &mut rng)
    });
    let target = N3.claim("half fail, G(n, 4/n)", giant_share_of_survivors(4.0, 0.5));
    room.judge(target, &values, Rule::ClosedForm(0.01));
    for degree in [4, 5, 8] {
        let runs = per_seed(seeds, |seed| {
            let mut rng = stream(seed);
            let graph = regular(PEERS, degree, &mut rng);
            let past = regular_critical_failures(degree) + 0.05;
            let half = measured_giant_share_of_survivors(&graph, 0.5, &mut rng);
            (
                half,
                measured_giant_share_of_survivors(&graph, past, &mut rng),
            )
        });
        let what = format!("half fail, {degree}-regular");
        let target = N3.claim(what, regular_giant_share_of_survivors(degree, 0.5));
        room.judge(target, &column(&runs, |run| run.0), Rule::ClosedForm(0.01));
        // That a threshold has been passed shows in the largest part being small.
        let critical = 100.0 * regular_critical_failures(degree);
        let what = format!("{critical:.1} + 5 % fail, {degree}-regular");
        let target = N3.claim(what, 0.06);
        room.judge(target, &column(&runs, |run| run.1), Rule::Below);
    }
}
