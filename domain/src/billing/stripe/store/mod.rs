//! The tables `stripe_customers`, `stripe_prices` and `stripe_intents`. Whoever changes a row of an organization holds the
//! organization first.

pub(in crate::billing) mod customers;
pub(in crate::billing) mod intents;
pub(in crate::billing) mod prices;
