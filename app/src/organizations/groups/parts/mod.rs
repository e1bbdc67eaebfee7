//! Parts of the page of groups: the tree, the group that is open, and what can be done to them.

pub mod arranging;
pub mod open_group;
pub mod order;
pub mod tree;

pub use arranging::Arranging;
pub use open_group::{OPEN, open_group};
pub use tree::{create_form, tree};
