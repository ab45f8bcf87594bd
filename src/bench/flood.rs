//! Flooding: whoever hears of something for the first time tells all its neighbours but the one it
//! heard it from.

use crate::engine::{Context, Message, Protocol};
use crate::network::graph::Graph;
use crate::peer::PeerId;
use std::sync::Arc;

/// News by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News(pub u32);

impl Message for News {
    const KINDS: &'static [&'static str] = &["news"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        100
    }
}

/// A peer that passes news on.
#[derive(Clone, Debug)]
pub struct Flood {
    graph: Arc<Graph>,
    /// The newest it has heard of, plus one.
    known: u32,
}

impl Flood {
    /// A peer of this graph.
    pub fn new(graph: Arc<Graph>) -> Self {
        Self { graph, known: 0 }
    }

    /// Whether it has heard of news with this number, or of newer.
    pub fn knows(&self, News(number): News) -> bool {
        self.known > number
    }

    fn hear(&mut self, from: PeerId, news: News, cx: &mut Context<'_, Self>) {
        if self.knows(news) {
            return;
        }
        self.known = news.0 + 1;
        cx.emit(news);
        for &to in self.graph.neighbours(cx.me()) {
            if to != from {
                cx.send(to, news);
            }
        }
    }
}

impl Protocol for Flood {
    type Message = News;
    type Timer = ();
    type Command = News;
    type Event = News;

    fn on_message(&mut self, from: PeerId, news: News, cx: &mut Context<'_, Self>) {
        self.hear(from, news, cx);
    }

    /// The neighbours it will tell, if it knows nothing yet.
    #[inline]
    fn touch(&self, me: PeerId) -> u32 {
        if self.known > 0 {
            return 0;
        }
        self.graph.neighbours(me).first().map_or(0, |peer| peer.0)
    }

    fn on_command(&mut self, news: News, cx: &mut Context<'_, Self>) {
        self.hear(cx.me(), news, cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Script, Setup, World};
    use crate::network::Network;
    use crate::network::graph::regular;
    use crate::random::{Purpose, Streams};
    use crate::time::{Duration, Instant};

    /// The origin sends to its 8 neighbours, everybody else to 7.
    #[test]
    fn everybody_hears_of_it() {
        let peers = 1000;
        let mut rng = Streams::new(1).chacha(Purpose::Topology, 0);
        let graph = Arc::new(regular(peers, 8, &mut rng));
        let network = Network::constant(Duration::from_millis(50));
        let setup = Setup::new(peers, network, 1, Duration::from_secs(5));
        let script = Script::new(vec![(Instant::ZERO, PeerId(3), News(0))]);
        let mut world = World::new(&setup, |_| Flood::new(Arc::clone(&graph)), &script);
        let report = world.run_unwatched();
        assert!(world.peers().all(|(_, peer)| peer.knows(News(0))));
        let messages = u64::from(peers) * 7 + 1;
        assert_eq!(report.counts.messages_delivered, messages);
    }
}
