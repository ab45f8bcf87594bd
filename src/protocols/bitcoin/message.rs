//! What nodes say to one another, and what they report.

use super::address::{Address, Stamp};
use crate::engine::{Conn, Message};

/// Header of every message: magic, command, length, checksum (`protocol.h`).
const HEADER: u32 = 24;
/// Payload of a `version` message of the time: 85 bytes and a user agent of about 17.
const VERSION: u32 = 102;
/// An address in an `addr` message: time, services, IPv6, port (`CADDR_TIME_VERSION`).
const ADDRESS: u32 = 30;
/// An inventory vector: type and hash.
const INVENTORY: u32 = 36;
/// A `ping` or `pong` with its nonce (BIP 31).
pub const PING: u32 = HEADER + 8;

/// A message. At most 24 bytes in an event: lists are boxed.
#[derive(Clone, PartialEq, Debug)]
pub enum Wire {
    /// `version`, from the node that opened the connection. The address is the one its packets come
    /// from, which nobody can forge on a connection. And whether transactions are wanted (`relay`).
    Version(Address, bool),
    /// `version` and `verack` of the other side in one.
    Verack,
    /// `getaddr`.
    GetAddr,
    /// `addr`: addresses with their time stamps.
    Addr(Box<[(Address, Stamp)]>),
    /// `inv` of a block.
    Inv(u32),
    /// `getdata` of a block.
    GetData(u32),
    /// `block`, and its size in bytes.
    Block(u32, u32),
    /// `inv` of transactions.
    InvTx(Box<[u32]>),
    /// `getdata` of transactions.
    GetTx(Box<[u32]>),
    /// `tx`, and its size in bytes.
    Tx(u32, u32),
    /// `ping` on an idle connection.
    Ping,
    /// The answer to it.
    Pong,
    /// A question to a DNS seed.
    SeedQuery,
    /// Its answer.
    Seeds(Box<[Address]>),
}

impl Message for Wire {
    const KINDS: &'static [&'static str] = &[
        "version",
        "verack",
        "getaddr",
        "addr",
        "inv",
        "getdata",
        "block",
        "ping",
        "pong",
        "dns_query",
        "dns_answer",
        "inv_tx",
        "getdata_tx",
        "tx",
    ];

    fn kind(&self) -> u8 {
        match self {
            Self::Version(..) => 0,
            Self::Verack => 1,
            Self::GetAddr => 2,
            Self::Addr(_) => 3,
            Self::Inv(_) => 4,
            Self::GetData(_) => 5,
            Self::Block(..) => 6,
            Self::Ping => 7,
            Self::Pong => 8,
            Self::SeedQuery => 9,
            Self::Seeds(_) => 10,
            Self::InvTx(_) => 11,
            Self::GetTx(_) => 12,
            Self::Tx(..) => 13,
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Version(..) => HEADER + VERSION,
            Self::Verack => HEADER + VERSION + HEADER,
            Self::GetAddr => HEADER,
            Self::Addr(list) => {
                let count = list.len() as u32;
                HEADER + if count < 253 { 1 } else { 3 } + ADDRESS * count
            }
            Self::Inv(_) | Self::GetData(_) => HEADER + 1 + INVENTORY,
            Self::InvTx(list) | Self::GetTx(list) => {
                let count = list.len() as u32;
                HEADER + if count < 253 { 1 } else { 3 } + INVENTORY * count
            }
            Self::Block(_, bytes) | Self::Tx(_, bytes) => HEADER + bytes,
            Self::Ping | Self::Pong => PING,
            // A name of some 20 letters asked for, and 16 bytes per address answered (RFC 1035).
            Self::SeedQuery => 40,
            Self::Seeds(list) => 40 + 16 * list.len() as u32,
        }
    }
}

/// What a node waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// To try the next address.
    Dial,
    /// To ask the DNS seeds, if there is still hardly anybody.
    SeedCheck,
    /// To use the hard-coded seeds, if nobody is known.
    FixedSeeds,
    /// To connect to the peers of the command line.
    AddPeers,
    /// To pass on heard addresses on this connection.
    Relay(Conn),
    /// To announce its own address.
    Announce,
    /// A block that was asked for.
    BlockTimeout(u32),
    /// To try an address of `new`, or of `tried` in whose place another one waits.
    Feeler,
    /// To look whether blocks still come.
    StaleCheck,
    /// To ping this connection.
    Ping(Conn),
    /// To tell what transactions there are on this connection.
    Trickle(Conn),
    /// The same on all connections of others.
    TrickleInbound,
    /// To ask for a transaction.
    Ask(u32),
    /// The attacker's next address is due.
    Attack,
    /// The attacker wants a connection to this victim back.
    Hold(u8),
}

/// What is asked of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// It has found this block.
    Mine(u32),
    /// It makes this transaction.
    Spend(u32),
}

/// What a node reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// It has this block for the first time.
    Block(u32),
    /// It has found this block itself.
    Mined(u32),
    /// It has this transaction for the first time.
    Transaction(u32),
    /// It has made this transaction itself.
    Made(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_fits_into_24_bytes() {
        assert!(
            size_of::<Option<Wire>>() <= 24,
            "{}",
            size_of::<Option<Wire>>()
        );
    }

    #[test]
    fn sizes_are_those_of_the_wire() {
        assert_eq!(Wire::Inv(0).bytes(), 61);
        assert_eq!(Wire::InvTx([0, 1].into()).bytes(), 97);
        let one = Wire::Addr(vec![(Address(0), Stamp::START)].into());
        assert_eq!(one.bytes(), 55);
    }
}
