//! Who may do what in an organization: its roles, to whom they are given, and the questions about that.
//!
//! Every answer is the evaluator's, which also decides requests: the matrix, who can, why, and what a change would come to.
//! Promise: nobody makes, changes, gives or takes a role that allows what they may not do themselves.

mod model;
mod templates;

#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{
    Assignment, Chain, Explanation, GroupName, Holder, MOST_ROLES, MadeRole, MemberName, MemberPermissions,
    Preview, Role, RoleChange, title,
};
pub use templates::{TEMPLATES, Template, templates};
