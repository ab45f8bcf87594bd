use super::*;
use crate::time::Instant;
use proptest::prelude::*;

const SECOND: f64 = 1e9;

/// A transfer of one message: from, to, bytes, start in nanoseconds.
type Transfer = (u32, u32, u64, u64);

/// When each of the transfers is through, in nanoseconds.
fn ends(links: &[(u64, u64)], transfers: &[Transfer]) -> Vec<u64> {
    let links = links.iter().map(|&(up, down)| {
        let bits = |bytes: u64| Bandwidth(bytes * 8);
        (bits(up), bits(down))
    });
    let mut fluid = Fluid::new(links, None);
    let mut ends = vec![0; transfers.len()];
    let mut waiting: Vec<usize> = (0..transfers.len()).collect();
    waiting.sort_by_key(|&number| transfers[number].3);
    let mut waiting = waiting.into_iter().peekable();
    loop {
        let start = waiting.peek().map(|&number| transfers[number].3);
        let Some(now) = start.into_iter().chain(fluid.next()).min() else {
            return ends;
        };
        while let Some(departure) = fluid.depart(now) {
            ends[departure.item] = now;
        }
        while let Some(number) = waiting.next_if(|&number| transfers[number].3 == now) {
            let (from, to, bytes, _) = transfers[number];
            let pipe = (PeerId(from), number as u64, PeerId(to));
            fluid.push(now, pipe, bytes, number);
        }
        fluid.settle(now);
    }
}

/// Five flows among three hosts, of which SimGrid 4.1 and an exact calculation in fractions agree.
#[test]
fn five_flows_end_where_simgrid_and_fractions_say() {
    let links = [
        (1_000_000, 1_500_000),
        (1_000_000, 900_000),
        (400_000, 1_200_000),
    ];
    let transfers = [
        (0, 1, 1_000_000, 0),
        (0, 2, 2_000_000, 500_000_000),
        (1, 2, 3_000_000, 500_000_000),
        (2, 1, 1_000_000, 1_000_000_000),
        (0, 1, 500_000, 1_250_000_000),
    ];
    let fractions = [(11, 6), (767, 180), (4273, 900), (175, 48), (149, 60)];
    for (end, (over, under)) in ends(&links, &transfers).into_iter().zip(fractions) {
        // A message ends at the first nanosecond at which it is through.
        assert_eq!(end, (over * 1_000_000_000u64).div_ceil(under));
    }
}

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014), as the flows below were drawn.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ word >> 31
    }
}

/// `count` transfers of 5 to 15 MB among `hosts`, evenly begun over ten seconds.
fn random(hosts: u64, count: u64) -> Vec<Transfer> {
    let mut stream = SplitMix(42);
    let transfer = |number: u64| {
        let from = stream.next() % hosts;
        let to = (from + 1 + stream.next() % (hosts - 1)) % hosts;
        let unit = (stream.next() >> 11) as f64 / (1u64 << 53) as f64;
        let bytes = (5e6 + 10e6 * unit).floor() as u64;
        (
            from as u32,
            to as u32,
            bytes,
            10_000_000_000 * number / count,
        )
    };
    (0..count).map(transfer).collect()
}

/// What SimGrid 4.1 says of random flows, with nine digits behind the point: mean, last, and some.
#[test]
fn random_flows_end_where_simgrid_says_to_nine_digits() {
    let transfers = random(1000, 1000);
    assert_eq!(transfers[0], (413, 595, 7_786_011, 0));
    let of_1000 = [
        (0, 13.931_426_400),
        (1, 32.407_179_733),
        (2, 12.838_896_000),
        (500, 12.899_860_000),
        (999, 20.401_568_800),
    ];
    let of_2000 = [
        (0, 26.506_852_800),
        (1, 40.189_263_067),
        (2, 13.138_896_000),
        (1000, 25.386_068_267),
        (1999, 21.412_183_200),
    ];
    let links = [(1_250_000, 6_250_000); 1000];
    for (count, mean, last, some) in [
        (1000, 17.001_876_794, 56.470_198, of_1000),
        (2000, 22.997_901_967, 73.701_237, of_2000),
    ] {
        let ends = ends(&links, &random(1000, count));
        let seconds: Vec<f64> = ends.iter().map(|&end| end as f64 / SECOND).collect();
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

#[test]
fn one_transfer_takes_what_the_slower_link_takes() {
    for (up, down, bytes) in [
        (1_000_000, 300_000, 1_000_001),
        (7, 1_000_000, 99),
        (125, 125, 1),
    ] {
        let exact = (bytes * 1_000_000_000u64).div_ceil(up.min(down));
        let start = 12_345;
        let found = ends(&[(up, 1), (1, down)], &[(0, 1, bytes, start)]);
        assert_eq!(found, [start + exact]);
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
    let mut last = 0;
    for number in 0..1000u64 {
        let now = fluid.next().expect("a message on its way");
        let departure = fluid.depart(now).expect("the message");
        assert_eq!((departure.item, departure.since), (number, last));
        assert_eq!(now, ((number + 1) * 1001 * 1_000_000_000).div_ceil(333_333));
        assert!(fluid.depart(now).is_none());
        last = now;
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
    assert!(fluid.withdraw(zero, 1).eq(['b', 'c']));
    assert_eq!(fluid.withdraw(zero, 7).count(), 0);
    // Half a second in, the other one is cut: half a second at half speed, then all of it.
    assert_eq!(fluid.cut(zero, 2), 1);
    fluid.settle(500_000_000);
    assert_eq!(fluid.next(), Some(1_250_000_000));
    assert_eq!(fluid.cut_all(zero), 1);
    assert!(fluid.is_empty());
}

#[test]
fn a_cap_holds_a_pipe_back() {
    let link = || (Bandwidth(8000), Bandwidth(8000));
    let mut fluid = Fluid::new([link(), link()], Some(Bandwidth(2000)));
    fluid.push(0, (PeerId(0), 1, PeerId(1)), 1000, ());
    fluid.settle(0);
    assert_eq!(
        fluid.next(),
        Some(Instant::from_nanos(4_000_000_000).as_nanos())
    );
}

proptest! {
    /// Looking in between, and solving without need, changes no end.
    #[test]
    fn steps_in_between_change_nothing(
        transfers in prop::collection::vec((0u32..5, 1u32..5, 1u64..5000, 0u64..3_000_000_000), 1..30),
        looks in prop::collection::vec(0u64..6_000_000_000, 0..20),
    ) {
        let links = [(1000, 3000), (500, 500), (700, 10_000), (1000, 1000), (300, 200)];
        let to = |(from, by, bytes, at): Transfer| (from, (from + by) % 5, bytes, at);
        let transfers: Vec<Transfer> = transfers.into_iter().map(to).collect();
        let plain = ends(&links, &transfers);
        // Empty transfers of a peer that nobody else talks to make looks at other times.
        let mut more = links.to_vec();
        more.extend([(1, 1), (1, 1)]);
        let looks = looks.into_iter().map(|at| (5, 6, 0, at));
        let all: Vec<Transfer> = transfers.iter().copied().chain(looks).collect();
        prop_assert_eq!(&ends(&more, &all)[..plain.len()], &plain[..]);
    }
}
