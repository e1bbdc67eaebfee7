//! The cards of the page of API tokens.

pub mod actions;
pub mod create_form;
pub mod renew_form;
pub mod shown_once;
pub mod sign_ins;
pub mod token_list;

pub use actions::Actions;
pub use create_form::CreateForm;
pub use renew_form::RenewForm;
pub use shown_once::ShownOnce;
pub use sign_ins::SignIns;
pub use token_list::TokenList;
