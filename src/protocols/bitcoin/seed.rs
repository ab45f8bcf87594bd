//! [`Seed`]: a DNS seed, which tells newcomers of nodes that its crawler has reached.

use super::address::{Address, AddressBook};
use crate::churn::Attendance;
use crate::engine::Setup;
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use rand::Rng;
use std::sync::Arc;

/// Addresses in an answer.
const ANSWER: usize = 25;
/// Where nodes come and go, the network is crawled anew so often. (Our choice.)
const CRAWL: Duration = Duration::from_hours(1);
/// Draws for each address of an answer before it is left shorter.
const DRAWS: usize = 10;

/// A DNS seed. Its crawls are not messages of the run: each is a list of nodes that let callers in and
/// were up at the time. Where nobody comes or goes, it is one crawl from before the run.
#[derive(Clone, Debug)]
pub struct Seed {
    crawl: Arc<[Address]>,
    again: Option<Crawler>,
}

/// What a crawl of nodes that come and go finds.
#[derive(Clone, Debug)]
struct Crawler {
    attendance: Attendance,
    book: AddressBook,
    open: Arc<[PeerId]>,
}

impl Seed {
    /// A seed of the run that knows `crawl` before it; `open` are the honest nodes that let callers in.
    pub fn new(
        crawl: Arc<[Address]>,
        book: AddressBook,
        open: &Arc<[PeerId]>,
        setup: &Setup,
    ) -> Self {
        let crawler = || Crawler {
            attendance: Attendance::new(&setup.churn, &setup.population, &setup.streams),
            book,
            open: Arc::clone(open),
        };
        Self {
            crawl,
            again: (!setup.churn.is_none() && !open.is_empty()).then(crawler),
        }
    }

    /// Some addresses of the last crawl.
    pub(super) fn answer(&mut self, now: Instant, rng: &mut impl Rng) -> Box<[Address]> {
        let Some(crawler) = &mut self.again else {
            let chosen = rng.sample_indices(self.crawl.len(), ANSWER);
            return chosen.into_iter().map(|at| self.crawl[at]).collect();
        };
        let since = now.as_nanos() % CRAWL.as_nanos();
        let crawled = Instant::from_nanos(now.as_nanos() - since);
        let mut found = Vec::with_capacity(ANSWER);
        for _ in 0..ANSWER * DRAWS {
            let peer = crawler.open[rng.index(crawler.open.len())];
            if found.len() < ANSWER && crawler.attendance.is_up(peer, crawled) {
                let lease = crawler.attendance.lease(peer);
                let address = crawler.book.leased_address(peer, lease);
                if !found.contains(&address) {
                    found.push(address);
                }
            }
        }
        found.into()
    }
}
