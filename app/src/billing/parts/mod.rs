//! Parts of the pages about plans and invoices.

pub mod changing;
pub mod details_form;
pub mod document;
pub mod invoice_list;
pub mod ledger;
pub mod offers;
pub mod present;
pub mod preview;
pub mod settle;
pub mod settling;
pub mod taxes;

pub use changing::Changing;
pub use details_form::details_form;
pub use document::document;
pub use invoice_list::invoice_list;
pub use ledger::ledger;
pub use offers::offers;
pub use present::present;
pub use preview::preview;
pub use settle::settle;
pub use settling::Settling;
pub use taxes::{check_card, taxes};
