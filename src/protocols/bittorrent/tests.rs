use super::bits::Bits;
use super::picker::Block;
use super::wire::{Timer, Wire};
use super::*;
use crate::engine::{Conn, Link, Reference, Report, Setup, World};
use crate::network::Network;
use crate::peer::{Class, PeerId, Population};
use crate::protocols::download::{Join, Meter, Schedule};
use crate::quantity::Bandwidth;
use crate::testkit::{Bench, Effect, Effects};
use crate::time::Duration;

/// A swarm of equal peers, 20 ms apart.
fn setup(config: &BitTorrent, peers: u32, seed: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(20));
    let links = (Bandwidth(4_000_000), Bandwidth(16_000_000));
    let network = network.with_fair_links(links.0, links.1);
    let mut setup = Setup::new(peers, network, seed, Duration::from_hours(2));
    let class = |name: &str, count| Class {
        name: name.to_owned(),
        count,
    };
    let classes = [("peers", peers), ("seeds", config.seeds), ("tracker", 1)];
    setup.population = Population::new(classes.map(|(name, count)| class(name, count)).to_vec());
    setup
}

fn config(text: &str) -> BitTorrent {
    toml::from_str(text).expect("valid")
}

fn run(config: &BitTorrent, setup: &Setup) -> (World<Node>, Report, Meter) {
    let rules = config.rules(setup);
    let manners = config.manners(setup);
    let schedule = Schedule::new(&config.arrivals, setup);
    let mut meter = Meter::new(setup, Some(schedule.times().len()));
    let mut world = World::new(setup, |me| config.spawn(&rules, &manners, me), &schedule);
    let report = world.run(&mut meter);
    (world, report, meter)
}

fn seconds(meter: &Meter) -> f64 {
    let (first, last) = meter.last().expect("everybody has the file");
    (last - first).as_secs_f64()
}

#[test]
fn everybody_gets_the_file_and_no_byte_comes_from_nowhere() {
    for text in [
        "file = \"8 MB\"",
        "file = \"8 MB\"\nselection = \"random\"\nupload_slots = 2",
        "file = \"8 MB\"\ndeparture = \"at-once\"\narrivals.within = \"1 min\"",
        "file = \"8 MB\"\ndetail = \"piece\"\noptimistic_inside = false",
    ] {
        let config = config(text);
        let setup = setup(&config, 30, 1);
        let (world, report, meter) = run(&config, &setup);
        seconds(&meter);
        let (mut sent, mut received) = (0, 0);
        for (_, node) in world.peers() {
            let Some(peer) = node.peer() else { continue };
            sent += peer.tally().sent;
            received += peer.tally().received;
            let picker = peer.picker().expect("it came");
            assert!(picker.is_complete());
            let useful = peer.tally().received - peer.tally().twice;
            assert!(useful == 8_000_000 || useful == 0, "{useful}");
        }
        // What was on the way at the end, or lost when somebody went, was sent and not received.
        assert!(received <= sent, "{text}: {received} of {sent}");
        let lost = report.counts.lost + report.counts.stale + 30 * 80;
        assert!(sent - received <= lost * config.piece.0, "{text}");
        // Blocks that come twice are the price of the endgame, not more.
        assert!(sent < 30 * 8_000_000 * 11 / 10, "{text}: {sent}");
    }
}

/// Blocks sent are blocks received and blocks lost to those who went, byte for byte. The run goes on until
/// nothing is on its way.
#[test]
fn every_byte_sent_is_received_or_lost_to_a_leave() {
    for text in [
        "departure = \"at-once\"\narrivals.within = \"1 min\"",
        "departure = \"at-once\"\npatience = \"1 min\"",
        "detail = \"piece\"\npatience = \"2 min\"",
        "tyrants.count = 20\ndeparture = \"at-once\"\npatience = \"2 min\"",
    ] {
        // 32 pieces of 16 blocks.
        let config = config(&format!("file = \"8 MiB\"\n{text}"));
        let mut setup = setup(&config, 30, 1);
        setup.phases.measurement = Duration::from_mins(20);
        let (rules, manners) = (config.rules(&setup), config.manners(&setup));
        let schedule = Schedule::new(&config.arrivals, &setup);
        let mut meter = Meter::new(&setup, None);
        let spawn = |me| config.spawn(&rules, &manners, me);
        let mut world = World::new(&setup, spawn, &schedule);
        let report = world.run(&mut meter);
        let received: u64 = (world.peers())
            .filter_map(|(_, node)| Some(node.peer()?.tally().received))
            .sum();
        let headers = received / u64::from(config.cut().block) * 13;
        let (_, pieces) = (report.traffic())
            .find(|(kind, _)| *kind == "piece")
            .expect("blocks have gone");
        assert_eq!(
            pieces.app_bytes,
            received + headers + report.counts.lost_bytes,
            "{text}"
        );
        assert!(
            report.counts.lost_bytes > 0 && received > 80 << 20,
            "{text}"
        );
    }
}

