//! What may be spent and what was spent: budgets, prices, the meter, and why a call was billed.

pub mod api;
pub mod pages;
pub mod parts;
mod words;
