//! What Stripe is asked, one file for each kind of object.

mod customers;
mod events;
mod invoices;
mod meters;
mod payment_methods;
mod prices;
mod schedules;
mod sessions;
mod subscriptions;

pub use customers::NewCustomer;
pub use meters::{Reported, Usage};
pub use prices::NewPrice;
pub use schedules::NewPhase;
pub use sessions::{CheckoutMode, NewCheckout};
pub use subscriptions::{Change, NewSubscription, Priced, Proration};
