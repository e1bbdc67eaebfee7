//! The tables `stripe_customers`, `stripe_prices` and `stripe_intents`. Whoever changes a row of an organization holds the
//! organization first.

pub(super) mod customers;
pub(super) mod intents;
