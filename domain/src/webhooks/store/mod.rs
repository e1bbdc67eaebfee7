//! The tables of this room. Whoever needs both takes the endpoint first and then its deliveries, so that two never wait for
//! each other.

pub(super) mod deliveries;
pub(super) mod endpoints;
pub(super) mod queue;
