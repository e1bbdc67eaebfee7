//! What doors and the security page show of the providers.

pub mod doors;
pub mod proof;
pub mod trouble;
pub mod ways_card;

pub use doors::ProviderDoors;
pub use proof::{ELSEWHERE, ProofElsewhere};
pub use trouble::ProviderTrouble;
pub use ways_card::WaysCard;
