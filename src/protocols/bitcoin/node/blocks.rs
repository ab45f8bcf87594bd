//! How a node gets blocks and passes them on: by `inv` and `getdata`.

use super::{Cx, Full};
use crate::engine::Conn;
use crate::protocols::bitcoin::message::{Event, Timer, Wire};
use crate::time::Duration;

/// A block that does not come is asked for elsewhere after two minutes (`mapAlreadyAskedFor`).
const BLOCK_TIMEOUT: Duration = Duration::from_mins(2);

/// A block that was asked for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) block: u32,
    pub(super) from: Conn,
    pub(super) others: Vec<Conn>,
}

impl Full {
    pub(super) fn on_getdata(&mut self, conn: Conn, block: u32, cx: Cx<'_, '_>) {
        if self.chain.has(block) {
            let bytes = self.shared.config.block_size.0 as u32;
            cx.send_on(conn, Wire::Block(block, bytes));
            if let Some(connection) = self.connections.get(conn) {
                connection.knows_below = connection.knows_below.max(block + 1);
            }
        }
    }

    pub(super) fn on_inv(&mut self, conn: Conn, tip: u32, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        connection.knows_below = connection.knows_below.max(tip + 1);
        let missing: Vec<u32> = self.chain.missing(tip).collect();
        for block in missing {
            if let Some(wanted) = self.wanted.iter_mut().find(|wanted| wanted.block == block) {
                wanted.others.push(conn);
            } else {
                self.wanted.push(Wanted {
                    block,
                    from: conn,
                    others: Vec::new(),
                });
                cx.send_on(conn, Wire::GetData(block));
                cx.arm(BLOCK_TIMEOUT, Timer::BlockTimeout(block));
            }
        }
    }

    /// Asks the next one who has announced the block, or forgets it until it is announced again.
    pub(super) fn ask_elsewhere(&mut self, at: usize, cx: Cx<'_, '_>) {
        let wanted = &mut self.wanted[at];
        if wanted.others.is_empty() {
            self.wanted.swap_remove(at);
            return;
        }
        wanted.from = wanted.others.remove(0);
        cx.send_on(wanted.from, Wire::GetData(wanted.block));
        cx.arm(BLOCK_TIMEOUT, Timer::BlockTimeout(wanted.block));
    }

    pub(super) fn on_block(&mut self, conn: Conn, block: u32, cx: Cx<'_, '_>) {
        if let Some(connection) = self.connections.get(conn) {
            connection.knows_below = connection.knows_below.max(block + 1);
        }
        self.wanted.retain(|wanted| wanted.block != block);
        if self.chain.add(block) {
            self.tip_since = cx.now();
            if let Some(connection) = self.connections.get(conn) {
                connection.last_block = Some(cx.now());
            }
            cx.emit(Event::Block(block));
            self.announce_block(block, cx);
        }
    }

    pub(super) fn announce_block(&mut self, block: u32, cx: Cx<'_, '_>) {
        for connection in self.connections.iter_mut() {
            if connection.is_ready && connection.knows_below <= block {
                cx.send_on(connection.conn, Wire::Inv(block));
            }
        }
    }
}
