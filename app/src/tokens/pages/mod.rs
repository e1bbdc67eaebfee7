//! The pages of this room.

pub mod tokens;

pub use tokens::TokensPage;
