//! What a run will take, before it takes it.

use crate::input::{BuildError, Files};
use crate::network::graph::TopologyConfig;
use crate::network::routers::GenerateConfig;
use crate::peer::PeerId;
use crate::protocols::gossip::Whom;
use crate::scenario::{AttackConfig, ProtocolConfig, Settings};

/// What one run is expected to take at its fullest, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Estimate {
    /// Peers, online or not, attackers and DNS seeds included.
    pub peers: u64,
    /// Their state.
    pub state: u64,
    /// The overlay graph, and the table of delays.
    pub network: u64,
    /// Events that wait.
    pub events: u64,
}

/// What the engine keeps of a peer beside the peer's own state: head, life, place, uplink.
const ENGINE: u64 = 24 + 64;
/// State of a peer that gossips, its share of the observer's tables included.
const GOSSIP: u64 = 200;
/// What a peer that keeps neighbours has in addition, and each neighbour, both ends and the observer's
/// included.
const KEEPER: u64 = 350;
const LINK: u64 = 16 + 4 + 24 + 8;
/// State of a Bitcoin node without its tables and connections.
const BITCOIN: u64 = 1_500;
/// State of an Ethereum node without what it knows.
const ETHEREUM: u64 = 8_000;
/// A node on its disk, in its table, or made by an attacker.
const ENODE: u64 = 40;
/// State of a peer of a hash table without its contacts, and its share of the observer's.
const HASH_TABLE: u64 = 400;
/// An address in a node's tables, and a place for one.
const ADDRESS: u64 = 48;
/// A peer of a ring with its first identifier, and what an observer keeps of it.
const CHORD: u64 = 200;
/// A node of it without its tables.
const CHORD_NODE: u64 = 150;
/// A peer that downloads, without what it knows of its neighbours, its uplink's flows included.
const TRADER: u64 = 1_000;
/// A neighbour of it, its end of the connection included.
const NEIGHBOUR: u64 = 300;
/// An event that waits, with its message.
const EVENT: u64 = 48;

impl Estimate {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.state + self.network + self.events
    }
}

/// What a run of these settings will take at its fullest: an upper guess from sizes, within a small
/// factor.
///
/// # Errors
/// As [`super::population`].
pub fn estimate(settings: &Settings, files: &Files) -> Result<Estimate, BuildError> {
    let peers = u64::from(super::population(settings, files)?.len());
    let entries = match (&settings.protocol, &settings.topology) {
        (ProtocolConfig::Gossip(gossip), Some(topology)) if gossip.needs_graph() => {
            entries(topology, peers, files)
        }
        _ => 0,
    };
    let (state, events) = match &settings.protocol {
        ProtocolConfig::Gossip(gossip) => match gossip.targets {
            // All look for neighbours at the start.
            Whom::Kept(keep) => {
                let kept = KEEPER + u64::from(keep.count) * LINK;
                (GOSSIP + kept, peers * u64::from(keep.candidates))
            }
            // A flood has a message on every link at once, at the worst.
            Whom::Neighbours | Whom::Uniform => (GOSSIP, peers + entries),
        },
        ProtocolConfig::Bitcoin(bitcoin) => {
            let addresses = u64::from(bitcoin.stored.tried) + u64::from(bitcoin.stored.new);
            let connections = u64::from(bitcoin.outbound) * 2;
            // A bit for each that a node knows, and for each that a peer knows.
            let made = bitcoin.transactions.as_ref().map_or(0.0, |made| {
                made.rate.per_second() * settings.phases().as_secs_f64()
            });
            let known = (made as u64 / 8 + 200) * connections;
            (BITCOIN + addresses * ADDRESS + known, peers * 20)
        }
        ProtocolConfig::Chord(chord) => {
            let contacts = u64::from(chord.numbers().successors) + 32;
            let nodes = u64::from(chord.virtual_nodes) * (CHORD_NODE + contacts * 4);
            // Three periodic timers a node, and now and then a lookup.
            (CHORD + nodes, peers * u64::from(chord.virtual_nodes) * 4)
        }
        ProtocolConfig::BitTorrent(config) => {
            // What it has, and for each neighbour what that one has.
            let bits = u64::from(config.cut().pieces()) / 8;
            let neighbours = u64::from(config.initiate);
            let state = bits * 18 + neighbours * (NEIGHBOUR + bits);
            (TRADER + state, peers * neighbours)
        }
        ProtocolConfig::ClientServer(_) => (TRADER, peers),
        ProtocolConfig::IdealP2p(config) => {
            let chunks = u64::from(config.chunks);
            (TRADER + peers * 100, peers * peers * chunks / 2)
        }
        ProtocolConfig::Ethereum(ethereum) => {
            let known = u64::from(ethereum.stored).max(peers);
            let connections = u64::from(ethereum.max_peers);
            (ETHEREUM + known * ENODE, peers * connections)
        }
        ProtocolConfig::Kademlia(kademlia) => {
            let state = kademlia.bytes_per_peer(peers);
            // Lookups come one after the other; requests are more than peers only for a moment.
            (HASH_TABLE + state, peers)
        }
    };
    let attacker = match &settings.attack {
        Some(AttackConfig::Eclipse(attack)) => {
            let addresses = u64::from(attack.groups) * u64::from(attack.addresses_per_group);
            addresses * u64::from(attack.victims) * 200
        }
        Some(AttackConfig::EthereumEclipse(attack)) => attack.made() * ENODE,
        // They are peers, and counted as such.
        Some(AttackConfig::Sybil(_)) | None => 0,
    };
    let table = settings.network.matrix.as_ref().map_or(0, |matrix| {
        // A number takes some five characters, and 8 bytes in the table.
        files
            .0
            .get(&matrix.file)
            .map_or(0, |text| text.len() as u64 * 8 / 5)
    });
    let routed = settings.network.routers.as_ref().map_or(0, |routers| {
        // Pairs of routers with peers: 8 bytes while the table is made, 4 in it. A router takes a
        // line at least.
        let text = routers.file.as_ref().and_then(|file| files.0.get(file));
        let generated = routers.generate.as_ref().and_then(GenerateConfig::count);
        let lines = text.map_or(0, |text| text.lines().count() as u64);
        let places = peers
            .min(lines.max(generated.unwrap_or(0).into()))
            .min(8192);
        places * places * 12
    });
    let table = table + routed;
    Ok(Estimate {
        peers,
        state: peers * (ENGINE + state) + attacker,
        network: entries * 4 + peers * 4 + table,
        events: events * EVENT,
    })
}

