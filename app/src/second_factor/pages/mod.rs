//! One file for each address of this room.

pub mod passkeys;
pub mod setup;
pub mod verify;

pub use passkeys::PasskeysPage;
pub use setup::SetupPage;
pub use verify::VerifyPage;
