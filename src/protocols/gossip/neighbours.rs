//! What is measured of neighbours that peers keep: the metrics, and the observer behind them.

use super::keeper::Event;
use super::metrics::{Meter, Window};
use crate::engine::{Flow, Notice, Observer, Traffic};
use crate::math::stats::gini;
use crate::math::survival::Survival;
use crate::observe::ages;
use crate::observe::record::{Better, MetricDef, Record};
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// The metrics, what matters most first; there only if neighbours are kept. What is lost is the churn of Godfrey,
/// Shenker & Stoica (SIGCOMM 2006) for the set that one peer keeps, without the joins that follow.
pub const METRICS: &[MetricDef] = &[
    LOST, STAY, MEDIAN, AGE, ROUND_TRIP, COUNT, GONE, LARGEST, GINI, MESSAGES, WIRE_BYTES,
];

/// The samples: how long neighbours stay, as estimated; those that outlast all that was seen are not
/// measured.
pub const STAYS: &str = "neighbours.stays";

const LOST: MetricDef = MetricDef::new(
    "neighbours.lost",
    "",
    "neighbours that go down, per peer and hour that it is up",
    Better::Lower,
);
const STAY: MetricDef = MetricDef::new(
    "neighbours.stay",
    "s",
    "mean time a neighbour stays: the time that neighbours are up while they are kept, over how many \
     of them go down",
    Better::Higher,
);
const MEDIAN: MetricDef = MetricDef::new(
    "neighbours.stay_median",
    "s",
    "the time that half of the neighbours taken in the measurement stay up; those whose keeper goes \
     first count as far as they were seen (Kaplan & Meier)",
    Better::Higher,
);
const AGE: MetricDef = MetricDef::new(
    "neighbours.age",
    "s",
    "mean age of neighbours when they are taken, as they say; not beyond the time since the start",
    Better::Neither,
);
const ROUND_TRIP: MetricDef = MetricDef::new(
    "neighbours.round_trip",
    "s",
    "mean round trip to neighbours, as measured when they are taken",
    Better::Lower,
);
const COUNT: MetricDef = MetricDef::new(
    "neighbours.count",
    "",
    "neighbours a peer keeps, up or gone; mean over the peers up at twenty times",
    Better::Neither,
);
const GONE: MetricDef = MetricDef::new(
    "neighbours.gone",
    "share",
    "share of kept neighbours that have gone down and not been missed yet; over twenty times",
    Better::Lower,
);
const LARGEST: MetricDef = MetricDef::new(
    "neighbours.keepers_most",
    "",
    "peers that keep the one that most keep; mean over twenty times",
    Better::Lower,
);
const GINI: MetricDef = MetricDef::new(
    "neighbours.keepers_gini",
    "",
    "Gini coefficient of how many keep each peer that is up: 0 if all are kept by as many, near 1 if \
     all keep the same few; mean over twenty times",
    Better::Lower,
);
const MESSAGES: MetricDef = MetricDef::new(
    "neighbours.messages",
    "",
    "pings and answers sent per peer of the population, not in `broadcast.messages`; whole run",
    Better::Lower,
);
const WIRE_BYTES: MetricDef = MetricDef::new(
    "neighbours.wire_bytes",
    "B",
    "bytes of pings and answers per peer of the population, with UDP and IP headers, not in \
     `broadcast.wire_bytes`; whole run",
    Better::Lower,
);

/// How often the neighbours of all are looked at.
const LOOKS: u64 = 20;

/// Sees who keeps whom, and who is really there.
#[derive(Debug)]
pub struct Links {
    window: Window,
    peers: Vec<Peer>,
    stays: Stays,
    /// Time that peers are up in the measurement.
    up: f64,
    /// Neighbours taken in the measurement, and the sums of what was known of them.
    taken: u32,
    age: f64,
    round_trip: f64,
    looks: Vec<Look>,
}

