//! One file for each address of this room.

pub mod current;
pub mod limits;
pub mod usage;

pub use current::CurrentLimitsPage;
pub use limits::LimitsPage;
pub use usage::UsagePage;
