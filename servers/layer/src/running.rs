//! Requests and tasks that run, and are counted.

use std::sync::Arc;

use crate::settings::Settings;
use crate::shared::{Name, Shared};

/// A request or a task that runs, until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    settings: Arc<Settings>,
    name: Option<usize>,
}

impl Running {
    #[inline]
    pub(crate) fn begin(settings: Arc<Settings>) -> Self {
        settings.shared().begin_one();
        let name = None;
        Running { settings, name }
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Gives it a name, if it has none.
    #[inline]
    pub(crate) fn set_name(&mut self, name: impl FnOnce() -> Name) {
        if self.name.is_none() {
            self.name = Some(self.shared().add_name(name()));
        }
    }

    #[inline]
    pub(crate) fn shared(&self) -> &Shared {
        self.settings.shared()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let shared = self.settings.shared();
        if let Some(name) = self.name {
            shared.remove_name(name);
        }
        shared.end_one();
    }
}
