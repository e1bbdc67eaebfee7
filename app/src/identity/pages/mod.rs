//! One file for each address of this room.

pub mod bootstrap;
pub mod confirm;
pub mod confirm_email;
pub mod forgot_password;
pub mod home;
pub mod keep_account;
pub mod not_me;
pub mod profile;
pub mod register;
pub mod reset_password;
pub mod settings;
pub mod sign_in;
pub mod undo_email;
pub mod verify_email;

#[cfg(test)]
mod rendering;

pub use bootstrap::BootstrapPage;
pub use confirm::ConfirmPage;
pub use confirm_email::ConfirmEmailPage;
pub use forgot_password::ForgotPasswordPage;
pub use home::HomePage;
pub use keep_account::KeepAccountPage;
pub use not_me::NotMePage;
pub use profile::ProfilePage;
pub use register::RegisterPage;
pub use reset_password::ResetPasswordPage;
pub use settings::SettingsPage;
pub use sign_in::SignInPage;
pub use undo_email::UndoEmailPage;
pub use verify_email::VerifyEmailPage;
