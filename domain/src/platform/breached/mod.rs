//! Passwords that were seen in breaches, kept as a filter on this machine: nothing is asked over the network.
//!
//! Two filters are asked: a small one inside the program, and the one that the operator made with `gatehouse admin
//! breach-filter`, which is read in place, three short reads for each password, however large it is.
//! Promise: a password that is in a filter is always found; one that is not is taken for one once in 65,536 times for
//! each filter. No password can be read back from a filter.

mod file;
mod fuse;
mod list;
mod variants;

use std::{io, path::Path, sync::Arc};

use self::file::Filter;
pub use self::{
    file::{UnusableFilter, Written, write},
    list::{Variants, keys_of},
};

/// Made of the list of common passwords in the room `identity`, and what people make of them; `docs/operating.md` has the
/// command.
static BUNDLED: &[u8] = include_bytes!("bundled.fuse");

/// What is known of breaches. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Breached(Arc<[Filter]>);

impl Breached {
    /// Only what is inside the program.
    #[must_use]
    pub fn bundled() -> Self {
        Self(Filter::inside(BUNDLED).into_iter().collect())
    }

    /// That and the filter in a file, which is read once from end to end to see that it is whole.
    ///
    /// # Errors
    /// [`UnusableFilter`].
    pub fn with_file(path: &Path) -> Result<Self, UnusableFilter> {
        let file = Filter::open(path)?;
        Ok(Self(Filter::inside(BUNDLED).into_iter().chain([file]).collect()))
    }

    /// Whether this password was seen in a breach. A file that cannot be read any more is in the log, and keeps nobody
    /// from choosing a password.
    pub async fn contains(&self, password: &str) -> bool {
        let (filters, key) = (self.clone(), list::key_of(password.as_bytes()));
        let asked = tokio::task::spawn_blocking(move || filters.ask(key)).await;
        match asked.map_err(io::Error::other).flatten() {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "the filter of breached passwords cannot be read; passwords pass without it");
                false
            }
        }
    }

    fn ask(&self, key: u64) -> io::Result<bool> {
        for filter in self.0.iter() {
            if filter.contains(key)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many passwords all filters together were made of.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.0.iter().map(Filter::entries).sum()
    }
}
