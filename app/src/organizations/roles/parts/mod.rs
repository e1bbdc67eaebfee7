//! Parts of the pages about roles and about who may do what.

pub mod answers;
pub mod builder;
pub mod draft;
pub mod matrix;
pub mod open_role;
pub mod role_list;
pub mod ruling;
pub mod verdict;

pub use answers::{explanation, holders};
pub use builder::builder;
pub use draft::Draft;
pub use matrix::matrix;
pub use open_role::{OPEN, open_role};
pub use role_list::role_list;
pub use ruling::Ruling;
pub use verdict::verdict;
