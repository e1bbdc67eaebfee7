//! How many documents are drawn at the same time.
//!
//! Drawing keeps a processor busy, and goes on when whoever asked for it has left: a place is given back by the drawing, not by
//! the one who waits for it.

use std::{num::NonZero, sync::Arc, thread::available_parallelism};

use domain::AppError;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Places for each processor: while one document is drawn, the next one is ready to be.
const PER_PROCESSOR: usize = 2;
/// How many processors there are where the system does not say.
const USUAL: usize = 2;

/// The room for drawings. Cheap to clone.
#[derive(Clone)]
pub struct DrawingRoom(Arc<Semaphore>);

impl DrawingRoom {
    /// Room for so many drawings, for one at least.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// As many as keep this machine busy.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self::new(PER_PROCESSOR * available_parallelism().map_or(USUAL, NonZero::get))
    }

    /// Draws something in a place of its own, as soon as there is one. Whoever leaves before that has taken none.
    ///
    /// # Errors
    /// [`AppError::Internal`] where the drawing panics; else what it says.
    pub(crate) async fn draw<T, F>(&self, drawing: F) -> Result<T, AppError>
    where
        F: FnOnce() -> Result<T, AppError> + Send + 'static,
        T: Send + 'static,
    {
        let place = Arc::clone(&self.0).acquire_owned().await.map_err(|_| AppError::Internal)?;
        let drawn = spawn_blocking(move || {
            let _place = place;
            drawing()
        });
        drawn.await.map_err(|_| AppError::Internal)?
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use tokio::{sync::RwLock, task::JoinHandle, time::sleep};

    use super::*;

    /// Counts itself, and is drawn as soon as the gate is open.
    fn slow(
        begun: &Arc<AtomicUsize>,
        gate: &Arc<RwLock<()>>,
    ) -> impl FnOnce() -> Result<(), AppError> + Send + use<> {
        let (begun, gate) = (Arc::clone(begun), Arc::clone(gate));
        move || {
            begun.fetch_add(1, Ordering::SeqCst);
            drop(gate.blocking_read());
            Ok(())
        }
    }

    #[tokio::test]
    async fn no_more_is_drawn_than_there_are_places_and_who_has_left_keeps_theirs_until_it_is_drawn() {
        let room = DrawingRoom::new(2);
        let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(RwLock::new(())));
        let shut = Arc::clone(&gate).write_owned().await;
        let ask = || {
            let (room, drawing) = (room.clone(), slow(&begun, &gate));
            tokio::spawn(async move { room.draw(drawing).await })
        };
        let leaving = [ask(), ask(), ask()];
        while begun.load(Ordering::SeqCst) < 2 {
            sleep(Duration::from_millis(1)).await;
        }
        leaving.iter().for_each(JoinHandle::abort);
        let staying = ask();
        sleep(Duration::from_millis(50)).await;
        assert_eq!(begun.load(Ordering::SeqCst), 2, "those who have left are still drawn for");
        drop(shut);
        assert_eq!(staying.await.expect("whole"), Ok(()));
        assert_eq!(begun.load(Ordering::SeqCst), 3, "who left while waiting is not drawn for");
    }
}
