//! Regions of the world: published latency tables and shares of the Bitcoin network.
//!
//! The numbers are constants of `SimBlock` (dsg-titech/simblock, network settings class), used by
//! Nagayama, Banno & Shudo, "Identifying impacts of protocol and Internet development on the
//! Bitcoin network", ISCC 2020 (arXiv 1912.05208); the 2015 ones are those of Gervais et al., CCS
//! 2016 (Bitcoin-Simulator). Both programs apply the table **one-way**, but its entries agree with
//! measured **round trips** (AWS, Virginia to Tokyo: 149.7 ms where the table says 151), so
//! `bitcoin-*` halves them and `simblock-*` replays those simulators.

use crate::network::config::{Problem, problem};
use crate::network::latency::{LONGEST, Table};
use crate::quantity::Share;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The regions of all presets, in the order of the tables.
pub const REGIONS: [&str; 6] = [
    "North America",
    "Europe",
    "South America",
    "Asia-Pacific",
    "Japan",
    "Australia",
];

/// `[network.regions]`: peers live in regions; the latency between two peers is that between their
/// regions. Either a preset, or your own `names`, `shares` and `rtt`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Default, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RegionsConfig {
    /// A published table with its shares of peers. `bitcoin-2015` and `bitcoin-2019` take the
    /// published round trips by half (one-way delays of the Internet); `simblock-2015` and
    /// `simblock-2019` apply the same tables one-way, as `SimBlock` does, for replays only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<RegionPreset>,
    /// Names of your own regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The share of peers in each of your own regions; they sum to 100 %. Counts are exact, only
    /// who is where is random.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
    /// Round trips between your own regions, a row per region, symmetric; halved to one-way
    /// delays. The diagonal is the round trip within a region.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rtt: Vec<Vec<Duration>>,
}

/// Published region tables.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RegionPreset {
    /// Bitcoin's nodes and round trips of 2015, halved to one-way delays (Gervais et al. 2016).
    #[serde(rename = "bitcoin-2015")]
    Bitcoin2015,
    /// Bitcoin's nodes and round trips of 2019, halved to one-way delays (Nagayama et al. 2020).
    #[serde(rename = "bitcoin-2019")]
    Bitcoin2019,
    /// The table of 2015 applied one-way, as `SimBlock` and Bitcoin-Simulator do. For replays.
    #[serde(rename = "simblock-2015")]
    Simblock2015,
    /// The table of 2019 applied one-way, as `SimBlock` does. For replays.
    #[serde(rename = "simblock-2019")]
    Simblock2019,
}

/// Round trips in milliseconds, 2015.
const RTT_2015: [[u64; 6]; 6] = [
    [36, 119, 255, 310, 154, 208],
    [119, 12, 221, 242, 266, 350],
    [255, 221, 137, 347, 256, 269],
    [310, 242, 347, 99, 172, 278],
    [154, 266, 256, 172, 9, 163],
    [208, 350, 269, 278, 163, 22],
];

/// Round trips in milliseconds, 2019.
const RTT_2019: [[u64; 6]; 6] = [
    [32, 124, 184, 198, 151, 189],
    [124, 11, 227, 237, 252, 294],
    [184, 227, 88, 325, 301, 322],
    [198, 237, 325, 85, 58, 198],
    [151, 252, 301, 58, 12, 126],
    [189, 294, 322, 198, 126, 16],
];

const SHARES_2015: [f64; 6] = [0.3869, 0.5159, 0.0113, 0.0574, 0.0119, 0.0166];
const SHARES_2019: [f64; 6] = [0.3316, 0.4998, 0.0090, 0.1177, 0.0224, 0.0195];

impl RegionPreset {
    /// As scenario files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bitcoin2015 => "bitcoin-2015",
            Self::Bitcoin2019 => "bitcoin-2019",
            Self::Simblock2015 => "simblock-2015",
            Self::Simblock2019 => "simblock-2019",
        }
    }

    /// Whether the published table is applied one-way, as `SimBlock` does.
    pub const fn replays_simblock(self) -> bool {
        matches!(self, Self::Simblock2015 | Self::Simblock2019)
    }

    /// The one-way delay from one region to another, without the last mile.
    pub fn one_way(self, from: usize, to: usize) -> Duration {
        let published = match self {
            Self::Bitcoin2015 | Self::Simblock2015 => RTT_2015[from][to],
            Self::Bitcoin2019 | Self::Simblock2019 => RTT_2019[from][to],
        };
        let published = Duration::from_millis(published);
        if self.replays_simblock() {
            published
        } else {
            published / 2
        }
    }

    /// The share of peers in each region.
    pub const fn shares(self) -> [f64; 6] {
        match self {
            Self::Bitcoin2015 | Self::Simblock2015 => SHARES_2015,
            Self::Bitcoin2019 | Self::Simblock2019 => SHARES_2019,
        }
    }
}

