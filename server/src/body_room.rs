//! How much of what clients send is held in memory at the same time.
//!
//! People who are signed in have a share of their own, so that a crowd of strangers cannot fill theirs. Room is taken
//! as bytes arrive, not as they are announced: an announcement costs a client nothing.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room is counted in pieces of this many bytes.
const PIECE: usize = 1024;

/// The room for bodies. Cheap to clone.
#[derive(Clone)]
pub struct BodyRoom {
    strangers: Arc<Semaphore>,
    people: Arc<Semaphore>,
}

/// Whose share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Of everybody without a session.
    Strangers,
    /// Of people who are signed in.
    People,
}

impl BodyRoom {
    /// Room for so many bytes, half for each share.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let half = || Arc::new(Semaphore::new((bytes / 2 / PIECE).min(Semaphore::MAX_PERMITS)));
        Self { strangers: half(), people: half() }
    }

    /// A place in a share, still without room.
    pub(crate) fn place(&self, share: Share) -> Place {
        let room = match share {
            Share::Strangers => &self.strangers,
            Share::People => &self.people,
        };
        Place { room: Arc::clone(room), taken: None }
    }
}

/// The room one body takes; given back when it is dropped.
pub(crate) struct Place {
    room: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

/// There is no room left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Place {
    /// Takes room until there is enough for a body of so many bytes in all.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Full> {
        let taken = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = u32::try_from(bytes.div_ceil(PIECE).saturating_sub(taken)).map_err(|_| Full)?;
        let more = Arc::clone(&self.room).try_acquire_many_owned(missing).map_err(|_| Full)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_cannot_take_the_room_of_people_and_give_theirs_back() {
        let room = BodyRoom::new(8 * PIECE);
        let mut first = room.place(Share::Strangers);
        assert_eq!(first.grow_to(PIECE), Ok(()));
        assert_eq!(first.grow_to(4 * PIECE), Ok(()));
        let mut second = room.place(Share::Strangers);
        assert_eq!(second.grow_to(1), Err(Full));
        assert_eq!(room.place(Share::People).grow_to(4 * PIECE), Ok(()));
        drop(first);
        assert_eq!(second.grow_to(1), Ok(()));
    }
}
