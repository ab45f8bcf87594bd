//! The published formulas about the address manager.
