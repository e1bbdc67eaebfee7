//! Parts of this room's pages; [`spend_banner`] is for those of organizations as well.

mod banner;
mod explained;
mod forms;
mod meters;
mod outlook;
mod used;

pub use banner::spend_banner;
pub use explained::explain_card;
pub use forms::{Budgeting, CHANGE, change_card, new_limit_card};
pub use meters::meters;
pub use outlook::outlook;
pub use used::used;
