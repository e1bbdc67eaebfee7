//! One file for each address of this room.

pub mod security;

pub use security::SecurityPage;