impl RegionsConfig {
    /// What its regions are called.
    pub fn region_names(&self) -> Vec<String> {
        if self.preset.is_some() {
            return REGIONS.map(str::to_owned).to_vec();
        }
        self.names.clone()
    }

    /// Shares and one-way delays of a valid configuration.
    pub(super) fn tables(&self) -> (Vec<f64>, Table) {
        if let Some(preset) = self.preset {
            let pairs = (0..6).flat_map(|from| (0..6).map(move |to| preset.one_way(from, to)));
            let (side, delays) = (6, pairs.collect());
            return (preset.shares().to_vec(), Table { side, delays });
        }
        let shares = self.shares.iter().map(|share| share.0).collect();
        let delays = self.rtt.iter().flatten().map(|&rtt| rtt / 2).collect();
        let side = self.rtt.len();
        (shares, Table { side, delays })
    }

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        let own = !self.names.is_empty() || !self.shares.is_empty() || !self.rtt.is_empty();
        if self.preset.is_some() {
            if own {
                let help = "leave out either `preset` or `names`, `shares` and `rtt`";
                problem(
                    problems,
                    "regions",
                    "a preset and a table of your own",
                    help,
                );
            }
            return;
        }
        let count = self.names.len();
        if count == 0 || count > 256 {
            let help = "give `preset`, or `names`, `shares` and `rtt`";
            problem(problems, "regions", "needs 1 to 256 regions", help);
            return;
        }
        if self.shares.len() == count {
            let sum: f64 = self.shares.iter().map(|share| share.0).sum();
            if (sum - 1.0).abs() > 1e-6 {
                let message = format!("the shares sum to {} %", (sum * 1e8).round() / 1e6);
                problem(
                    problems,
                    "regions.shares",
                    &message,
                    "make them sum to 100 %",
                );
            }
        } else {
            let message = format!("{} shares for {count} regions", self.shares.len());
            problem(problems, "regions.shares", &message, "one share per name");
        }
        let help = "one row per name, one round trip per name in each row";
        if self.rtt.len() != count || self.rtt.iter().any(|row| row.len() != count) {
            let message = format!("not a table of {count} by {count}");
            problem(problems, "regions.rtt", &message, help);
            return;
        }
        for row in 0..count {
            for column in 0..count {
                if self.rtt[row][column] != self.rtt[column][row] && row < column {
                    let (a, b) = (&self.names[row], &self.names[column]);
                    let message = format!("from {a} to {b} is not what {b} to {a} is");
                    problem(
                        problems,
                        "regions.rtt",
                        &message,
                        "round trips are symmetric",
                    );
                }
                if self.rtt[row][column] / 2 > LONGEST {
                    let message = format!("longer than {}", LONGEST * 2);
                    problem(problems, "regions.rtt", &message, "check the unit");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [RegionPreset; 4] = [
        RegionPreset::Bitcoin2015,
        RegionPreset::Bitcoin2019,
        RegionPreset::Simblock2015,
        RegionPreset::Simblock2019,
    ];

    #[test]
    fn tables_are_symmetric_and_shares_are_whole() {
        for preset in ALL {
            for from in 0..6 {
                for to in 0..6 {
                    assert_eq!(preset.one_way(from, to), preset.one_way(to, from));
                }
            }
            let sum: f64 = preset.shares().iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
    }

    #[test]
    fn bitcoin_is_half_of_simblock() {
        for (half, whole) in [(ALL[0], ALL[2]), (ALL[1], ALL[3])] {
            for pair in [(0, 1), (2, 2), (4, 4), (3, 5)] {
                let (half, whole) = (half.one_way(pair.0, pair.1), whole.one_way(pair.0, pair.1));
                assert_eq!(half * 2, whole);
            }
        }
        assert_eq!(ALL[3].one_way(0, 4), Duration::from_millis(151));
        assert_eq!(ALL[1].one_way(1, 1), Duration::from_micros(5500));
    }
}
