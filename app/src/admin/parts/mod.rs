//! Parts of the list of people: filters, table, and the question before somebody is locked out or let in.

pub mod filters;
pub mod people;
pub mod question;

pub use filters::people_filters;
pub use people::people;
pub use question::{Locking, Question, Said};
