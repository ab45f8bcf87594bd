use super::*;
use crate::quantity::{Bandwidth, Share};
use proptest::prelude::*;

fn build(config: &NetworkConfig, peers: u32) -> Network {
    let population = Population::uniform(peers);
    Network::build(config, &Files::default(), &population, &Streams::new(1)).expect("valid")
}

fn regions(preset: RegionPreset) -> NetworkConfig {
    let regions = RegionsConfig {
        preset: Some(preset),
        ..RegionsConfig::default()
    };
    NetworkConfig {
        constant: None,
        regions: Some(regions),
        ..NetworkConfig::default()
    }
}

#[test]
fn a_preset_gives_its_delay_and_the_last_mile() {
    let network = build(&regions(RegionPreset::Bitcoin2019), 1000);
    let count = |region| {
        let peers = (0..1000).filter(|&p| network.place(PeerId(p)) == Some(region));
        peers.count()
    };
    assert_eq!([0, 1, 2, 3, 4, 5].map(count), [332, 499, 9, 118, 23, 19]);
    let one = |region| {
        let mut peers = (0..1000).map(PeerId);
        peers
            .find(|&p| network.place(p) == Some(region))
            .expect("somebody lives there")
    };
    // 151 ms there and back, half of it there, and 0.5 ms at each end.
    assert_eq!(network.delay(one(0), one(4)), Duration::from_micros(76_500));
    assert_eq!(network.lookahead(), Duration::from_micros(6500));
    assert!(network.about().contains("halved to one-way"));
    let replay = build(&regions(RegionPreset::Simblock2019), 1000);
    assert_eq!(replay.delay(one(0), one(4)), Duration::from_millis(151));
}

#[test]
fn loss_and_jitter_come_out_and_keep_the_minimum() {
    let config = NetworkConfig {
        loss: Share(0.1),
        jitter: Duration::from_millis(5),
        ..NetworkConfig::default()
    };
    let network = build(&config, 10);
    let n = 100_000;
    let (mut lost, mut sum) = (0u32, 0u64);
    for seq in 0..n {
        match network.datagram(Instant::ZERO, PeerId(1), PeerId(2), seq) {
            Transit::Lost => lost += 1,
            Transit::Arrives(delay) => {
                assert!(delay >= network.lookahead());
                assert!(delay <= Duration::from_millis(100));
                sum += (delay - network.lookahead()).as_nanos();
            }
        }
        let segment = network.segment(Instant::ZERO, PeerId(1), PeerId(2), seq);
        assert_ne!(segment, Transit::Lost);
    }
    // Four standard errors of a proportion of 0.1 in 10^5 are 0.0038.
    let share = f64::from(lost) / f64::from(n);
    assert!((share - 0.1).abs() < 0.0038, "{share}");
    // The mean of the capped exponential is 5 ms (1 - e^-10); four standard errors are 0.067 ms.
    let mean = sum as f64 / f64::from(n - lost) / 1e6;
    assert!((mean - 4.999_77).abs() < 0.067, "{mean}");
}

#[test]
fn all_is_lost_at_a_loss_of_one() {
    let config = NetworkConfig {
        loss: Share(1.0),
        ..NetworkConfig::default()
    };
    let network = build(&config, 2);
    let lost = |seq| network.datagram(Instant::ZERO, PeerId(0), PeerId(1), seq) == Transit::Lost;
    assert!((0..1000).all(lost));
}

#[test]
fn links_follow_the_region_or_a_mix_or_are_the_same_for_all() {
    let bandwidth = |text: &str| -> BandwidthConfig {
        let text = format!("[access-link]\n{text}");
        toml::from_str(&text).expect("readable")
    };
    let (population, streams) = (Population::uniform(1000), Streams::new(1));
    let constant = |text: &str| {
        Network::constant(Duration::ZERO).with_bandwidth(&bandwidth(text), &population, &streams)
    };
    let same = constant("up = \"1 Mbit/s\"\ndown = \"2 Mbit/s\"").expect("valid");
    let access = same.access().expect("limited");
    assert_eq!(access.link(PeerId(9)).up, Bandwidth(1_000_000));
    assert_eq!(access.classes(), [""]);
    assert!(!access.fifo());

    let preset = bandwidth("preset = \"simblock-2019\"");
    let by_region = build(&regions(RegionPreset::Bitcoin2019), 1000);
    let by_region = by_region.with_bandwidth(&preset, &population, &streams);
    let by_region = by_region.expect("valid");
    for peer in (0..1000).map(PeerId) {
        let region = by_region.place(peer).expect("a region");
        let access = by_region.access().expect("limited");
        assert_eq!(
            access.link(peer),
            BandwidthPreset::Simblock2019.link(region)
        );
        assert_eq!(access.classes()[access.class(peer)], REGIONS[region]);
    }
    let down = BandwidthPreset::Simblock2019.link(2).down;
    assert_eq!(down, Bandwidth(18_000_000));
    assert!(constant("preset = \"simblock-2019\"").is_err());

    let mix = constant("preset = \"file-sharing-2006\"").expect("valid");
    let access = mix.access().expect("limited");
    let mut counts = [0; 4];
    for peer in (0..1000).map(PeerId) {
        counts[access.class(peer)] += 1;
    }
    assert_eq!(counts, [200, 400, 250, 150]);
    assert_eq!(access.classes()[0], "784/128");
    assert!(constant("up = \"0 bit/s\"\ndown = \"1 bit/s\"").is_err());
}

