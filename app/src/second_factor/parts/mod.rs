//! The stages of the second factor: begin, setting up, on; and the codes that are seen once.

pub mod actions;
pub mod begin;
pub mod codes_once;
pub mod enabled;
pub mod passkey_list;
pub mod recovery_card;
pub mod rename_form;
pub mod setting;

pub use actions::Actions;
pub use begin::Begin;
pub use codes_once::CodesOnce;
pub use enabled::Enabled;
pub use passkey_list::PasskeyList;
pub use recovery_card::RecoveryCard;
pub use rename_form::RenameForm;
pub use setting::Setting;
