//! One file for each address of this room.

pub mod billing;
pub mod home;
pub mod invoice;
pub mod ledger;

pub use billing::BillingPage;
pub use home::BillingHomePage;
pub use invoice::InvoicePage;
pub use ledger::LedgerPage;
