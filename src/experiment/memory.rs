//! What a run will need, before it starts.

use crate::scenario::{ProtocolConfig, Settings};

/// Bytes a run needs, roughly and rather too much: peers with the engine's share, pending events,
/// the overlay graph, what observers keep.
pub(super) fn estimate(settings: &Settings, peers: u32) -> u64 {
    let per_peer = match &settings.protocol {
        // A peer of 64 bytes, some 8 events under way, its place, its neighbours.
        ProtocolConfig::Gossip(_) => 64 + 8 * 48 + 16 + 8 * 4 + 32,
        // Tables of addresses, connections with their buffers.
        ProtocolConfig::Bitcoin(bitcoin) => {
            40 * u64::from(bitcoin.stored.tried + bitcoin.stored.new) + 16_000
        }
    };
    u64::from(peers) * per_peer + (16 << 20)
}

/// Bytes the machine has free, where that can be known.
pub(super) fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
