//! What a layer is set to.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tracing::{Instrument, Span};

use crate::shared::Shared;

/// What a layer is set to, and the server it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    shared: Arc<Shared>,
    pub(crate) limit: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) answers_at_once: bool,
    /// The runtime of the first request, for those that are dropped outside of any.
    home: OnceLock<Handle>,
}

impl Settings {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Settings {
            shared,
            limit: None,
            grace: None,
            answers_at_once: false,
            home: OnceLock::new(),
        }
    }

    #[inline]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    #[inline]
    pub(crate) fn remember_runtime(&self) {
        if self.home.get().is_none() {
            if let Ok(handle) = Handle::try_current() {
                let _ = self.home.set(handle);
            }
        }
    }

    /// Runs a future in a task. Without a runtime it is dropped, and what is in it goes to the
    /// reaper.
    pub(crate) fn spawn(&self, span: Span, future: impl Future<Output = ()> + Send + 'static) {
        let here = Handle::try_current();
        if let Some(handle) = here.as_ref().ok().or_else(|| self.home.get()) {
            drop(handle.spawn(future.instrument(span)));
        }
    }
}
