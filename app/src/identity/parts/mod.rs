//! Parts of pages: what several pages of people and their accounts share.

pub mod account_actions;
pub mod address_card;
pub mod check_your_mail;
pub mod dashboard;
pub mod data_card;
pub mod delete_card;
pub mod new_password;
pub mod resend_letter;
pub mod visitor;

pub use account_actions::AccountActions;
pub use address_card::AddressCard;
pub use check_your_mail::CheckYourMail;
pub use dashboard::Dashboard;
pub use data_card::DataCard;
pub use delete_card::DeleteCard;
pub use new_password::NewPasswordField;
pub use resend_letter::{ResendLetter, letter_was_asked};
pub use visitor::Visitor;
