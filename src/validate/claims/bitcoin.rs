//! I: the address manager of Bitcoin Core, and what an attacker achieves against it.

use super::{Room, Source, per_seed};
use crate::protocols::bitcoin::address::{Address, Group, Stamp};
use crate::protocols::bitcoin::addrman::AddrMan;
use crate::protocols::bitcoin::addrman::closed_forms::{
    accepts, bots_for_share, claims as measurable, share_for, test_before_evict_bound,
};
use crate::protocols::bitcoin::addrman::rules::{Placement, Rules, Selection};
use crate::protocols::bitcoin::{Bitcoin, Client, PING_INTERVAL};
use crate::random::{Purpose, Streams};
use crate::time::Duration;
use crate::validate::Rule;

const I1: Source = Source {
    id: "I1",
    text: "Heilman et al., USENIX Security 2015, section 2: the rules before 0.10.1",
};
const G14: Source = Source {
    id: "G14",
    text: "Bitcoin Core, net.h and net_processing.cpp",
};
const I2: Source = Source {
    id: "I2",
    text: "Bitcoin Core, addrman.h and addrman.cpp from 0.10.1 on",
};
const PAPER: &str = "Heilman et al., USENIX Security 2015";
const I8: Source = Source {
    id: "I8",
    text: PAPER,
};
const I9: Source = Source {
    id: "I9",
    text: "Heilman et al., USENIX Security 2015, test before evict, 28 % of the honest online",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("Bitcoin's address manager (I2 to I10)");
    older_constants(room);
    acceptance(room);
    constants(room);
    timers(room);
    figures(room);
    let seeds = room.seeds(30, 300);
    for claim in measurable() {
        let values = per_seed(seeds, |seed| {
            claim.measure(&mut Streams::new(seed).peer(Purpose::Analysis, 0, 0))
        });
        let source = Source {
            id: claim.id,
            text: PAPER,
        };
        let what = format!("{} ({})", claim.what, claim.place);
        let mut target = source.claim(what, claim.expected);
        target.finite = claim.in_code;
        let rule = if claim.expected < 1.0 {
            Rule::Points(claim.tolerance)
        } else {
            Rule::ClosedForm(claim.tolerance / claim.expected)
        };
        room.judge(target, &values, rule);
    }
}

/// I1: what the paper says of the older rules, beside ours.
fn older_constants(room: &mut Room<'_>) {
    let rules = Rules::before_0_10_1();
    let yes = |is: bool| f64::from(u8::from(is));
    for (what, expected, ours) in [
        ("buckets of tried", 64.0, f64::from(rules.tried_buckets)),
        ("buckets of new", 256.0, f64::from(rules.new_buckets)),
        (
            "buckets of tried for one group",
            4.0,
            f64::from(rules.tried_buckets_per_group),
        ),
        (
            "buckets of new for one source",
            32.0,
            f64::from(rules.new_buckets_per_source_group),
        ),
        ("entries of a bucket", 64.0, f64::from(Rules::BUCKET_SIZE)),
        (
            "oldest of four gives way (1: yes)",
            1.0,
            yes(rules.tried_placement == Placement::Searched),
        ),
        (
            "fresh ones are preferred (1: yes)",
            1.0,
            yes(rules.selection == Selection::Fresh),
        ),
    ] {
        room.judge(I1.claim(what, expected), &[ours], Rule::Exact);
    }
}

/// I1: an address drawn is taken with probability min(1, 1.2^r / (1 + tau)) after r rejections: how often
/// the older of two addresses in `new` is chosen, the other being fresh.
fn acceptance(room: &mut Room<'_>) {
    const DRAWS: u32 = 1_000;
    let seeds = room.seeds(100, 1_000);
    for (what, age) in [
        ("27 min", Duration::from_mins(27)),
        ("5 h", Duration::from_hours(5)),
    ] {
        // Drawn r times in vain, and now: the older one is drawn half of the time, and a fresh one is
        // always taken.
        let mut in_vain = 1.0;
        let expected: f64 = (0..100)
            .map(|rejections| {
                let taken = accepts(rejections, age);
                let chosen = in_vain * taken / 2.0;
                in_vain *= (1.0 - taken) / 2.0;
                chosen
            })
            .sum();
        let shares = per_seed(seeds, |seed| {
            let rng = &mut Streams::new(seed).peer(Purpose::Analysis, 0, 0);
            let mut known = AddrMan::new(Rules::before_0_10_1(), seed);
            let [older, fresh] = [1, 2].map(|group| Address::new(Group(group), 1));
            let now = Stamp::START;
            known.add(older, now.before(age), older, Duration::ZERO, now, rng);
            known.add(fresh, now, fresh, Duration::ZERO, now, rng);
            let chosen = (0..DRAWS).filter(|_| known.select(0, now, rng) == Some(older));
            chosen.count() as f64 / f64::from(DRAWS)
        });
        let what = format!("an address of {what} is chosen beside a fresh one");
        room.judge(I1.claim(what, expected), &shares, Rule::Points(0.01));
    }
}

