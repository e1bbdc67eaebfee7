//! The cards of the security page.

pub mod devices;
pub mod factor_card;
pub mod password_card;
pub mod trusted;

pub use devices::{Devices, Ending};
pub use factor_card::FactorCard;
pub use password_card::PasswordCard;
pub use trusted::TrustedDevices;
