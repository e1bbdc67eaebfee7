//! Parts of the pages about plans and invoices.

pub mod books;
pub mod changing;
pub mod details_form;
pub mod document;
pub mod invoice_list;
pub mod invoice_table;
pub mod offers;
pub mod open_usage;
pub mod paying;
pub mod payment_methods;
pub mod present;
pub mod preview;
pub mod seats;
pub mod settle;
pub mod settling;
pub mod taxes;
pub mod usage_prices;

pub use books::books;
pub use changing::Changing;
pub use details_form::details_form;
pub use document::document;
pub use invoice_list::invoice_list;
pub use invoice_table::{INVOICES, Whose, invoice_table};
pub use offers::offers;
pub use open_usage::open_usage;
pub use paying::Paying;
pub use payment_methods::payment_methods;
pub use present::{came_back, more_seats, present};
pub use preview::{PREVIEW, preview};
pub use seats::{SeatsAsked, seats_form};
pub use settle::{opened, settle};
pub use settling::Settling;
pub use taxes::{check_card, taxes};
pub use usage_prices::usage_prices;