#[derive(Clone, Default, Debug)]
struct Peer {
    /// Since when it is up.
    since: Option<Instant>,
    /// Whom it keeps.
    kept: Vec<Link>,
    /// Who keeps it, and has not seen it go down.
    keepers: Vec<PeerId>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    to: PeerId,
    taken: Instant,
    /// Whether the other has not been down since.
    stands: bool,
}

/// How long neighbours stay.
#[derive(Clone, Default, Debug)]
struct Stays {
    /// Of those taken in the measurement: seen to their end, and cut short, in seconds.
    ended: Vec<f64>,
    cut: Vec<f64>,
    /// In the measurement: how many ended, and the time, in seconds, that all lasted.
    lost: u32,
    time: f64,
}

/// What there is to see at one time.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// Neighbours kept, per peer that is up.
    count: f64,
    /// All that are kept, and those of them that are there.
    kept: f64,
    standing: f64,
    largest: f64,
    gini: f64,
}

impl Stays {
    /// One that lasted until it `ended` or could be seen no longer.
    fn add(&mut self, window: Window, from: Instant, until: Instant, ended: bool) {
        self.time += overlap(window, from, until);
        self.lost += u32::from(ended && (window.from..window.to).contains(&until));
        if (window.from..window.to).contains(&from) {
            let seconds = until.saturating_since(from).as_secs_f64();
            if ended {
                &mut self.ended
            } else {
                &mut self.cut
            }
            .push(seconds);
        }
    }
}

/// How much of a span lies in the measurement, in seconds.
fn overlap(window: Window, from: Instant, until: Instant) -> f64 {
    let from = from.max(window.from);
    until.min(window.to).saturating_since(from).as_secs_f64()
}

impl Links {
    /// Of so many peers.
    pub fn new(window: Window, peers: u32) -> Self {
        Self {
            window,
            peers: vec![Peer::default(); peers as usize],
            stays: Stays::default(),
            up: 0.0,
            taken: 0,
            age: 0.0,
            round_trip: 0.0,
            looks: Vec::new(),
        }
    }

    /// When to look next; nothing after the last time.
    fn next_look(&self) -> Option<Instant> {
        let number = self.looks.len() as u64 + 1;
        let span = u128::from((self.window.to - self.window.from).as_nanos());
        let after = span * u128::from(number) / u128::from(LOOKS);
        (number <= LOOKS).then(|| self.window.from + Duration::from_nanos(after as u64))
    }

    /// Looks as often as it is time to, with `now` still to come.
    fn look_until(&mut self, now: Instant) {
        while self.next_look().is_some_and(|at| at <= now) {
            let up = self.peers.iter().filter(|peer| peer.since.is_some());
            let mut keepers: Vec<f64> = up.map(|peer| peer.keepers.len() as f64).collect();
            keepers.sort_unstable_by(f64::total_cmp);
            let kept: usize = self.peers.iter().map(|peer| peer.kept.len()).sum();
            self.looks.push(Look {
                count: kept as f64 / keepers.len() as f64,
                kept: kept as f64,
                standing: keepers.iter().sum(),
                largest: keepers.last().copied().unwrap_or(f64::NAN),
                gini: gini(&keepers),
            });
        }
    }

    fn took(&mut self, at: Instant, keeper: PeerId, to: PeerId) {
        let stands = self.peers[to.index()].since.is_some();
        if stands {
            self.peers[to.index()].keepers.push(keeper);
        } else {
            // It went down between its answer and the choice.
            self.stays.add(self.window, at, at, true);
        }
        let taken = at;
        let link = Link { to, taken, stands };
        self.peers[keeper.index()].kept.push(link);
    }

    /// `keeper` keeps one no longer that may still be there.
    fn end(&mut self, at: Instant, keeper: PeerId, link: Link) {
        if link.stands {
            let keepers = &mut self.peers[link.to.index()].keepers;
            if let Some(place) = keepers.iter().position(|&peer| peer == keeper) {
                keepers.swap_remove(place);
            }
            self.stays.add(self.window, link.taken, at, false);
        }
    }

