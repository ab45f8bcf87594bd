//! [`FileShare`]: a peer that shares files, with a peer of a hash table below.

use super::config::Sharing;
use super::wire::{Timer, Wire};
use crate::engine::{Conn, Context, Link, Protocol, TimerId};
use crate::peer::PeerId;
use crate::protocols::dht::{self, Dht, Ended, Ids, What};
use crate::random::Draw;
use crate::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What all peers of a run share.
#[derive(Debug)]
pub struct Shared {
    /// The keys of the scenario.
    pub files: Sharing,
    /// All identifiers, for the keys of files.
    pub ids: Arc<Ids>,
}

/// Something to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Publish this file, which is here.
    Publish(u32),
    /// Fetch a file.
    Fetch {
        /// The number of the wish: events speak of it.
        number: u32,
        /// The file.
        file: u32,
    },
}

/// What a peer reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// It has this file from now on.
    Holds(u32),
    /// It has begun to fetch.
    Began {
        /// The number of the wish.
        number: u32,
        /// The file.
        file: u32,
    },
    /// It has the file, or nobody has given it.
    Ended {
        /// The number of the wish.
        number: u32,
        /// Whether the file is here.
        done: bool,
    },
}

/// A peer that shares files.
pub struct FileShare<D: Dht> {
    dht: D,
    shared: Arc<Shared>,
    /// On disk.
    has: BTreeSet<u32>,
    /// Who has said to have a file whose key is near, and until when that is believed.
    index: BTreeMap<u32, Vec<(PeerId, Instant)>>,
    /// What the table was asked for, by the number of the command.
    asked: BTreeMap<u32, Purpose>,
    fetches: Vec<Fetch>,
    /// The last number of a command, a question or a fetch.
    last: u32,
}

/// Why the table was asked.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    /// To say that a file is here; others may be told to keep a copy.
    Announce(u32, bool),
    /// For the fetch with this number of our own.
    Fetch(u32),
}

/// A download under way.
#[derive(Debug)]
struct Fetch {
    own: u32,
    file: u32,
    /// The number of the wish; nobody has wished for a copy.
    wish: Option<u32>,
    /// Who may know who has it, and who may have it: the next is the last.
    ask: Vec<PeerId>,
    holders: Vec<PeerId>,
    call: Option<(u32, TimerId)>,
    conn: Option<Conn>,
}

type Cx<'a, D> = Context<'a, FileShare<D>>;

impl<D: Dht> FileShare<D> {
    /// A peer with nothing to share yet.
    pub fn new(dht: D, shared: Arc<Shared>) -> Self {
        Self {
            dht,
            shared,
            has: BTreeSet::new(),
            index: BTreeMap::new(),
            asked: BTreeMap::new(),
            fetches: Vec::new(),
            last: 0,
        }
    }

    fn next(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    /// Runs the table below, and hears what it has to say.
    fn below(&mut self, cx: &mut Cx<'_, D>, act: impl FnOnce(&mut D, &mut Context<'_, D>)) {
        let dht = &mut self.dht;
        let events = cx.layer(Wire::Dht, Timer::Dht, |cx| act(dht, cx));
        for event in events {
            match event {
                dht::Event::Joined(_) => {
                    let files: Vec<u32> = self.has.iter().copied().collect();
                    for file in files {
                        self.find(file, Purpose::Announce(file, false), cx);
                    }
                }
                dht::Event::Began(_) => {}
                dht::Event::Ended(ended) => self.found(&ended, cx),
            }
        }
    }

    fn find(&mut self, file: u32, purpose: Purpose, cx: &mut Cx<'_, D>) {
        let number = self.next();
        self.asked.insert(number, purpose);
        let command = dht::Command {
            number,
            what: What::Find,
            key: self.shared.ids.key(file),
        };
        self.below(cx, |dht, cx| dht.on_command(command, cx));
    }