#[test]
fn exactly_one_model_is_wanted() {
    let mut both = regions(RegionPreset::Bitcoin2015);
    both.constant = NetworkConfig::default().constant;
    let problems = both.problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].1.contains("2 latency models"));
    let none = NetworkConfig {
        constant: None,
        ..NetworkConfig::default()
    };
    assert!(none.problems()[0].1.contains("no latency model"));
    let population = Population::uniform(2);
    let built = Network::build(&none, &Files::default(), &population, &Streams::new(1));
    assert!(built.is_err());
}

#[test]
fn own_regions_read_as_a_scenario_writes_them() {
    let text = r#"
        loss = "1 %"
        last_mile = "0 s"
        [regions]
        names = ["here", "there"]
        shares = ["25 %", 0.75]
        rtt = [["2 ms", "40 ms"], ["40 ms", "4 ms"]]
    "#;
    let config: NetworkConfig = toml::from_str(text).expect("readable");
    let network = build(&config, 8);
    let here = (0..8)
        .filter(|&p| network.place(PeerId(p)) == Some(0))
        .count();
    assert_eq!(here, 2);
    assert_eq!(network.lookahead(), Duration::from_millis(1));
    let again: NetworkConfig =
        toml::from_str(&toml::to_string(&config).expect("writable")).expect("readable");
    assert_eq!(again, config);
    let mut lopsided = config;
    lopsided.regions.as_mut().expect("regions").rtt[0][1] = Duration::from_millis(39);
    assert!(lopsided.problems()[0].1.contains("from here to there"));
}

#[test]
fn bandwidth_reads_as_a_scenario_writes_it() {
    let read = |text: &str| toml::from_str::<BandwidthConfig>(text).expect("readable");
    assert_eq!(read("[unlimited]"), BandwidthConfig::default());
    let mut problems = Vec::new();
    read("[access-link]\nup = \"1 Mbit/s\"").validate(&mut problems);
    assert_eq!(problems[0].0, "access-link");
}

proptest! {
    /// The promise the parallel engine stands on.
    #[test]
    fn no_delay_is_below_the_lookahead(
        rows in 1usize..7,
        peers in 2u32..12,
        seed in any::<u64>(),
        last_mile in 0u64..2,
    ) {
        let mut word = seed;
        let mut row = |_| {
            let number = |_| {
                word = finish(word);
                (1 + word % 5000).to_string()
            };
            (0..rows).map(number).collect::<Vec<_>>().join(" ")
        };
        let text = (0..rows).map(&mut row).collect::<Vec<_>>().join("\n");
        let matrix = MatrixConfig {
            file: "m".to_owned(),
            unit: TimeUnit::Milliseconds,
            values: MatrixValues::RoundTrip,
            format: MatrixFormat::Dense,
            column: None,
            missing: MissingDelays::Error,
        };
        let config = NetworkConfig {
            constant: None,
            matrix: Some(matrix),
            last_mile: Some(Duration::from_millis(last_mile)),
            jitter: Duration::from_millis(1),
            ..NetworkConfig::default()
        };
        let files = Files([("m".to_owned(), text)].into());
        let population = Population::uniform(peers);
        let network = Network::build(&config, &files, &population, &Streams::new(seed)).expect("valid");
        let mut smallest = Duration::MAX;
        for from in (0..peers).map(PeerId) {
            for to in (0..peers).map(PeerId).filter(|&to| to != from) {
                smallest = smallest.min(network.delay(from, to));
                let sent = network.datagram(Instant::ZERO, from, to, from.0 + to.0);
                prop_assert!(matches!(sent, Transit::Arrives(delay) if delay >= network.lookahead()));
            }
        }
        prop_assert_eq!(smallest, network.lookahead());
    }
}
