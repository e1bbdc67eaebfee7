//! One file for each address of this room.

pub mod every;
pub mod invitation;
pub mod members;
pub mod organizations;
pub mod overview;
pub mod settings;
pub mod trail;

pub use every::EveryOrganizationPage;
pub use invitation::InvitationPage;
pub use members::MembersPage;
pub use organizations::OrganizationsPage;
pub use overview::OverviewPage;
pub use settings::SettingsPage;
pub use trail::TrailPage;