    /// The table has found who is closest to a file's key, or nobody.
    fn found(&mut self, ended: &Ended, cx: &mut Cx<'_, D>) {
        let Some(purpose) = self.asked.remove(&ended.number) else {
            return;
        };
        let closest = ended.closest.iter().map(|contact| contact.peer());
        let files = self.shared.files;
        match purpose {
            Purpose::Announce(file, copies) => {
                let closest: Vec<PeerId> = closest.collect();
                for &peer in closest.iter().take(usize::from(files.records)) {
                    if peer == cx.me() {
                        self.heard(file, peer, cx.now());
                    } else {
                        cx.send(peer, Wire::Has(file));
                    }
                }
                if copies {
                    let me = cx.me();
                    let others = closest.iter().filter(|&&peer| peer != me);
                    for &peer in others.take(usize::from(files.replicas) - 1) {
                        cx.send(peer, Wire::Copy(file));
                    }
                }
                cx.arm(files.announce, Timer::Announce(file));
            }
            Purpose::Fetch(own) => {
                let mut ask: Vec<PeerId> = closest.take(usize::from(files.records)).collect();
                ask.reverse();
                if let Some(fetch) = self.fetch(|fetch| fetch.own == own) {
                    fetch.ask = ask;
                    self.go_on(own, cx);
                }
            }
        }
    }

    /// Somebody has a file whose key is near.
    fn heard(&mut self, file: u32, peer: PeerId, now: Instant) {
        let until = now.saturating_add(self.shared.files.expire);
        let holders = self.index.entry(file).or_default();
        holders.retain(|&(other, until)| other != peer && until > now);
        holders.push((peer, until));
    }

    /// Who has said to have a file, without `but`.
    fn known(&self, file: u32, but: PeerId, now: Instant) -> Vec<PeerId> {
        let known = self.index.get(&file).into_iter().flatten();
        let alive = known.filter(|&&(peer, until)| peer != but && until > now);
        alive.map(|&(peer, _)| peer).collect()
    }

    fn fetch(&mut self, which: impl Fn(&Fetch) -> bool) -> Option<&mut Fetch> {
        self.fetches.iter_mut().find(|fetch| which(fetch))
    }

    fn begin(&mut self, file: u32, wish: Option<u32>, holders: Vec<PeerId>) -> u32 {
        let own = self.next();
        self.fetches.push(Fetch {
            own,
            file,
            wish,
            ask: Vec::new(),
            holders,
            call: None,
            conn: None,
        });
        own
    }

    /// To the next who may have the file, or may know who has; ends if there is nobody.
    fn go_on(&mut self, own: u32, cx: &mut Cx<'_, D>) {
        let (me, now) = (cx.me(), cx.now());
        loop {
            let Some(fetch) = self.fetch(|fetch| fetch.own == own) else {
                return;
            };
            let file = fetch.file;
            if let Some(holder) = fetch.holders.pop() {
                fetch.conn = Some(cx.connect(holder));
                return;
            }
            match fetch.ask.pop() {
                None => return self.end(own, false, cx),
                Some(peer) if peer == me => {
                    let known = self.known(file, me, now);
                    if let Some(fetch) = self.fetch(|fetch| fetch.own == own) {
                        fetch.holders = known;
                    }
                }
                Some(peer) => {
                    let call = self.next();
                    cx.send(peer, Wire::Who { call, file });
                    let timer = cx.arm(self.shared.files.timeout, Timer::Late(call));
                    if let Some(fetch) = self.fetch(|fetch| fetch.own == own) {
                        fetch.call = Some((call, timer));
                    }
                    return;
                }
            }
        }
    }

    fn end(&mut self, own: u32, done: bool, cx: &mut Cx<'_, D>) {
        let Some(at) = self.fetches.iter().position(|fetch| fetch.own == own) else {
            return;
        };
        let fetch = self.fetches.swap_remove(at);
        let keeps = self.shared.files.share || fetch.wish.is_none();
        if done && keeps && self.has.insert(fetch.file) {
            cx.emit(Event::Holds(fetch.file));
            self.find(fetch.file, Purpose::Announce(fetch.file, false), cx);
        }
        if let Some(number) = fetch.wish {
            cx.emit(Event::Ended { number, done });
        }
    }

