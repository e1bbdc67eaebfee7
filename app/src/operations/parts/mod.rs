//! What pages show of operations.

pub mod progress;

pub use progress::Progress;
