use super::*;
use crate::network::{Network, NetworkConfig, RegionPreset, RegionsConfig, Transit};
use crate::peer::Population;
use crate::random::Streams;
use crate::time::{Duration, Instant};

const PEERS: u32 = 100;

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn faults(text: &str) -> Vec<FaultConfig> {
    #[derive(serde::Deserialize)]
    struct File {
        fault: Vec<FaultConfig>,
    }
    toml::from_str::<File>(text).expect("readable").fault
}

/// A hundred peers 1 ms from one another in a run of an hour.
fn network(text: &str) -> Network {
    let network = Network::constant(Duration::from_millis(1));
    let population = Population::uniform(PEERS);
    let streams = Streams::new(3);
    let network = network.with_faults(&faults(text), &population, &streams, at(3600));
    network.expect("valid")
}

/// The same on six regions.
fn world(text: &str) -> Network {
    let config = NetworkConfig {
        constant: None,
        regions: Some(RegionsConfig {
            preset: Some(RegionPreset::Bitcoin2019),
            ..RegionsConfig::default()
        }),
        ..NetworkConfig::default()
    };
    let population = Population::uniform(PEERS);
    let streams = Streams::new(3);
    let network = Network::build(
        &config,
        &crate::input::Files::default(),
        &population,
        &streams,
    );
    let network = network.expect("valid");
    let network = network.with_faults(&faults(text), &population, &streams, at(3600));
    network.expect("valid")
}

/// How many peers cannot be reached by peer 0.
fn out_of_reach(network: &Network, seconds: u64) -> usize {
    let now = at(seconds);
    let lost = |&peer: &u32| {
        let datagram = network.datagram(now, PeerId(0), PeerId(peer), 0);
        assert_eq!(datagram, network.segment(now, PeerId(0), PeerId(peer), 0));
        assert_eq!(datagram, network.datagram(now, PeerId(peer), PeerId(0), 0));
        datagram == Transit::Lost
    };
    (1..PEERS).filter(lost).count()
}

#[test]
fn a_partition_cuts_between_the_sides_while_it_lasts() {
    let network = network("[[fault]]\npartition = { at = \"10 s\", heal = \"20 s\", share = 0.3 }");
    let reach = [9, 10, 19, 20].map(|seconds| out_of_reach(&network, seconds));
    assert_eq!([reach[0], reach[3]], [0, 0]);
    // Peer 0 is cut off either from the 30 or from the 70 others.
    assert!([30, 70].contains(&reach[1]), "{reach:?}");
    assert_eq!(reach[1], reach[2]);
}

#[test]
fn a_crash_strikes_a_share_of_each_class_and_lets_it_back() {
    let network =
        network("[[fault]]\ncrash = { at = \"5 s\", share = \"25 %\", rejoin_after = \"1 s\" }");
    let crashes = network.crashes();
    assert_eq!(crashes.len(), 25);
    assert!(crashes.iter().all(|crash| crash.up == Some(at(6))));
    assert!(crashes.is_sorted());
}

