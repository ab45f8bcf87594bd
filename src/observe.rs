//! What comes out of a run: metrics, series, samples. Observers see everything and change nothing.

pub mod ages;
pub mod congestion;
pub mod record;