    /// An answer to a question, or none in time.
    fn answered(&mut self, call: u32, peers: Vec<PeerId>, cx: &mut Cx<'_, D>) {
        let waits = |fetch: &Fetch| fetch.call.is_some_and(|(waits, _)| waits == call);
        let Some(fetch) = self.fetch(waits) else {
            return;
        };
        let own = fetch.own;
        if let Some((_, timer)) = fetch.call.take() {
            cx.cancel(timer);
        }
        fetch.holders = peers;
        cx.rng().shuffle(&mut fetch.holders);
        self.go_on(own, cx);
    }
}

impl<D: Dht> Protocol for FileShare<D> {
    type Message = Wire<D>;
    type Timer = Timer<D>;
    type Command = Command;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Cx<'_, D>) {
        self.index.clear();
        self.asked.clear();
        self.fetches.clear();
        self.below(cx, D::on_start);
    }

    fn on_message(&mut self, from: PeerId, message: Wire<D>, cx: &mut Cx<'_, D>) {
        match message {
            Wire::Dht(message) => self.below(cx, |dht, cx| dht.on_message(from, message, cx)),
            Wire::Has(file) => self.heard(file, from, cx.now()),
            Wire::Who { call, file } => {
                let peers = self.known(file, from, cx.now()).into();
                cx.send(from, Wire::These { call, peers });
            }
            Wire::These { call, peers } => self.answered(call, peers.into(), cx),
            Wire::Copy(file) => {
                if !self.has.contains(&file) {
                    let own = self.begin(file, None, vec![from]);
                    self.go_on(own, cx);
                }
            }
            Wire::Fetch(_) | Wire::File { .. } | Wire::NotHere(_) => {}
        }
    }

    fn on_data(&mut self, conn: Conn, _from: PeerId, message: Wire<D>, cx: &mut Cx<'_, D>) {
        let ours = self
            .fetch(|fetch| fetch.conn == Some(conn))
            .map(|fetch| fetch.own);
        match (message, ours) {
            (Wire::Fetch(file), _) => {
                let size = self.shared.files.size.0 as u32;
                let answer = if self.has.contains(&file) {
                    Wire::File { file, size }
                } else {
                    Wire::NotHere(file)
                };
                cx.send_on(conn, answer);
            }
            (Wire::File { .. }, Some(own)) => {
                cx.close(conn);
                self.end(own, true, cx);
            }
            (Wire::NotHere(_), Some(own)) => {
                cx.close(conn);
                self.go_on(own, cx);
            }
            _ => {}
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Cx<'_, D>) {
        let Some(fetch) = self.fetch(|fetch| fetch.conn == Some(conn)) else {
            return;
        };
        let (own, file) = (fetch.own, fetch.file);
        match what {
            Link::Opened(_) => {
                cx.send_on(conn, Wire::Fetch(file));
            }
            Link::Accepted(_) => {}
            Link::Refused(_) | Link::Reset(_) | Link::Closed(_) => {
                fetch.conn = None;
                self.go_on(own, cx);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer<D>, cx: &mut Cx<'_, D>) {
        match timer {
            Timer::Dht(timer) => self.below(cx, |dht, cx| dht.on_timer(timer, cx)),
            Timer::Late(call) => self.answered(call, Vec::new(), cx),
            Timer::Announce(file) => self.find(file, Purpose::Announce(file, false), cx),
        }
    }

    fn on_command(&mut self, command: Command, cx: &mut Cx<'_, D>) {
        match command {
            Command::Publish(file) => {
                self.has.insert(file);
                cx.emit(Event::Holds(file));
                self.find(file, Purpose::Announce(file, true), cx);
            }
            Command::Fetch { number, file } => {
                cx.emit(Event::Began { number, file });
                if self.has.contains(&file) {
                    cx.emit(Event::Ended { number, done: true });
                } else {
                    let own = self.begin(file, Some(number), Vec::new());
                    self.find(file, Purpose::Fetch(own), cx);
                }
            }
        }
    }

    fn on_leave(&mut self, cx: &mut Cx<'_, D>) {
        self.below(cx, D::on_leave);
    }

    #[inline]
    fn touch(&self, me: PeerId) -> u32 {
        self.dht.touch(me)
    }
}
