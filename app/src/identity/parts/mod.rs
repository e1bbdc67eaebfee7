//! Parts of pages: what several pages of people and their accounts share.

pub mod check_your_mail;
pub mod dashboard;
pub mod new_password;
pub mod resend_letter;
pub mod visitor;

pub use check_your_mail::CheckYourMail;
pub use dashboard::Dashboard;
pub use new_password::NewPasswordField;
pub use resend_letter::{ResendLetter, letter_was_asked};
pub use visitor::Visitor;
