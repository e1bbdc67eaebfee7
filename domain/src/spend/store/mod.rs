//! SQL of this room, a file for each table or two. Locks are taken in this order by everybody: the organization's counts,
//! a hold, budgets by their ids, sums of days by their names, the head of the trail.

pub(in crate::spend) mod budgets;
pub(in crate::spend) mod daily;
pub(in crate::spend) mod explain;
pub(in crate::spend) mod holds;
pub(in crate::spend) mod ledger;
pub(in crate::spend) mod prices;
pub(in crate::spend) mod slices;
