use super::*;
use crate::bench::flows::{LINK, SIMGRID_ENDS, Transfer, five, random, run};
use proptest::prelude::*;

/// Five flows among three hosts, of which `SimGrid` 4.1 and an exact calculation in fractions agree.
#[test]
fn five_flows_end_where_simgrid_and_fractions_say() {
    let (links, transfers, fractions) = five();
    for (end, (over, under)) in run(&links, &transfers).ends.into_iter().zip(fractions) {
        // A message ends at the first nanosecond at which it is through.
        assert_eq!(end, (over * 1_000_000_000).div_ceil(under));
    }
}

#[test]
fn random_flows_end_where_simgrid_says_to_nine_digits() {
    for (count, mean, last, some) in SIMGRID_ENDS {
        let transfers = random(1000, count, 10, (5e6, 15e6));
        let ends = run(&[LINK; 1000], &transfers).ends;
        let seconds: Vec<f64> = ends.iter().map(|&end| end as f64 / 1e9).collect();
        // Ours are rounded up to nanoseconds.
        let is = |found: f64, expected: f64, within: f64| {
            assert!((found - expected).abs() <= within, "{found} not {expected}");
        };
        is(seconds.iter().sum::<f64>() / count as f64, mean, 1.5e-9);
        is(seconds.iter().copied().fold(0.0, f64::max), last, 5e-7);
        for (number, expected) in some {
            is(seconds[number], expected, 1.5e-9);
        }
    }
}

/// From, to, bytes and start.
fn transfer((from, to, bytes, at): (u32, u32, u64, u64)) -> Transfer {
    Transfer {
        from,
        to,
        bytes,
        at,
    }
}

#[test]
fn one_transfer_takes_what_the_slower_link_takes() {
    for (up, down, bytes) in [
        (1_000_000, 300_000, 1_000_001),
        (7, 1_000_000, 99),
        (125, 125, 1),
    ] {
        let exact = (bytes * 1_000_000_000u64).div_ceil(up.min(down));
        let start = 12_345;
        let transfer = transfer((0, 1, bytes, start));
        let found = run(&[(up, 1), (1, down)], &[transfer]);
        assert_eq!(found.ends, [start + exact]);
    }
}

/// A pipe that never runs empty sends as if its messages were one.
#[test]
fn messages_of_one_pipe_follow_one_another_without_a_gap() {
    let link = || (Bandwidth(8 * 333_333), Bandwidth(8_000_000));
    let mut fluid = Fluid::new([link(), link()], None);
    let pipe = (PeerId(0), 5, PeerId(1));
    for number in 0..1000 {
        fluid.push(0, pipe, 1001, number);
    }
    fluid.settle(0);
    for number in 0..1000u64 {
        let now = fluid.next().expect("a message on its way");
        let departure = fluid.depart(now, |_, last| last + 1);
        assert_eq!(departure.map(|departure| departure.item), Some(number));
        assert_eq!(now, ((number + 1) * 1001 * 1_000_000_000).div_ceil(333_333));
        assert!(fluid.depart(now, |_, last| last).is_none());
    }
    assert!(fluid.is_empty() && fluid.is_unsettled());
}

#[test]
fn what_was_not_begun_can_be_taken_back() {
    let link = || (Bandwidth(8000), Bandwidth(8000));
    let mut fluid = Fluid::new([link(), link(), link()], None);
    let (zero, one, two) = (PeerId(0), PeerId(1), PeerId(2));
    for item in ['a', 'b', 'c'] {
        fluid.push(0, (zero, 1, one), 1000, item);
    }
    fluid.push(0, (zero, 2, two), 1000, 'd');
    fluid.settle(0);
    let taken = fluid.withdraw(0, (zero, 1), |&item, begun| !begun && item != 'b');
    assert_eq!(taken, ['c']);
    assert_eq!(fluid.withdraw(0, (zero, 1), |_, begun| !begun), ['b']);
    assert!(fluid.withdraw(0, (zero, 7), |_, _| true).is_empty());
    // Half a second in, the other one is cut: half a second at half speed, then all of it.
    assert_eq!(fluid.cut(zero, 2), ['d']);
    fluid.settle(500_000_000);
    assert_eq!(fluid.next(), Some(1_250_000_000));
    assert_eq!(fluid.cut_all(zero), ['a']);
    assert!(fluid.is_empty());
}

