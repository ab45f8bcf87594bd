//! Who a peer is connected to: the tracker, connections, handshakes.

use super::{Cx, Dossier, Manner, Peer};
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::protocols::bittorrent::bits::Bits;
use crate::protocols::bittorrent::neighbour::Neighbour;
use crate::protocols::bittorrent::wire::{Timer, Why, Wire};
use crate::time::Duration;

/// No neighbour.
const NOBODY: u16 = u16::MAX;
/// A peer does not ask the tracker for more neighbours more often than this.
const PAUSE: Duration = Duration::from_mins(1);
/// How often a peer that wants to know as many as it can asks for more.
const GREEDY_PAUSE: Duration = Duration::from_secs(15);

impl Peer {
    /// Where a neighbour is.
    #[inline]
    pub(super) fn find(&self, conn: Conn) -> Option<usize> {
        let at = usize::from(*self.places.get(conn.index())?);
        let neighbour = self.neighbours.get(at)?;
        (neighbour.conn == conn).then_some(at)
    }

    /// How many neighbours it wants, if it wants more than others.
    fn greed(&self) -> Option<usize> {
        let config = &self.rules.config;
        let most = match self.manner {
            Manner::FreeRider => config
                .free_riders
                .large_view
                .then_some(config.free_riders.neighbours),
            Manner::Tyrant(_) => config.tyrants.neighbours,
            Manner::Compliant => None,
        };
        most.map(|most| most as usize)
    }

    /// How many neighbours it has at most.
    pub(super) fn most_neighbours(&self) -> usize {
        let most = self.rules.config.max_neighbours as usize;
        self.greed().unwrap_or(most)
    }

    /// Up to how many neighbours it connects to others, and with how few it looks for more.
    fn wishes(&self) -> (usize, usize) {
        let config = &self.rules.config;
        let modest = (config.initiate as usize, config.min_neighbours as usize);
        self.greed().map_or(modest, |most| (most, most))
    }

    /// How often it reports to the tracker.
    pub(super) fn interval(&self) -> Duration {
        if self.greed().is_some() {
            GREEDY_PAUSE
        } else {
            self.rules.config.announce
        }
    }

    pub(super) fn announce(&mut self, why: Why, cx: Cx<'_, '_>) {
        self.last_announce = cx.now();
        cx.send(self.rules.tracker, Wire::Announce(why));
    }

    /// The tracker has named some.
    pub(in crate::protocols::bittorrent) fn on_peers(&mut self, named: &[PeerId], cx: Cx<'_, '_>) {
        if !self.active {
            return;
        }
        for &peer in named {
            if !self.known.contains(&peer) {
                self.known.push(peer);
            }
        }
        self.connect_more(cx);
    }

    /// Connects to those it knows of, as long as it wants more neighbours.
    pub(super) fn connect_more(&mut self, cx: Cx<'_, '_>) {
        if !self.active {
            return;
        }
        let (initiate, _) = self.wishes();
        while self.neighbours.len() + self.opening.len() < initiate {
            let Some(peer) = self.known.pop() else {
                break;
            };
            let is_near = self.neighbours.iter().any(|one| one.peer == peer)
                || self.opening.iter().any(|&(_, other)| other == peer);
            if !is_near && peer != cx.me() {
                let conn = cx.connect(peer);
                self.opening.push((conn, peer));
            }
        }
        self.look_for_more(cx);
    }

    /// Asks the tracker, if there are too few neighbours.
    pub(super) fn look_for_more(&mut self, cx: Cx<'_, '_>) {
        let (_, few) = self.wishes();
        let count = self.neighbours.len() + self.opening.len();
        if count >= few || self.is_lonely || self.greed().is_some() {
            return;
        }
        let waited = cx.now() - self.last_announce;
        if waited >= PAUSE {
            self.announce(Why::Regular, cx);
        } else {
            self.is_lonely = true;
            cx.arm(PAUSE - waited, Timer::Lonely);
        }
    }

    /// Somebody has connected. Of two that connect to one another at once, the connection of the one
    /// with the smaller number stays.
    pub(super) fn on_accepted(&mut self, conn: Conn, from: PeerId, cx: Cx<'_, '_>) {
        let own = self.opening.iter().position(|&(_, to)| to == from);
        let is_near = self.neighbours.iter().any(|one| one.peer == from);
        let is_full = self.neighbours.len() >= self.most_neighbours();
        if !self.active || is_near || is_full || own.is_some_and(|_| cx.me() < from) {
            cx.close(conn);
            return;
        }
        if let Some(own) = own {
            let (other, _) = self.opening.swap_remove(own);
            cx.close(other);
        }
        self.greet(conn, from, cx);
    }

