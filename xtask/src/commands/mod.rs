//! One file per command.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod prepare;
pub(crate) mod run;
pub(crate) mod services;
pub(crate) mod test;