#[test]
fn what_is_begun_is_cut_if_it_is_named() {
    let link = || (Bandwidth(8000), Bandwidth(8000));
    let mut fluid = Fluid::new([link(), link()], None);
    let pipe = (PeerId(0), 1);
    for item in ['a', 'b'] {
        fluid.push(0, (pipe.0, pipe.1, PeerId(1)), 1000, item);
    }
    fluid.settle(0);
    // Half of the first is lost; the second begins.
    let now = 500_000_000;
    assert_eq!(fluid.withdraw(now, pipe, |&item, _| item == 'a'), ['a']);
    assert_eq!(fluid.next(), Some(1_500_000_000));
    assert_eq!(fluid.withdraw(now, pipe, |_, _| true), ['b']);
    assert!(fluid.is_empty() && fluid.is_unsettled());
}

#[test]
fn a_cap_holds_a_pipe_back() {
    let link = || (Bandwidth(8000), Bandwidth(8000));
    let mut fluid = Fluid::new([link(), link()], Some(Bandwidth(2000)));
    fluid.push(0, (PeerId(0), 1, PeerId(1)), 1000, ());
    fluid.settle(0);
    assert_eq!(fluid.next(), Some(4_000_000_000));
}

#[test]
fn a_pipe_is_held_back_by_its_sender_and_let_go() {
    let link = || (Bandwidth(8000), Bandwidth(8000));
    let mut fluid = Fluid::new([link(), link(), link()], None);
    let (zero, held) = (PeerId(0), (PeerId(0), 1));
    fluid.limit(held, Some(Bandwidth(2000)));
    fluid.push(0, (zero, 1, PeerId(1)), 1000, 'a');
    fluid.push(0, (zero, 2, PeerId(2)), 1000, 'b');
    fluid.settle(0);
    // A quarter for one, three quarters for the other.
    assert_eq!(fluid.next(), Some(1_333_333_334));
    // After a second the first has three quarters of its bytes before it, and both have half.
    let now = 1_000_000_000;
    fluid.limit(held, None);
    fluid.settle(now);
    assert_eq!(
        fluid.next(),
        Some(now + 500_000_000),
        "the other one's last 250 bytes"
    );
    // A limit holds for what flows later, and not for a pipe of the same name after it is closed.
    fluid.limit(held, Some(Bandwidth(4000)));
    assert_eq!(fluid.cut_all(zero), ['a', 'b']);
    fluid.push(now, (zero, 1, PeerId(1)), 1000, 'c');
    fluid.settle(now);
    assert_eq!(fluid.next(), Some(now + 1_000_000_000));
    fluid.limit(held, Some(Bandwidth(4000)));
    fluid.close(held.0, held.1);
    fluid.settle(now);
    assert_eq!(
        fluid.next(),
        Some(now + 2_000_000_000),
        "what is on its way"
    );
    fluid.cut(zero, 1);
    fluid.push(now, (zero, 1, PeerId(1)), 1000, 'd');
    fluid.settle(now);
    assert_eq!(fluid.next(), Some(now + 1_000_000_000));
}

proptest! {
    /// Looking in between, and solving without need, changes no end.
    #[test]
    fn steps_in_between_change_nothing(
        transfers in prop::collection::vec((0u32..5, 1u32..5, 1u64..5000, 0u64..3_000_000_000), 1..30),
        looks in prop::collection::vec(0u64..6_000_000_000, 0..20),
    ) {
        let links = [(1000, 3000), (500, 500), (700, 10_000), (1000, 1000), (300, 200)];
        let to = |(from, by, bytes, at)| transfer((from, (from + by) % 5, bytes, at));
        let mut transfers: Vec<Transfer> = transfers.into_iter().map(to).collect();
        transfers.sort_by_key(|transfer| transfer.at);
        let plain = run(&links, &transfers).ends;
        // Empty transfers between two whom nobody else talks to make looks at other times.
        let mut more = links.to_vec();
        more.extend([(1, 1), (1, 1)]);
        let looks = looks.into_iter().map(|at| (usize::MAX, transfer((5, 6, 0, at))));
        let own = transfers.into_iter().enumerate();
        let mut all: Vec<(usize, Transfer)> = own.chain(looks).collect();
        all.sort_by_key(|(_, transfer)| transfer.at);
        let (numbers, all): (Vec<usize>, Vec<Transfer>) = all.into_iter().unzip();
        for (number, end) in numbers.into_iter().zip(run(&more, &all).ends) {
            prop_assert!(number == usize::MAX || plain[number] == end);
        }
    }
}
