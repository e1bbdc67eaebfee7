//! One file for each address of this room.

pub mod trail;

pub use trail::AuditPage;
