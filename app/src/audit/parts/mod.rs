//! Parts of the audit trail: filters, entries, one entry whole, copies to take away, and the check of the chain.

pub mod chain_check;
pub mod copies;
pub mod entries;
pub mod filters;
pub mod peek;

pub use chain_check::ChainCheck;
pub use copies::copies;
pub use entries::entries;
pub use filters::trail_filters;
pub use peek::{PEEK, peek};
