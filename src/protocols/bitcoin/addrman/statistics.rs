//! What observers ask an address manager.

use super::{AddrMan, Table};
use crate::protocols::bitcoin::address::{Address, Stamp};

/// What is known of one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// The table it is in.
    pub table: Table,
    /// In how many buckets of that table.
    pub references: u8,
    /// When it was last known to be online.
    pub seen: Stamp,
    /// The last attempt to connect, or [`Stamp::NEVER`].
    pub tried_at: Stamp,
    /// The last successful connection, or [`Stamp::NEVER`].
    pub success_at: Stamp,
    /// Failed attempts since then.
    pub attempts: u8,
}

impl AddrMan {
    /// How many addresses are known.
    pub fn len(&self) -> usize {
        self.tried.len() + self.unique_new as usize
    }

    /// Whether no address is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many addresses are in this table.
    pub fn count(&self, table: Table) -> usize {
        match table {
            Table::Tried => self.tried.len(),
            Table::New => self.unique_new as usize,
        }
    }

    /// How many places of this table are occupied (in `new` an address may occupy several).
    pub fn occupied(&self, table: Table) -> usize {
        self.slots(table).len()
    }

    /// How many buckets of this table hold anything.
    pub fn filled_buckets(&self, table: Table) -> usize {
        self.slots(table).filled_buckets()
    }

    /// How many addresses in this table satisfy the predicate, each counted once.
    pub fn count_where(&self, table: Table, mut holds: impl FnMut(Address) -> bool) -> usize {
        self.live()
            .filter(|entry| entry.in_tried() == (table == Table::Tried) && holds(entry.address))
            .count()
    }

    /// The share of this table's addresses that satisfy the predicate, each counted once; zero if
    /// the table is empty.
    pub fn share_where(&self, table: Table, holds: impl FnMut(Address) -> bool) -> f64 {
        let all = self.count(table).max(1);
        self.count_where(table, holds) as f64 / all as f64
    }

    /// What is known of this address.
    pub fn known(&self, address: Address) -> Option<Known> {
        let entry = self.entry(self.find(address)?);
        let (table, references) = if entry.in_tried() {
            (Table::Tried, 1)
        } else {
            (Table::New, entry.references)
        };
        Some(Known {
            table,
            references,
            seen: entry.seen,
            tried_at: entry.tried_at,
            success_at: entry.success_at,
            attempts: entry.attempts,
        })
    }

    /// All known addresses and their tables, in an order that only the operations decide.
    pub fn addresses(&self) -> impl Iterator<Item = (Address, Table)> {
        self.live().map(|entry| {
            let table = if entry.in_tried() {
                Table::Tried
            } else {
                Table::New
            };
            (entry.address, table)
        })
    }

    /// The memory it takes, in bytes, the heap included.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.entries.capacity() * size_of::<super::Entry>()
            + self.index.heap_bytes()
            + self.tried.heap_bytes()
            + self.new.heap_bytes()
            + self.calm.heap_bytes()
    }

    fn slots(&self, table: Table) -> &super::Slots {
        match table {
            Table::Tried => &self.tried,
            Table::New => &self.new,
        }
    }
}
