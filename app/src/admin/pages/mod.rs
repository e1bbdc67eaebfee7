//! One file for each address of this room.

pub mod person;
pub mod settings;
pub mod users;

pub use person::PersonPage;
pub use settings::SiteSettingsPage;
pub use users::UsersPage;
