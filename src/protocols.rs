//! The protocols: one folder each, to be read beside its paper or specification.

pub mod bitcoin;
