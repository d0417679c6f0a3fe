//! Handing an exit over when nothing can be awaited any more.

use core::fmt;
use core::marker::PhantomData;
#[cfg(feature = "std")]
use std::vec::Vec;

#[cfg(feature = "std")]
use super::handed_over::{Handed, HandedOver};
use crate::cancel::report_lost;

/// The way for an abandoned resource to hand its exit over, passed to
/// [`AsyncExit::abandon`](crate::AsyncExit::abandon).
///
/// A resource is abandoned when the future that held it was dropped, so that its exit cannot be
/// awaited there.
///
/// ```
/// use forwith::{AsyncExit, Handoff, Outcome};
///
/// struct Connection;
///
/// impl AsyncExit for Connection {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(()) // say goodbye to the server, and wait for its answer
///     }
///
///     fn abandon(self, handoff: Handoff<'_>) {
///         handoff.run(self.exit(Outcome::Cancelled));
///     }
/// }
/// ```
///
/// Dropping the `Handoff` means that the resource was dealt with synchronously; nothing is
/// reported. A resource that panics before it has handed its exit over is lost.
pub struct Handoff<'a> {
    resource: &'static str,
    #[cfg(feature = "std")]
    handed: &'a mut Handed,
    #[cfg(feature = "std")]
    has_reaper: fn() -> bool,
    lifetime: PhantomData<&'a mut ()>,
}

#[cfg(feature = "std")]
impl<'a> Handoff<'a> {
    pub(crate) fn new(
        resource: &'static str,
        handed: &'a mut Handed,
        has_reaper: fn() -> bool,
    ) -> Self {
        Handoff {
            resource,
            handed,
            has_reaper,
            lifetime: PhantomData,
        }
    }
}

#[cfg(not(feature = "std"))]
impl Handoff<'_> {
    pub(crate) fn new(resource: &'static str) -> Self {
        Handoff {
            resource,
            lifetime: PhantomData,
        }
    }
}

impl Handoff<'_> {
    /// Reports the resource as lost: neither exited nor dealt with.
    ///
    /// It is counted ([`lost_exits`](crate::report::lost_exits)), and the hook is told
    /// ([`report::set_hook`](crate::report::set_hook)).
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with};
    /// use forwith::report::lost_exits;
    /// use futures::FutureExt;
    ///
    /// struct Lock;
    ///
    /// impl AsyncExit for Lock {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         Ok(())
    ///     }
    ///
    ///     fn abandon(self, handoff: Handoff<'_>) {
    ///         handoff.lost(); // the server will hold it until it expires: somebody should know
    ///     }
    /// }
    ///
    /// let before = lost_exits();
    /// let work = async {
    ///     async_with!(async { Ok(Lock) }, { std::future::pending::<()>().await })
    /// };
    /// assert!(work.now_or_never().is_none()); // polled once, and dropped
    /// assert_eq!(lost_exits(), before + 1);
    /// ```
    pub fn lost(self) {
        #[cfg(feature = "std")]
        {
            *self.handed = Handed::Lost;
        }
        report_lost(self.resource);
    }
}

#[cfg(feature = "std")]
impl Handoff<'_> {
    /// Hands an exit to the [reaper](crate::reaper) of this thread or of the program, which runs it
    /// after the exits of the resources further in.
    ///
    /// Without a reaper, the exit is dropped as [`lost`](Handoff::lost). An error or a panic of the
    /// exit goes to the hook ([`report::set_hook`](crate::report::set_hook)).
    ///
    /// The exit must own all it needs, because it outlives the future that was dropped. A
    /// transaction that borrows its connection cannot be handed over, but the connection can.
    ///
    /// # Cancel safety
    ///
    /// The drop that abandons the resource does not wait for the exit. An exit that the reaper
    /// drops half-way is cut, and counted ([`lost_exits`](crate::report::lost_exits)).
    pub fn run<F, E>(self, exit: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Debug + 'static,
    {
        *self.handed = Handed::Over(Some(HandedOver::new(self.resource, exit)));
    }

    /// Hands over an exit that must stay on this thread, as [`run`](Handoff::run) does for others.
    ///
    /// Only a [`LocalReaper`](crate::reaper::LocalReaper) that the thread has entered takes it.
    /// Without one it is [`lost`](Handoff::lost), even where [`has_reaper`](Handoff::has_reaper) is
    /// true.
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with};
    /// use forwith_runtime::{Executor, spawn, yield_now};
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// struct Closes(Rc<Cell<bool>>);
    ///
    /// impl AsyncExit for Closes {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         yield_now().await;
    ///         self.0.set(true);
    ///         Ok(())
    ///     }
    ///
    ///     fn abandon(self, handoff: Handoff<'_>) {
    ///         handoff.run_local(self.exit(Outcome::Cancelled));
    ///     }
    /// }
    ///
    /// let closed = Rc::new(Cell::new(false));
    /// let resource = Closes(closed.clone());
    /// Executor::new().block_on(async {
    ///     let task = spawn(async {
    ///         async_with!(async { Ok(resource) }, { std::future::pending::<()>().await })
    ///     });
    ///     yield_now().await;
    ///     task.abort();
    /// });
    /// assert!(closed.get()); // the executor is the reaper of its thread
    /// ```
    pub fn run_local<F, E>(self, exit: F)
    where
        F: Future<Output = Result<(), E>> + 'static,
        E: fmt::Debug + 'static,
    {
        let exit = HandedOver::new_local(self.resource, exit);
        *self.handed = Handed::Over(Some(exit));
    }

    /// Hands over an exit that is a future for reapers already.
    pub(crate) fn run_handed_over(self, exit: Option<HandedOver>) {
        *self.handed = Handed::Over(exit);
    }

    /// Reports the resource as lost. What was in it may still be handed over.
    pub(crate) fn report_lost(&mut self) {
        *self.handed = Handed::Lost;
        report_lost(self.resource);
    }

    /// Hands over the exits of several resources, to run one after the other.
    pub(crate) fn run_in_turn(self, exits: Vec<HandedOver>) {
        *self.handed = Handed::Over(HandedOver::in_turn(exits));
    }

    /// Hands over the exits of several resources, to run side by side.
    pub(crate) fn run_side_by_side(self, exits: Vec<HandedOver>) {
        *self.handed = Handed::Over(HandedOver::side_by_side(exits));
    }

    /// Whether there is a reaper to take an exit by [`run`](Handoff::run).
    ///
    /// Without one, a resource may still do synchronously what it can.
    #[must_use]
    pub fn has_reaper(&self) -> bool {
        (self.has_reaper)()
    }
}

impl fmt::Debug for Handoff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handoff")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}