#[test]
fn a_cut_a_delay_and_an_outage_know_regions() {
    let network = world(
        "[[fault]]
         cut = { at = \"10 s\", heal = \"20 s\", between = [\"Europe\", \"North America\"] }
         [[fault]]
         delay = { at = \"30 s\", until = \"40 s\", add = \"70 ms\", region = \"Europe\" }
         [[fault]]
         crash = { at = \"50 s\", region = \"Asia-Pacific\" }",
    );
    for (a, b) in (0..PEERS).flat_map(|a| (0..PEERS).map(move |b| (PeerId(a), PeerId(b)))) {
        let places = [network.place(a), network.place(b)];
        let across = places == [Some(0), Some(1)] || places == [Some(1), Some(0)];
        assert_eq!(network.is_cut(at(15), a, b), across);
        assert!(!network.is_cut(at(25), a, b));
        let added = if places.contains(&Some(1)) { 70 } else { 0 };
        let expected = network.delay(a, b) + Duration::from_millis(added);
        assert_eq!(
            network.datagram(at(35), a, b, 7),
            Transit::Arrives(expected)
        );
    }
    let down = network
        .crashes()
        .iter()
        .map(|crash| network.place(crash.peer));
    let down: Vec<_> = down.collect();
    assert_eq!(down, vec![Some(3); 12]);
}

#[test]
fn a_burst_of_loss_multiplies_with_what_is_lost_anyway() {
    let network =
        world("[[fault]]\nloss = { at = \"0 s\", until = \"1 s\", loss = 0.5, share = 1.0 }");
    let lost = |seconds| {
        let lost = |&seq: &u32| {
            let sent = network.datagram(at(seconds), PeerId(0), PeerId(1), seq);
            sent == Transit::Lost
        };
        (0..10_000).filter(lost).count()
    };
    // Four standard errors of a share of one half in 10 000.
    assert!(lost(0).abs_diff(5000) < 200, "{}", lost(0));
    assert_eq!(lost(1), 0);
    // Connections keep their order and lose nothing.
    let segment = network.segment(at(0), PeerId(0), PeerId(1), 1);
    assert_eq!(
        segment,
        Transit::Arrives(network.delay(PeerId(0), PeerId(1)))
    );
}

#[test]
fn what_comes_again_comes_on_time_or_at_random_and_strikes_anew() {
    let text = "[[fault]]\ncrash = { at = \"0 s\", share = 0.1, again = { every = \"10 min\" } }";
    let crashes = network(text);
    let crashes = crashes.crashes();
    let times: Vec<u64> = crashes
        .iter()
        .step_by(10)
        .map(|crash| crash.down.as_nanos())
        .collect();
    let minutes: Vec<u64> = times.iter().map(|nanos| nanos / 60_000_000_000).collect();
    assert_eq!(minutes, [0, 10, 20, 30, 40, 50]);
    let whom = |time: usize| crashes[10 * time..10 * (time + 1)].iter().map(|c| c.peer.0);
    assert!(!whom(0).eq(whom(1)));

    let text = "[[fault]]
        partition = { at = \"0 s\", heal = \"1 s\", share = 0.5, again = { after = \"9 s\" } }";
    let network = network(text);
    let cut = (0..3600)
        .filter(|&seconds| out_of_reach(&network, seconds) > 0)
        .count();
    // A tenth of the time; the number of cycles of 10 s has a standard deviation of 9 / 10 of the
    // root of 360, and each is about a second.
    assert!(cut.abs_diff(360) < 70, "{cut}");

    let often = "[[fault]]\ncrash = { at = \"0 s\", share = 0.1, again = { every = \"1 s\" } }";
    let (population, streams) = (Population::uniform(9), Streams::new(1));
    let network = Network::constant(Duration::ZERO);
    let often = network.with_faults(&faults(often), &population, &streams, at(3600));
    let error = often.expect_err("too often").to_string();
    assert!(
        error.starts_with("fault.0.crash.again: comes more than 1000"),
        "{error}"
    );
}

#[test]
fn a_flapping_peer_is_up_and_down_in_turns() {
    let network = network(
        "[[fault]]
         flap = { at = \"10 min\", until = \"50 min\", up = \"90 s\", down = \"30 s\", share = 0.2 }",
    );
    let crashes = network.crashes();
    let mut peers: Vec<u32> = crashes.iter().map(|crash| crash.peer.0).collect();
    peers.sort_unstable();
    peers.dedup();
    assert_eq!(peers.len(), 20);
    let mut down = Duration::ZERO;
    for &peer in &peers {
        let own: Vec<_> = crashes
            .iter()
            .filter(|crash| crash.peer.0 == peer)
            .collect();
        for crash in &own {
            let up = crash.up.expect("comes back");
            assert!(crash.down >= at(600) && up <= at(3000) && crash.down < up);
            down += up - crash.down;
        }
        for pair in own.windows(2) {
            let up = pair[0].up.expect("comes back");
            assert_eq!(pair[1].down - up, Duration::from_secs(90));
        }
    }
    // Twenty rounds of which a quarter is down: 600 s a peer, whatever the phase.
    assert_eq!(down, Duration::from_secs(600 * 20));
}

#[test]
fn what_contradicts_itself_is_said() {
    let text = "[[fault]]
        partition = { at = \"1 s\", heal = \"1 s\", share = 0.5, region = \"Europe\" }
        [[fault]]
        crash = { at = \"1 s\" }
        [[fault]]
        cut = { at = \"1 s\", heal = \"2 s\", between = [\"Europe\"] }
        [[fault]]
        loss = { at = \"1 s\", until = \"9 s\", loss = 0.5, share = 0.1, again = { every = \"5 s\" } }
        [[fault]]
        flap = { at = \"1 s\", until = \"9 s\", share = 0.1, up = \"0 s\", down = \"1 s\" }";
    let mut problems = Vec::new();
    for fault in faults(text) {
        fault.validate(&mut problems);
    }
    let said: Vec<String> = problems
        .iter()
        .map(|(key, what, _)| format!("{key}: {what}"))
        .collect();
    assert_eq!(
        said,
        [
            "partition.heal: heals at 1 s, not after 1 s",
            "partition: strikes two choices of peers",
            "crash: strikes nobody",
            "cut.between: names one region",
            "loss.again.every: begins again after 5 s, and lasts 8 s",
            "flap.up: no time at all",
        ]
    );
    let (population, streams) = (Population::uniform(9), Streams::new(1));
    let nowhere = "[[fault]]\ncrash = { at = \"1 s\", region = \"Atlantis\" }";
    let network = Network::constant(Duration::ZERO);
    let error = network.with_faults(&faults(nowhere), &population, &streams, at(9));
    let error = error.expect_err("no such region").to_string();
    assert_eq!(
        error,
        "fault.0.crash.region: no region `Atlantis`: this needs `[network.regions]`"
    );
}
