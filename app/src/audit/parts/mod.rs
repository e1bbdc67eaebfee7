//! Parts of the audit trail: filters, entries, and the check of the chain.

pub mod chain_check;
pub mod entries;
pub mod filters;

pub use chain_check::ChainCheck;
pub use entries::entries;
pub use filters::trail_filters;