/// Every peer is asked only for what it has, or the swarm would get a file out of nothing.
#[test]
fn without_the_last_piece_nobody_has_the_file() {
    let config = config("file = \"4 MB\"\npatience = \"1 s\"");
    let mut setup = setup(&config, 10, 1);
    setup.phases.measurement = Duration::from_mins(5);
    let (world, _, meter) = run(&config, &setup);
    // Nobody had the time: they went, and the tracker forgot them.
    assert!(meter.last().is_none());
    let tracker = world.peers().find_map(|(_, node)| match node {
        Node::Tracker(tracker) => Some(tracker.len()),
        Node::Peer(_) => None,
    });
    assert_eq!(tracker, Some(1), "the seed");
}

#[test]
fn the_swarm_is_never_faster_than_its_bound_and_close_to_it_among_equals() {
    let config = config("file = \"50 MB\"\nseeds = 10");
    let peers = 40;
    // F N / (u_s + N u), all at half a megabyte a second.
    let bound = 50.0 * f64::from(peers) / (0.5 * f64::from(peers + 10));
    for seed in 1..=2 {
        let setup = setup(&config, peers, seed);
        let (_, _, meter) = run(&config, &setup);
        let ratio = seconds(&meter) / bound;
        assert!((1.0..1.5).contains(&ratio), "{ratio} of the bound");
    }
}

#[test]
fn blocks_and_pieces_agree() {
    let mean = |detail: &str| {
        let config = config(&format!(
            "file = \"50 MB\"\nseeds = 5\ndetail = \"{detail}\""
        ));
        let runs = 1..=3;
        let times = runs.map(|seed| {
            let setup = setup(&config, 40, seed);
            let (_, _, meter) = run(&config, &setup);
            meter.mean(&setup, |_| true)
        });
        times.sum::<f64>() / 3.0
    };
    let (blocks, pieces) = (mean("block"), mean("piece"));
    assert!(
        (pieces / blocks - 1.0).abs() < 0.1,
        "{pieces} against {blocks}"
    );
}

#[test]
fn the_plain_heap_gives_the_same_run() {
    let text = "file = \"4 MB\"\narrivals.within = \"1 min\"\ndeparture.after = \"1 min\"\n\
                free_riders = { share = \"20 %\", large_view = true }";
    let config = config(text);
    let setup = setup(&config, 20, 5);
    let (_, report, _) = run(&config, &setup);
    let (rules, manners) = (config.rules(&setup), config.manners(&setup));
    let schedule = Schedule::new(&config.arrivals, &setup);
    let mut meter = Meter::new(&setup, Some(schedule.times().len()));
    let spawn = |me| config.spawn(&rules, &manners, me);
    let expected = Reference::new(&setup, spawn, &schedule).run(&mut meter);
    assert_eq!(report, expected);
    assert!(report.counts.delivered > 10_000, "{:?}", report.counts);
}

#[test]
fn a_free_rider_waits_longer_than_who_gives() {
    let text = "file = \"50 MB\"\nseeds = 5\nfree_riders.share = \"25 %\"\ndeparture = \"at-once\"";
    let config = config(text);
    let setup = setup(&config, 40, 3);
    let manners = config.manners(&setup);
    let rides = |peer: PeerId| manners.get(peer.index()) == Some(&Manner::FreeRider);
    let (world, _, meter) = run(&config, &setup);
    let (riders, others) = (
        meter.mean(&setup, rides),
        meter.mean(&setup, |peer| !rides(peer)),
    );
    assert!(riders > 1.1 * others, "{riders} against {others}");
    for (me, node) in world.peers().filter(|&(me, _)| rides(me)) {
        let sent = node.peer().map(|peer| peer.tally().sent);
        assert_eq!(sent, Some(0), "{me} gives nothing");
    }
}

