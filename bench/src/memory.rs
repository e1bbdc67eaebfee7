//! How much memory the server holds, as the kernel counts it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;

use crate::Outcome;

/// Resident memory of a process, in MiB.
pub(crate) fn resident(process: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("the server has ended")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("no figure in VmRSS")?.parse()?;
    Ok(kib / 1024)
}

/// Looks every 20 ms and keeps the most it saw.
pub(crate) struct Peak {
    most: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Peak {
    pub(crate) fn watch(process: u32) -> Self {
        let most = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&most);
        let task = tokio::spawn(async move {
            while let Ok(now) = resident(process) {
                seen.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { most, task }
    }

    /// The most memory held since, in MiB.
    pub(crate) fn stop(self) -> u64 {
        self.task.abort();
        self.most.load(Ordering::Relaxed)
    }
}
