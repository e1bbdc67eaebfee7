//! Parts of the pages about webhooks: the list and the form that makes one; one of them, what can be done to it, and what was
//! sent to it.

pub mod acts;
pub mod create_form;
pub mod deliveries;
pub mod events_help;
pub mod health;
pub mod making;
pub mod peek;
pub mod shown_once;
pub mod tending;
pub mod webhook_list;

pub use acts::acts;
pub use create_form::CreateForm;
pub use deliveries::deliveries;
pub use events_help::EventsHelp;
pub use health::health;
pub use making::Making;
pub use peek::{PEEK, peek};
pub use shown_once::ShownOnce;
pub use tending::Tending;
pub use webhook_list::webhook_list;
