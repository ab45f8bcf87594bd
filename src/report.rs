//! Pure functions of the records: tables, charts and the results folder.
//!
//! The same [`Results`] give the same bytes on every machine: order is canonical, numbers are
//! written in their shortest form or rounded by rule, and no clock or host is asked.

pub mod baseline;
pub mod chart;
pub mod checks;
pub mod compare;
pub mod contents;
pub mod csv;
pub mod drawn;
mod drift;
pub mod figures;
pub mod folder;
mod forest;
mod frontier;
pub mod gather;
pub mod number;
pub mod page;
pub mod reading;
pub mod repeat;
pub mod results;
pub mod summary;
pub mod table;
pub mod verdict;

pub use folder::{FolderError, write_folder};
pub use results::{AxisValue, PointResult, Results};
