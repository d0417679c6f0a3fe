//! The guard of an exit that a reaper runs.

use core::fmt::Debug;
use core::task::Poll;

use crate::cancel::{report_cut, report_error, report_hung, report_lost, report_panic};
use crate::observe::{self, Trace};
use crate::util::panic::Payload;

/// Reports how an exit ends in a reaper, and one that is dropped before.
pub(crate) struct ExitGuard {
    resource: &'static str,
    /// The span of the exit. Its parent is the span around the hand-over, wherever the exit runs.
    trace: Trace,
    /// Whether it has been polled by the reaper.
    polled: bool,
    begun: bool,
    on_drop: OnDrop,
}

/// What a drop reports.
enum OnDrop {
    /// Nothing, because the exit has ended.
    Nothing,
    /// That the exit is lost or cut.
    Lost,
    /// That the exit has taken too long.
    Hung,
}

impl ExitGuard {
    pub(crate) fn of(resource: &'static str) -> Self {
        ExitGuard {
            resource,
            trace: observe::exit(resource, || "Abandoned"),
            polled: false,
            begun: false,
            on_drop: OnDrop::Lost,
        }
    }

    /// A guard of an exit that has begun elsewhere, and stays in the span that is current.
    pub(crate) fn of_begun(resource: &'static str) -> Self {
        ExitGuard {
            resource,
            trace: Trace::current(),
            polled: false,
            begun: true,
            on_drop: OnDrop::Lost,
        }
    }

    /// Says that there is nothing to report any more.
    pub(crate) fn set_quiet(&mut self) {
        self.on_drop = OnDrop::Nothing;
    }

    /// Says that the exit is about to be dropped, because it has taken too long.
    pub(crate) fn set_hung(&mut self) {
        self.on_drop = OnDrop::Hung;
    }

    pub(crate) const fn resource(&self) -> &'static str {
        self.resource
    }

    /// Runs one poll of the exit in a reaper.
    pub(crate) fn run<E: Debug>(
        &mut self,
        poll: impl FnOnce() -> Poll<Result<Result<(), E>, Payload>>,
    ) -> Poll<Result<Result<(), E>, Payload>> {
        if !self.polled {
            self.polled = true;
            self.begun = true;
            observe::exiting(self.resource);
        }
        self.trace.run_exit(poll)
    }

    /// Reports the end of the exit.
    pub(crate) fn end<E: Debug>(&mut self, ended: Result<Result<(), E>, Payload>) {
        self.on_drop = OnDrop::Nothing;
        observe::exited(self.resource);
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.trace.run(|| report_error(self.resource, error)),
            Err(payload) => self.trace.run(|| report_panic(self.resource, payload)),
        }
    }
}

impl Drop for ExitGuard {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.on_drop, OnDrop::Nothing) {
            self.report_slow();
        }
    }
}

impl ExitGuard {
    /// Reports that the exit is dropped.
    #[cold]
    #[inline(never)]
    fn report_slow(&mut self) {
        self.trace.run(|| {
            if self.begun {
                observe::cut(self.resource);
            } else {
                observe::lost();
            }
            match self.on_drop {
                OnDrop::Nothing => {}
                OnDrop::Lost if self.begun => report_cut(self.resource),
                OnDrop::Lost => report_lost(self.resource),
                OnDrop::Hung => report_hung(self.resource),
            }
        });
    }
}