/// G14: connections and timers of a node, where they are parameters of ours.
fn timers(room: &mut Room<'_>) {
    let config = Bitcoin::default();
    let newest = Client::Core22_0.profile();
    let relay = newest.transactions;
    let feelers = newest.feelers.map_or(f64::NAN, Duration::as_secs_f64);
    for (what, expected, ours) in [
        ("full-relay outbound", 8.0, f64::from(config.outbound)),
        (
            "block-only outbound",
            2.0,
            f64::from(newest.block_relay_only),
        ),
        (
            "connections in all",
            125.0,
            f64::from(config.max_connections),
        ),
        ("seconds between feelers", 120.0, feelers),
        (
            "seconds to address relay, mean",
            30.0,
            config.address_relay.as_secs_f64(),
        ),
        (
            "hours to self-announcement, mean",
            24.0,
            config.self_announce.as_secs_f64() / 3600.0,
        ),
        ("transactions announced at once", 35.0, relay.at_once as f64),
        (
            "seconds before who has connected is asked",
            2.0,
            relay.inbound_delay.as_secs_f64(),
        ),
        ("seconds between pings", 120.0, PING_INTERVAL.as_secs_f64()),
        (
            "percent that GETADDR answers",
            23.0,
            Rules::GETADDR_PERCENT as f64,
        ),
        (
            "addresses in its answer",
            1000.0,
            f64::from(newest.rules.getaddr_max),
        ),
        (
            "addresses taken a second",
            0.1,
            newest.address_rate.unwrap_or(f64::NAN),
        ),
    ] {
        room.judge(G14.claim(what, expected), &[ours], Rule::Exact);
    }
}

/// I2: what Core's source says, beside our rules.
fn constants(room: &mut Room<'_>) {
    let rules = Rules::from_0_10_1();
    let yes = |is: bool| f64::from(u8::from(is));
    for (what, expected, ours) in [
        ("buckets of tried", 256.0, f64::from(rules.tried_buckets)),
        ("buckets of new", 1024.0, f64::from(rules.new_buckets)),
        (
            "buckets of tried for one group",
            8.0,
            f64::from(rules.tried_buckets_per_group),
        ),
        (
            "buckets of new for one source",
            64.0,
            f64::from(rules.new_buckets_per_source_group),
        ),
        ("entries of a bucket", 64.0, f64::from(Rules::BUCKET_SIZE)),
        (
            "days until an address is terrible",
            30.0,
            Rules::HORIZON.as_secs_f64() / 86_400.0,
        ),
        (
            "one place by hash (1: yes)",
            1.0,
            yes(rules.tried_placement == Placement::Hashed
                && rules.new_placement == Placement::Hashed),
        ),
        (
            "uniform selection (1: yes)",
            1.0,
            yes(rules.selection == Selection::Uniform),
        ),
    ] {
        room.judge(I2.claim(what, expected), &[ours], Rule::Exact);
    }
}

/// I8 and I9: printed figures, against their formulas alone.
fn figures(room: &mut Room<'_>) {
    let half = share_for(0.5, 8);
    for (what, printed, ours) in [
        ("f for 50 %, random selection", 0.917, half),
        ("f for 90 %, random selection", 0.987, share_for(0.9, 8)),
        (
            "bots for 50 %, random eviction",
            10_194.0,
            bots_for_share(half, 4096),
        ),
        (
            "bots for 50 %, 12 outgoing",
            11_796.0,
            bots_for_share(share_for(0.5, 12), 4096),
        ),
    ] {
        room.judge(I8.claim(what, printed), &[ours], Rule::Reported(0.01));
    }
    // Equation 10, and turned around.
    let honest = (1.0 - share_for(0.1, 8)) * 4096.0 / 0.28;
    let what = "honest entries for 10 % (eq. 10)";
    room.judge(I9.claim(what, 3700.0), &[honest], Rule::Reported(0.02));
    let bound = test_before_evict_bound(0.28, 3659.0);
    let what = "success against 3659 honest (eq. 10)";
    room.judge(I9.claim(what, 0.1), &[bound], Rule::Reported(0.02));
}
