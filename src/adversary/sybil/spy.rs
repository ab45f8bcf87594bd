//! [`Spy`]: looks on at an attacked run and sees how far the attacker gets. Changes nothing.

use super::metrics;
use super::overlay::{Overlay, Table};
use super::peer::{Spent, Suspect};
use super::plot::Plot;
use crate::adversary::surrounded::Held;
use crate::engine::{Notice, Phases, World};
use crate::observe::record::{Record, Series};
use crate::peer::PeerId;
use crate::protocols::dht::{Command, Contact, Ended, Event, Ids, Onlooker, Outcome, Truth, What};
use crate::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What it sees.
#[derive(Debug)]
pub(super) struct Spy {
    plot: Arc<Plot>,
    phases: Phases,
    /// How many of the closest a lookup is to find.
    wanted: usize,
    /// The honest part of the network.
    honest: Truth,
    open: BTreeMap<u32, Command>,
    ended: u32,
    won: u32,
    intercepted: u32,
    eclipsed: u32,
    /// (seconds, share) of contacts that are the attacker's, and of peers that are surrounded.
    held: Vec<(f64, f64)>,
    surrounded: Vec<f64>,
    /// What the attacker had spent at the first look and at the last.
    spent: Option<(Spent, Spent)>,
}

/// Tables of about so many peers are looked at.
const TABLES: usize = 10_000;

impl Spy {
    pub(super) fn new(plot: Arc<Plot>, ids: Arc<Ids>, wanted: usize, phases: Phases) -> Self {
        Self {
            plot,
            phases,
            wanted,
            honest: Truth::new(ids),
            open: BTreeMap::new(),
            ended: 0,
            won: 0,
            intercepted: 0,
            eclipsed: 0,
            held: Vec::new(),
            surrounded: Vec::new(),
            spent: None,
        }
    }

    fn ended(&mut self, ended: &Ended) {
        let Some(command) = self.open.remove(&ended.number) else {
            return;
        };
        let is_own = |contact: &Contact| self.plot.is_own(contact.peer());
        let named = &ended.closest[..self.wanted.min(ended.closest.len())];
        let is_done = ended.outcome == Outcome::Done;
        let first_is_own = named.first().map(is_own);
        let won = match command.what {
            What::Get => first_is_own == Some(false),
            What::Find | What::Put => {
                let closest = self.honest.closest(command.key, 1, self.plot.nearness);
                closest.first().is_some_and(|first| named.contains(first))
            }
        };
        self.ended += 1;
        self.won += u32::from(is_done && won);
        self.intercepted += u32::from(is_done && first_is_own == Some(true));
        self.eclipsed += u32::from(!named.is_empty() && named.iter().all(is_own));
    }

    /// Writes the metrics of the attack and its curve; `hashes` is what its identifiers have cost.
    pub(super) fn finish(self, hashes: f64, record: &mut Record) {
        let seconds = self.phases.measurement.as_secs_f64();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        // The first look is before the measurement.
        let held: Vec<f64> = self.held.iter().skip(1).map(|&(_, share)| share).collect();
        let spent = self.spent.unwrap_or_default();
        let rate = |get: fn(&Spent) -> u64| (get(&spent.1) - get(&spent.0)) as f64 / seconds;
        let share = |count: u32| f64::from(count) / f64::from(self.ended);
        for (metric, value) in [
            (metrics::WON, share(self.won)),
            (metrics::INTERCEPTED, share(self.intercepted)),
            (metrics::ECLIPSED, share(self.eclipsed)),
            (metrics::HELD, mean(&held)),
            (metrics::SURROUNDED, mean(&self.surrounded[1..])),
            (metrics::IDS, f64::from(self.plot.count())),
            (metrics::HASHES, hashes),
            (metrics::BYTES, rate(|spent| spent.bytes)),
            (metrics::LIES, rate(|spent| spent.lies)),
        ] {
            record.value(&metric, value);
        }
        record.series.push(Series {
            name: metrics::SERIES[0].to_owned(),
            unit: "share".to_owned(),
            points: self.held,
        });
    }
}

impl<P: Overlay> Onlooker<Suspect<P>> for Spy {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: &Notice<Event>) {
        if self.plot.is_own(peer) {
            return;
        }
        match notice {
            Notice::Event(Event::Began(command)) => {
                if self.phases.measures(at) && command.what != What::Put {
                    self.open.insert(command.number, *command);
                }
            }
            Notice::Event(Event::Ended(ended)) => self.ended(ended),
            Notice::Event(Event::Joined(contact)) => self.honest.joined(*contact),
            Notice::Up => self.honest.comes_up(peer, at),
            Notice::Left | Notice::Crashed => self.honest.goes_down(peer, at),
        }
    }

    fn look(&mut self, at: Instant, world: &World<Suspect<P>>) {
        let every = (world.len() as usize / TABLES).max(1);
        let (mut sum, mut surrounded, mut all) = (0.0, 0u32, 0u32);
        for (peer, state) in world.peers().step_by(every) {
            if self.plot.is_own(peer) || !world.is_up(peer) {
                continue;
            }
            let held = Held::of(&Table::of(state), |other| self.plot.is_own(other));
            if held.own.1 > 0 {
                sum += f64::from(held.own.0) / f64::from(held.own.1);
                surrounded += u32::from(held.is_surrounded());
                all += 1;
            }
        }
        self.held.push((at.as_secs_f64(), sum / f64::from(all)));
        self.surrounded.push(f64::from(surrounded) / f64::from(all));
        let mut now = Spent::default();
        for spent in world.peers().filter_map(|(_, state)| state.spent()) {
            now.bytes += spent.bytes;
            now.lies += spent.lies;
        }
        self.spent = Some((self.spent.map_or(now, |(first, _)| first), now));
    }
}
