//! Parts of the pages about people: the list with its questions, everything about one person, and who is invited.

pub mod acts;
pub mod bulk;
pub mod eyes;
mod filters;
pub mod helping;
pub mod history;
pub mod invitations;
pub mod people;
pub mod person;
pub mod question;

pub use bulk::Bulk;
pub use filters::people_filters;
pub use helping::Helping;
pub use invitations::Invitations;
pub use people::people;
pub use person::person;
pub use question::{Locking, Question, Said};
