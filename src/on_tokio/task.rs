//! What a task of a group does, and what it shares with the group.

use core::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot::Sender;

use super::TaskGroup;
use crate::executor::Failure;
use crate::util::begin::begin;
use crate::{CancelToken, Cancelled, scope};

/// What the tasks of a group and the group have in common.
pub(super) struct Shared<E> {
    /// Stops the tasks.
    pub(super) stop: CancelToken,
    /// Used at the first failure.
    pub(super) failed: CancelToken,
    first: Mutex<Option<Failure<E>>>,
}

impl<E> Default for Shared<E> {
    fn default() -> Self {
        Shared {
            stop: CancelToken::new(),
            failed: CancelToken::new(),
            first: Mutex::new(None),
        }
    }
}

impl<E> Shared<E> {
    /// Keeps the first failure and stops the other tasks; a later one, which nobody waits for, tells of itself.
    fn fail(&self, failure: Failure<E>) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_some() {
            drop(first);
            return drop(failure);
        }
        *first = Some(failure);
        drop(first);
        self.failed.cancel();
        self.stop.cancel();
    }

    /// The first failure, once all tasks have ended.
    ///
    /// # Panics
    ///
    /// If it was a panic.
    pub(super) fn result(&self) -> Result<(), E> {
        let first = self.first.lock();
        let first = first.unwrap_or_else(PoisonError::into_inner).take();
        first.map_or(Ok(()), |failure| Err(failure.into_error()))
    }
}

/// Runs a task to its end. A failure is known to the group before the sender is dropped: whoever awaits the value learns of it later.
pub(super) async fn run<T, E: Debug>(
    work: impl Future<Output = Result<T, E>>,
    shared: Arc<Shared<E>>,
    sender: Sender<T>,
) {
    let mut sender = Some(sender);
    let work = async {
        match scope(work, &shared.stop).await {
            Ok(Ok(value)) => {
                // If nobody wants it, it goes here, where a panic of its destructor is caught.
                drop(sender.take().map(|sender| sender.send(value)));
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(Cancelled { .. }) => Ok(()),
        }
    };
    match begin(|| work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => shared.fail(Failure::error::<TaskGroup<E>>(error)),
        Err(payload) => shared.fail(Failure::panic::<TaskGroup<E>>(payload)),
    }
}