    /// A connection stands: says what it has.
    pub(super) fn greet(&mut self, conn: Conn, peer: PeerId, cx: Cx<'_, '_>) {
        let Some(picker) = &self.picker else {
            cx.close(conn);
            return;
        };
        let have = match self.manner {
            Manner::Compliant | Manner::Tyrant(_) => picker.have().clone(),
            Manner::FreeRider => Bits::none(picker.have().pieces()),
        };
        cx.send_on(conn, Wire::Handshake(Box::new(have)));
        let slot = conn.index();
        if self.places.len() <= slot {
            self.places.resize(slot + 1, NOBODY);
        }
        self.places[slot] = self.neighbours.len() as u16;
        self.neighbours.push(Neighbour::new(peer, conn));
    }

    /// A neighbour has said what it has.
    pub(super) fn on_handshake(&mut self, at: usize, theirs: Box<Bits>, cx: Cx<'_, '_>) {
        let Some(picker) = &mut self.picker else {
            return;
        };
        picker.come(&theirs);
        let neighbour = &mut self.neighbours[at];
        neighbour.news = theirs.count_without(picker.have());
        let is_useless = picker.is_complete() && theirs.is_full();
        neighbour.theirs = Some(theirs);
        if self.deals().is_some() {
            let dossier = Dossier::new(self.rules.config.tyrants.offer, cx.now());
            self.neighbours[at].dossier = Some(Box::new(dossier));
        }
        if is_useless {
            self.part(at, cx);
            return;
        }
        self.tell_interest(at, cx);
        self.rechoke(cx);
    }

    /// Tells a neighbour whether it has something that is wanted, if it does not know.
    pub(super) fn tell_interest(&mut self, at: usize, cx: Cx<'_, '_>) {
        let neighbour = &mut self.neighbours[at];
        let wanted = neighbour.news > 0;
        if neighbour.wanted != wanted {
            neighbour.wanted = wanted;
            let wire = if wanted {
                Wire::Interested
            } else {
                Wire::NotInterested
            };
            cx.send_on(neighbour.conn, wire);
        }
    }

    /// Closes the connection to a neighbour.
    pub(super) fn part(&mut self, at: usize, cx: Cx<'_, '_>) {
        cx.close(self.neighbours[at].conn);
        self.remove(at);
    }

    /// A connection has ended.
    pub(super) fn on_gone(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        self.opening.retain(|&(other, _)| other != conn);
        if let Some(at) = self.find(conn) {
            let had_a_slot = self.neighbours[at].unchoked && self.neighbours[at].interested;
            self.remove(at);
            if had_a_slot {
                self.rechoke(cx);
            }
            self.connect_more(cx);
        }
    }

    /// Takes a neighbour out of all tables; what it was asked for may be asked of others.
    fn remove(&mut self, at: usize) {
        let gone = self.neighbours.swap_remove(at);
        self.places[gone.conn.index()] = NOBODY;
        if let Some(moved) = self.neighbours.get(at) {
            self.places[moved.conn.index()] = at as u16;
        }
        self.forget(&gone);
    }

    /// Forgets what a neighbour that is gone had, and was asked for.
    pub(super) fn forget(&mut self, gone: &Neighbour) {
        if self.optimistic == Some(gone.peer) {
            self.optimistic = None;
        }
        let Some(picker) = &mut self.picker else {
            return;
        };
        if let Some(theirs) = &gone.theirs {
            picker.gone(theirs);
        }
        for &block in &gone.asked {
            if !self.neighbours.iter().any(|one| one.asked.contains(&block)) {
                picker.give_up(block);
            }
        }
    }

    /// It has the file, and has no use for those that have it, too.
    pub(super) fn drop_seeds(&mut self, cx: Cx<'_, '_>) {
        let is_seed = |one: &Neighbour| one.theirs.as_ref().is_some_and(|theirs| theirs.is_full());
        while let Some(at) = self.neighbours.iter().position(is_seed) {
            self.part(at, cx);
        }
    }
}