    fn dropped(&mut self, at: Instant, keeper: PeerId, to: PeerId) {
        let kept = &mut self.peers[keeper.index()].kept;
        if let Some(place) = kept.iter().position(|link| link.to == to) {
            let link = kept.remove(place);
            self.end(at, keeper, link);
        }
    }

    fn down(&mut self, at: Instant, peer: PeerId) {
        if let Some(since) = self.peers[peer.index()].since.take() {
            self.up += overlap(self.window, since, at);
        }
        for keeper in std::mem::take(&mut self.peers[peer.index()].keepers) {
            let kept = &mut self.peers[keeper.index()].kept;
            if let Some(link) = kept.iter_mut().find(|link| link.to == peer) {
                link.stands = false;
                self.stays.add(self.window, link.taken, at, true);
            }
        }
        for link in std::mem::take(&mut self.peers[peer.index()].kept) {
            self.end(at, peer, link);
        }
    }

    fn notice(&mut self, at: Instant, peer: PeerId, notice: &Notice<Event>) {
        self.look_until(at);
        match *notice {
            Notice::Up => self.peers[peer.index()].since = Some(at),
            Notice::Left | Notice::Crashed => self.down(at, peer),
            Notice::Event(Event::Took {
                peer: to,
                age,
                round_trip,
            }) => {
                self.took(at, peer, to);
                if (self.window.from..self.window.to).contains(&at) {
                    self.taken += 1;
                    self.age += age.as_secs_f64();
                    self.round_trip += round_trip.as_secs_f64();
                }
            }
            Notice::Event(Event::Dropped(to)) => self.dropped(at, peer, to),
            Notice::Event(Event::Gossip(_)) => {}
        }
    }

    /// Writes the metrics and samples; `upkeep` is what the pings and answers of all `peers` came to.
    pub(super) fn finish(mut self, upkeep: Traffic, record: &mut Record) {
        let (window, end) = (self.window, self.window.end);
        self.look_until(end);
        for peer in &self.peers {
            self.up += peer.since.map_or(0.0, |since| overlap(window, since, end));
            for link in peer.kept.iter().filter(|link| link.stands) {
                self.stays.add(window, link.taken, end, false);
            }
        }
        let Stays {
            mut ended,
            mut cut,
            lost,
            time,
        } = self.stays;
        for lives in [&mut ended, &mut cut] {
            lives.sort_unstable_by(f64::total_cmp);
        }
        let stays = Survival::of(&ended, &cut);
        record.value(&LOST, f64::from(lost) * 3600.0 / self.up);
        // Nobody lost: not a number, and not infinity.
        let some = if lost == 0 { f64::NAN } else { f64::from(lost) };
        record.value(&STAY, time / some);
        record.value(&MEDIAN, stays.quantile(0.5).unwrap_or(f64::NAN));
        record.value(&AGE, self.age / f64::from(self.taken));
        record.value(&ROUND_TRIP, self.round_trip / f64::from(self.taken));
        let sum = |of: fn(&Look) -> f64| self.looks.iter().map(of).sum::<f64>();
        let mean = |of| sum(of) / self.looks.len() as f64;
        record.value(&COUNT, mean(|look| look.count));
        let standing = sum(|look| look.standing);
        record.value(&GONE, 1.0 - standing / sum(|look| look.kept));
        record.value(&LARGEST, mean(|look| look.largest));
        record.value(&GINI, mean(|look| look.gini));
        let per_peer = |number: u64| number as f64 / self.peers.len() as f64;
        record.value(&MESSAGES, per_peer(upkeep.messages));
        record.value(&WIRE_BYTES, per_peer(upkeep.wire_bytes));
        let seen = ended.len() + cut.len();
        record.samples.push(ages::samples(STAYS, &stays, seen));
    }
}

