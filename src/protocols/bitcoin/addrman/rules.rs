//! Which rules an address manager follows, as data.

use crate::time::Duration;

/// Where an address may lie within its bucket, and who gives way when there is no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    /// Anywhere in the bucket. A full bucket of `new` gives up a terrible entry, or else the oldest
    /// (by time stamp) of four random ones; a full bucket of `tried` sends the oldest (by last
    /// success) of four random ones back to `new`.
    ///
    /// For `tried` this follows Heilman et al. (section 2.2, "bitcoin eviction", and eqs. 4-7), not
    /// the letter of the code: `CAddrMan::SelectTried` swapped each draw to the front and then
    /// returned the position where the oldest had *been*, so that it removed the entry swapped
    /// there. The published formulas and figures, which we reproduce, are of the intended rule.
    Searched,
    /// At one position, a keyed hash of bucket and address. In `tried` the occupant goes back to
    /// `new`. In `new` the occupant stays, unless it is terrible, or it is elsewhere in `new`, too,
    /// and the newcomer is nowhere.
    Hashed,
}

/// How an address to connect to is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selection {
    /// `tried` with probability sqrt(rho)(9-omega) / ((omega+1) + sqrt(rho)(9-omega)); then a random
    /// non-empty bucket, a random entry in it, accepted with a chance that falls with the age of
    /// its time stamp.
    ///
    /// Heilman et al. give the chance as min(1, 1.2^r / (1+tau)), tau in units of ten minutes. The
    /// code, which we follow, has the same and two factors more: 0.01 for what was tried within
    /// ten minutes, 1/1.5 for each failed attempt. Without failed attempts they are equal, but that
    /// the code counts rejections r from 0 and the paper's equation 2 from 1 (half a point in the
    /// success of an attack).
    Fresh,
    /// `tried` or `new` with equal probability; then a random occupied position, accepted with a
    /// chance of 0.66 for each failed attempt (at most eight), times 0.01 if tried within ten
    /// minutes, times 1.2 for each rejection.
    Uniform,
}

/// The rules of an address manager. [`Rules::before_0_10_1`] and [`Rules::from_0_10_1`] are what
/// Bitcoin Core did; anything in between is a countermeasure to be studied on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Buckets of `tried`, at most 1024.
    pub tried_buckets: u16,
    /// To how many of them the addresses of one /16 group go.
    pub tried_buckets_per_group: u16,
    /// Buckets of `new`, at most 1024.
    pub new_buckets: u16,
    /// To how many of them what one source group sends goes.
    pub new_buckets_per_source_group: u16,
    /// In how many buckets of `new` one address may be.
    pub max_references: u8,
    /// Where an address may lie within its bucket of `tried`.
    pub tried_placement: Placement,
    /// Where an address may lie within its bucket of `new`.
    pub new_placement: Placement,
    /// How an address to connect to is chosen.
    pub selection: Selection,
    /// Whether who would have to leave `tried` is tried first, and stays if it answers (from 0.17).
    pub test_before_evict: bool,
    /// Whether a successful connection renews the time stamp at once (and not only at its end, by
    /// `connected`): given up in 0.10.1, as it told others who was connected to whom.
    pub good_renews: bool,
    /// Whether the answer to GETADDR leaves out terrible addresses.
    pub getaddr_skips_terrible: bool,
    /// The largest answer to GETADDR, in addresses (`ADDRMAN_GETADDR_MAX`).
    pub getaddr_max: u16,
}

impl Rules {
    /// Entries in a bucket (`ADDRMAN_BUCKET_SIZE`; 64 in all versions).
    pub const BUCKET_SIZE: u16 = 64;
    /// What share of all addresses GETADDR answers, in percent (`ADDRMAN_GETADDR_MAX_PCT`).
    pub const GETADDR_PERCENT: usize = 23;
    /// After how long unseen an address is terrible (`ADDRMAN_HORIZON_DAYS`: 30 days).
    pub const HORIZON: Duration = Duration::from_hours(30 * 24);
    /// An address whose time stamp is so many seconds ahead is terrible.
    pub const FUTURE_SECS: i64 = 600;
    /// After how many failures without any success an address is terrible (`ADDRMAN_RETRIES`).
    pub const RETRIES: u8 = 3;
    /// After how many failures in [`Rules::MIN_FAIL`] an address is terrible
    /// (`ADDRMAN_MAX_FAILURES`).
    pub const MAX_FAILURES: u8 = 10;
    /// See [`Rules::MAX_FAILURES`] (`ADDRMAN_MIN_FAIL_DAYS`: 7 days).
    pub const MIN_FAIL: Duration = Duration::from_hours(7 * 24);
    /// Newcomers to `tried` that wait for a test at most (`ADDRMAN_SET_TRIED_COLLISION_SIZE`).
    pub const COLLISIONS: usize = 10;
    /// Who was connected to within this time stays without a test (`ADDRMAN_REPLACEMENT`: 4 hours).
    pub const REPLACEMENT: Duration = Duration::from_hours(4);
    /// A test that has no answer after this time failed (`ADDRMAN_TEST_WINDOW`: 40 minutes).
    pub const TEST_WINDOW: Duration = Duration::from_mins(40);
    /// By how much the time stamp of a relayed address is made older (`net_processing`: 2 hours).
    pub const RELAY_PENALTY: Duration = Duration::from_hours(2);

    /// Bitcoin Core up to 0.10.0 (`addrman.h`, `addrman.cpp`; Heilman et al., section 2).
    pub const fn before_0_10_1() -> Self {
        Self {
            tried_buckets: 64,
            tried_buckets_per_group: 4,
            new_buckets: 256,
            new_buckets_per_source_group: 32,
            max_references: 4,
            tried_placement: Placement::Searched,
            new_placement: Placement::Searched,
            selection: Selection::Fresh,
            test_before_evict: false,
            good_renews: true,
            getaddr_skips_terrible: false,
            getaddr_max: 2500,
        }
    }

    /// Bitcoin Core from 0.10.1 (`addrman.h`, `addrman.cpp`), where the countermeasures 1, 2 and 6
    /// of Heilman et al. (section 7) came in. The largest answer to GETADDR is 2 500 here and became
    /// 1 000 in 0.21.
    pub const fn from_0_10_1() -> Self {
        Self {
            tried_buckets: 256,
            tried_buckets_per_group: 8,
            new_buckets: 1024,
            new_buckets_per_source_group: 64,
            max_references: 8,
            tried_placement: Placement::Hashed,
            new_placement: Placement::Hashed,
            selection: Selection::Uniform,
            test_before_evict: false,
            good_renews: false,
            getaddr_skips_terrible: true,
            getaddr_max: 2500,
        }
    }

    /// How many addresses `tried` holds at most.
    pub const fn tried_capacity(&self) -> usize {
        self.tried_buckets as usize * Self::BUCKET_SIZE as usize
    }

    /// How many references `new` holds at most.
    pub const fn new_capacity(&self) -> usize {
        self.new_buckets as usize * Self::BUCKET_SIZE as usize
    }
}
