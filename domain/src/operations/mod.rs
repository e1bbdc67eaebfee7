//! Long work, step after step, that goes on whatever process dies.
//!
//! A room that has long work asks for an operation in the transaction of the fact it follows from, and says what its steps
//! do (`Work`). Workers take operations with a lease and a number that grows with every take. A step gives back the
//! transaction of its effect, in which it is noted as done; what the number of somebody else began never counts.
//! Promise: what was asked for ends, in success, in failure with a reason, or cancelled with everything cleared away; a step
//! that died half-way is done again, and leaves nothing of its first half behind.

mod model;

#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{LogEntry, Operation, OperationAsked, OperationEvent, OperationFailure, OperationState};
