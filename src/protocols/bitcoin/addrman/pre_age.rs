//! Tables of a node that has been running for weeks, without running it for weeks.

use super::{AddrMan, Table};
use crate::protocols::bitcoin::address::{Address, Stamp};
use crate::quantity::Share;
use crate::random::Draw;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How full and how stale the tables of a node are when a run starts.
///
/// The defaults are what Heilman et al. measured. `tried`: table 1, five live nodes with 162 to 244
/// addresses, the oldest 38 to 43 days old, 19 to 28 % of them online. `new`: full but for a few of
/// its 16 384 places in table 2, "pre-attack"; this column, and that hardly anything in it answers,
/// are from memory, *source unverified*. The paper's ages come in classes that we do not have: ours
/// are uniform up to the oldest, which makes the tables somewhat younger or older than they were
/// and so shifts the success of an attack under the older rules.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct PreAge {
    /// Addresses in `tried`, at most what the table holds. Default 203: the middle of the five.
    pub tried: u32,
    /// The share of them that is online. Default 23.5 %: the middle of the five.
    pub tried_online: Share,
    /// The age of the oldest success in `tried`. Default 40 days.
    pub tried_oldest: Duration,
    /// Addresses in `new`. A node with a full `new` takes about half a megabyte.
    /// Default 16 380.
    pub new: u32,
    /// The share of them that is online. Default 5 % (our guess). At most as many are online as the network
    /// has nodes: in one of 300 that is less than 2 % of a full `new`, which makes the attack on clients
    /// from 0.10.1 on look somewhat better than it is.
    pub new_online: Share,
    /// The age of the oldest time stamp in `new`. Default 30 days, after which it is terrible.
    pub new_oldest: Duration,
}

impl Default for PreAge {
    fn default() -> Self {
        Self {
            tried: 203,
            tried_online: Share(0.235),
            tried_oldest: Duration::from_hours(40 * 24),
            new: 16_380,
            new_online: Share(0.05),
            new_oldest: Duration::from_hours(30 * 24),
        }
    }
}

impl PreAge {
    /// An ordinary node that is not under attack: `tried` as measured, and a few hundred addresses
    /// in `new` instead of all 16 380, to save memory (our choice).
    pub fn ordinary() -> Self {
        Self {
            new: 500,
            ..Self::default()
        }
    }
}

impl AddrMan {
    /// Fills the tables as `plan` says, with stamps before `now`. `online` and `offline` draw an
    /// address of a node that is (not) online; the source of each is another `online` address.
    ///
    /// Ends early after ten draws for each address wanted, as collisions can keep a table from
    /// reaching its number.
    pub fn pre_age<R: Draw>(
        &mut self,
        plan: &PreAge,
        mut online: impl FnMut(&mut R) -> Address,
        mut offline: impl FnMut(&mut R) -> Address,
        now: impl Into<Stamp>,
        rng: &mut R,
    ) {
        let now = now.into();
        let mut draw = |share: Share, oldest: Duration, rng: &mut R| {
            let address = if rng.chance(share.0) {
                online(rng)
            } else {
                offline(rng)
            };
            let age = Duration::from_secs_f64(rng.unit() * oldest.as_secs_f64());
            (address, now.before(age), online(rng))
        };
        for _ in 0..u64::from(plan.tried) * 10 {
            if self.count(Table::Tried) >= plan.tried as usize {
                break;
            }
            let (address, at, source) = draw(plan.tried_online, plan.tried_oldest, rng);
            if self.known(address).is_none() {
                self.add(address, at, source, Duration::ZERO, at, rng);
                self.good(address, at, rng);
            }
        }
        for _ in 0..u64::from(plan.new) * 10 {
            if self.count(Table::New) >= plan.new as usize {
                break;
            }
            let (address, at, source) = draw(plan.new_online, plan.new_oldest, rng);
            if self.known(address).is_none() {
                self.add(address, at, source, Duration::ZERO, now, rng);
            }
        }
    }
}
