//! One file for each address of this room.

pub mod billing;
pub mod books;
pub mod current;
pub mod invoice;

pub use billing::BillingPage;
pub use books::BooksPage;
pub use current::CurrentBillingPage;
pub use invoice::InvoicePage;
