//! One file for each address of this room.

pub mod setup;
pub mod verify;

pub use setup::SetupPage;
pub use verify::VerifyPage;