/// Sees broadcasts and neighbours.
#[derive(Debug)]
pub(super) struct Both {
    pub(super) meter: Meter,
    pub(super) links: Links,
}

impl Observer<Event> for Both {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        self.links.notice(at, peer, &notice);
        let notice = match notice {
            Notice::Event(Event::Gossip(event)) => Notice::Event(event),
            Notice::Event(_) => return Flow::Continue,
            Notice::Up => Notice::Up,
            Notice::Left => Notice::Left,
            Notice::Crashed => Notice::Crashed,
        };
        self.meter.notice(at, peer, notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(secs)
    }

    fn took(peer: u32, age: u64) -> Notice<Event> {
        Notice::Event(Event::Took {
            peer: PeerId(peer),
            age: Duration::from_secs(age),
            round_trip: Duration::from_millis(100),
        })
    }

    /// Measured from 100 to 300 s. Peer 0 keeps 1 from 50 s to its crash at 200 s, is told at 230 s, and
    /// takes 2 at 240 s. Peer 3 keeps 2 from 150 s and leaves at 200 s.
    #[test]
    fn by_hand() {
        let window = Window {
            from: at(100),
            to: at(300),
            deadline: None,
            end: at(400),
        };
        let mut links = Links::new(window, 4);
        let mut notice = |secs, peer, notice| links.notice(at(secs), PeerId(peer), &notice);
        for peer in 0..4 {
            notice(0, peer, Notice::Up);
        }
        notice(50, 0, took(1, 40));
        notice(150, 3, took(2, 100));
        notice(200, 1, Notice::Crashed);
        notice(200, 3, Notice::Left);
        notice(230, 0, Notice::Event(Event::Dropped(PeerId(1))));
        notice(240, 0, took(2, 200));
        let mut record = Record::default();
        let upkeep = Traffic {
            messages: 8,
            app_bytes: 0,
            wire_bytes: 400,
        };
        links.finish(upkeep, &mut record);
        let near = |metric, expected: f64| {
            let value = record.get(metric).expect("a metric");
            assert!((value - expected).abs() < 1e-9, "{metric}: {value}");
        };
        // 100 + 50 + 60 s of neighbours, one of them lost, in 600 s of peers.
        near("neighbours.stay", 210.0);
        near("neighbours.lost", 6.0);
        near("neighbours.age", 150.0);
        near("neighbours.round_trip", 0.1);
        near("neighbours.messages", 2.0);
        near("neighbours.wire_bytes", 100.0);
        // Of those taken in the measurement nobody was seen to go: two were cut, at 50 and 160 s.
        let samples = &record.samples[0];
        assert_eq!((samples.values.len(), samples.censored), (0, 2));
        // Looks at 110, 120 ... 300 s, before what happens then: one link until 150 s, two until 200 s, one
        // to who is gone until 230 s, none until 240 s, then one.
        near("neighbours.keepers_most", 16.0 / 20.0);
        near("neighbours.gone", 3.0 / 24.0);
    }

    #[test]
    fn who_is_dropped_while_up_is_cut_and_not_lost() {
        let window = Window {
            from: at(0),
            to: at(100),
            deadline: None,
            end: at(100),
        };
        let mut links = Links::new(window, 2);
        let mut notice = |secs, peer, notice| links.notice(at(secs), PeerId(peer), &notice);
        notice(0, 0, Notice::Up);
        notice(0, 1, Notice::Up);
        notice(10, 0, took(1, 10));
        notice(40, 0, Notice::Event(Event::Dropped(PeerId(1))));
        let mut record = Record::default();
        links.finish(Traffic::default(), &mut record);
        assert_eq!(record.get("neighbours.lost"), Some(0.0));
        assert!(record.get("neighbours.stay").is_some_and(f64::is_nan));
        assert_eq!(record.samples[0].censored, 1);
    }
}