/// Who knows what it takes gives less for as much, and its neighbours are held to it.
#[test]
fn a_tyrant_sends_what_it_offers_and_no_more() {
    let config = config("file = \"50 MB\"\nseeds = 5\ntyrants.count = 1\ndeparture = \"at-once\"");
    let setup = setup(&config, 40, 1);
    let manners = config.manners(&setup);
    let is_one = |manner: &&Manner| matches!(manner, Manner::Tyrant(up) if up.0 == 4_000_000);
    assert_eq!(manners.iter().filter(is_one).count(), 1);
    let (world, _, meter) = run(&config, &setup);
    for (me, node) in world.peers() {
        let Some(Manner::Tyrant(up)) = manners.get(me.index()) else {
            continue;
        };
        let sent = node.peer().map_or(0, |peer| peer.tally().sent);
        let time = meter.mean(&setup, |peer| peer == me);
        assert!(
            sent > 0 && sent as f64 * 8.0 < up.0 as f64 * time,
            "{sent} in {time} s"
        );
    }
}

/// A neighbour that has choked is expected to send the block that is leaving; when it sends what was asked for
/// after that, it does not.
#[test]
fn a_block_that_a_choke_has_dropped_is_asked_for_anew() {
    let config = config("file = \"4 MiB\"\nselection = \"in-order\"");
    let setup = setup(&config, 2, 1);
    let rules = config.rules(&setup);
    let mut bench = Bench::new(
        config.spawn(&rules, &[Manner::Compliant], PeerId(0)),
        PeerId(0),
        1,
    );
    bench.command(Join);
    let (conn, other) = (bench.incoming(), PeerId(1));
    bench.connection(conn, Link::Accepted(other));
    let mut most = Bits::all(16);
    most.remove(15);
    bench.data(conn, other, Wire::Handshake(Box::new(most)));
    let asked = |effects: Effects<Node>| -> Vec<Block> {
        let request = |effect| match effect {
            Effect::SendOn(_, Wire::Request(block)) => Some(block),
            _ => None,
        };
        effects.into_iter().filter_map(request).collect()
    };
    let blocks = |range: std::ops::Range<u8>| -> Vec<Block> {
        range.map(|block| Block { piece: 0, block }).collect()
    };
    assert_eq!(asked(bench.data(conn, other, Wire::Unchoke)), blocks(0..5));
    assert_eq!(asked(bench.data(conn, other, Wire::Choke)), []);
    assert_eq!(asked(bench.data(conn, other, Wire::Unchoke)), blocks(1..5));
    let block = Block { piece: 0, block: 1 };
    let effects = bench.data(conn, other, Wire::Piece(block, 16 << 10));
    let first = Block { piece: 0, block: 0 };
    let next = Block { piece: 0, block: 5 };
    assert_eq!(asked(effects), [first, next]);
}

/// Two come in every 30 s, and those go that have been there longest: everybody has a turn.
#[test]
fn a_seed_sends_to_all_in_turns() {
    let config = config("file = \"4 MiB\"");
    let setup = setup(&config, 12, 1);
    let rules = config.rules(&setup);
    let mut bench = Bench::new(config.spawn(&rules, &[], PeerId(12)), PeerId(12), 1);
    bench.start();
    let conns: Vec<Conn> = (0..12)
        .map(|other| {
            let conn = bench.incoming();
            bench.connection(conn, Link::Accepted(PeerId(other)));
            let nothing = Box::new(Bits::none(16));
            bench.data(conn, PeerId(other), Wire::Handshake(nothing));
            bench.data(conn, PeerId(other), Wire::Interested);
            conn
        })
        .collect();
    bench.timer(Timer::Rechoke);
    let open = |bench: &Bench<Node>| -> usize {
        let peer = bench.peer.peer().expect("a seed");
        peer.wishing().filter(|&(_, open)| open).count()
    };
    let mut times = [0; 12];
    for _ in 0..900 {
        bench.advance(config.rechoke);
        let effects = bench.timer(Timer::Rechoke);
        assert_eq!(open(&bench), 4);
        for effect in effects {
            if let Effect::SendOn(conn, Wire::Unchoke) = effect {
                times[conns
                    .iter()
                    .position(|&own| own == conn)
                    .expect("one of them")] += 1;
            }
        }
    }
    assert_eq!(times.iter().sum::<u32>(), 600, "{times:?}");
    // Fifty each, give or take six.
    assert!(times.iter().all(|n| (25..75).contains(n)), "{times:?}");
}