/// Entries of all neighbour lists.
fn entries(topology: &TopologyConfig, peers: u64, files: &Files) -> u64 {
    match topology {
        TopologyConfig::Regular(regular) => peers * u64::from(regular.degree),
        TopologyConfig::ErdosRenyi(random) => (peers as f64 * random.mean_degree) as u64,
        TopologyConfig::KOut(out) => peers * u64::from(out.k) * if out.directed { 1 } else { 2 },
        TopologyConfig::WattsStrogatz(world) => peers * u64::from(world.reach) * 2,
        TopologyConfig::BarabasiAlbert(growing) => peers * u64::from(growing.links) * 2,
        // At most: all at one place.
        TopologyConfig::Waxman(waxman) => (peers as f64 * peers as f64 * waxman.density.0) as u64,
        TopologyConfig::TransitStub(domains) => (peers as f64 * (domains.mean_degree + 2.0)) as u64,
        TopologyConfig::Star {} | TopologyConfig::Tree(_) => peers * 2,
        TopologyConfig::Grid(_) => peers * 4,
        TopologyConfig::Ring(ring) => peers * u64::from(ring.reach) * 2,
        TopologyConfig::Full {} => peers.min(u64::from(PeerId::LIMIT)).pow(2),
        TopologyConfig::Edges(edges) => files
            .0
            .get(&edges.file)
            .map_or(0, |text| text.lines().count() as u64 * 2),
    }
}

/// The memory that is free on this machine, in bytes; nothing where the system does not say.
pub fn available() -> Option<u64> {
    free(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

fn free(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load;

    fn total(peers: u32, degree: u32) -> u64 {
        let text = format!(
            "name = \"t\"\npeers = {peers}\nduration = \"1 s\"\n\
             network.constant.latency = \"50 ms\"\ntopology.regular.degree = {degree}\n\
             protocol.gossip = {{}}\n"
        );
        let scenario = load::<Settings>("t.toml", &text, &[]).expect("valid");
        let estimate = estimate(&scenario.points[0].body, &Files::default());
        estimate.expect("few enough").total()
    }

    #[test]
    fn it_grows_with_peers_and_links() {
        assert!(total(1_000, 8) < 1 << 20);
        assert!(total(1_000_000, 8) > 1_000 * 4 * 8 && total(1_000_000, 8) < 2 << 30);
        assert!(total(1_000_000, 64) > total(1_000_000, 8) + 56_000_000 * 4);
    }

    #[test]
    fn free_memory_is_read_where_it_is_given() {
        assert_eq!(
            free("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"),
            Some(2 << 20)
        );
        assert_eq!(free("MemTotal: 9 kB\n"), None);
        assert_eq!(free("MemAvailable: many\n"), None);
    }
}
