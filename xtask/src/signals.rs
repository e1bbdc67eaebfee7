//! Ctrl-C and `kill`: remembered here, acted on where something waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::trouble::{Because, Outcome, Trouble};

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on the polite signals ask for an orderly end instead of ending the process at once,
/// which would leave the services behind.
pub(crate) fn listen() -> Outcome {
    let flag = STOP.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(flag))
            .because("Signal handlers", "Start the command again")?;
    }
    Ok(())
}

/// Whether somebody asked for the end.
pub(crate) fn stopped() -> bool {
    STOP.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Leaves the caller by `?` once somebody asked for the end.
pub(crate) fn go_on() -> Outcome {
    if stopped() {
        return Err(Trouble::Stopped);
    }
    Ok(())
}
