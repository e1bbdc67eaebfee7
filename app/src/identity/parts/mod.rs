//! Parts of pages: what several pages of people and their accounts share.

pub mod check_your_mail;
pub mod dashboard;
pub mod done;
pub mod frame;
pub mod new_password;
pub mod next;
pub mod query;
pub mod refusal;
pub mod resend_letter;
pub mod step_up;
pub mod visitor;
pub mod watch;

pub use check_your_mail::CheckYourMail;
pub use dashboard::Dashboard;
pub use done::times_done;
pub use frame::{Inside, called, inside};
pub use new_password::NewPasswordField;
pub use next::safe_next;
pub use query::{Address, parameter};
pub use refusal::{go_to, refused, turned_away};
pub use resend_letter::{ResendLetter, letter_was_asked};
pub use step_up::{ConfirmItIsYou, Proof};
pub use visitor::Visitor;
pub use watch::{Watch, Watched};
