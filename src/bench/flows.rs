//! Transfers over links that are shared by max-min fairness, and nothing else: the workload `SimGrid`
//! was measured and checked with.

use crate::network::fluid::Fluid;
use crate::peer::PeerId;
use crate::quantity::Bandwidth;

/// One transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Number of the host that sends.
    pub from: u32,
    /// Number of the host that receives.
    pub to: u32,
    /// What it sends.
    pub bytes: u64,
    /// When it starts, in nanoseconds.
    pub at: u64,
}

/// What running transfers came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// When each transfer is through, in nanoseconds, in their order.
    pub ends: Vec<u64>,
    /// How many were on their way at one time, at most.
    pub most: usize,
    /// Links solved, in all.
    pub links: u64,
}

/// Runs transfers, in order of their starts, between hosts whose links have these rates up and down,
/// in bytes a second. Latency is zero.
///
/// # Panics
/// If there is no such host.
pub fn run(links: &[(u64, u64)], transfers: &[Transfer]) -> Run {
    let bits = |bytes: u64| Bandwidth(bytes * 8);
    let links = links.iter().map(|&(up, down)| (bits(up), bits(down)));
    let mut fluid = Fluid::new(links, None);
    let mut ends = vec![0; transfers.len()];
    let mut most = 0;
    let mut waiting = transfers.iter().enumerate().peekable();
    loop {
        let start = waiting.peek().map(|(_, transfer)| transfer.at);
        let Some(now) = start.into_iter().chain(fluid.next()).min() else {
            let links = fluid.links_solved();
            return Run { ends, most, links };
        };
        while let Some(departure) = fluid.depart(now, |_, last| last) {
            ends[departure.item] = now;
        }
        while let Some((number, transfer)) = waiting.next_if(|(_, next)| next.at <= now) {
            let pipe = (PeerId(transfer.from), number as u64, PeerId(transfer.to));
            fluid.push(now, pipe, transfer.bytes, number);
        }
        most = most.max(fluid.len());
        fluid.settle(now);
    }
}

/// Uplink and downlink of every host of [`random`] transfers, in bytes a second.
pub const LINK: (u64, u64) = (1_250_000, 6_250_000);

/// `count` transfers of `least` to `most` bytes between random hosts, begun evenly over `seconds`: the
/// very ones `SimGrid` was measured with.
pub fn random(hosts: u64, count: u64, seconds: u64, (least, most): (f64, f64)) -> Vec<Transfer> {
    let mut state = 42;
    let mut next = || split_mix(&mut state);
    let transfer = |number: u64| {
        let from = next() % hosts;
        let to = (from + 1 + next() % (hosts - 1)) % hosts;
        let unit = (next() >> 11) as f64 / (1u64 << 53) as f64;
        Transfer {
            from: from as u32,
            to: to as u32,
            bytes: (least + (most - least) * unit).floor() as u64,
            at: seconds * 1_000_000_000 * number / count,
        }
    };
    (0..count).map(transfer).collect()
}

/// `SplitMix64` (Steele, Lea & Flood, OOPSLA 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut word = *state;
    word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ word >> 31
}

/// The five transfers of [`five`]: links, transfers, and ends as numerator and denominator.
pub type Five = ([(u64, u64); 3], [Transfer; 5], [(u64, u64); 5]);

/// The five transfers on which `SimGrid` and a calculation in fractions agree: links, transfers, and when
/// each ends, in seconds, as numerator and denominator.
pub fn five() -> Five {
    let links = [
        (1_000_000, 1_500_000),
        (1_000_000, 900_000),
        (400_000, 1_200_000),
    ];
    let transfer = |(from, to, bytes, millis): (u32, u32, u64, u64)| Transfer {
        from,
        to,
        bytes,
        at: millis * 1_000_000,
    };
    let transfers = [
        (0, 1, 1_000_000, 0),
        (0, 2, 2_000_000, 500),
        (1, 2, 3_000_000, 500),
        (2, 1, 1_000_000, 1000),
        (0, 1, 500_000, 1250),
    ];
    let ends = [(11, 6), (767, 180), (4273, 900), (175, 48), (149, 60)];
    (links, transfers.map(transfer), ends)
}

/// How many transfers, when they end on average and at last, and when some of them do, in seconds.
pub type Ends = (u64, f64, f64, [(usize, f64); 5]);

/// What `SimGrid` 4.1 says of [`random`] transfers of 5 to 15 MB among 1000 hosts, begun over ten seconds.
pub const SIMGRID_ENDS: [Ends; 2] = [
    (
        1000,
        17.001_876_794,
        56.470_198,
        [
            (0, 13.931_426_400),
            (1, 32.407_179_733),
            (2, 12.838_896_000),
            (500, 12.899_860_000),
            (999, 20.401_568_800),
        ],
    ),
    (
        2000,
        22.997_901_967,
        73.701_237,
        [
            (0, 26.506_852_800),
            (1, 40.189_263_067),
            (2, 13.138_896_000),
            (1000, 25.386_068_267),
            (1999, 21.412_183_200),
        ],
    ),
];
