//! The reaper in charge: the one that this thread has entered last, or else the program's.

use core::cell::RefCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem;
use std::sync::{PoisonError, RwLock};
use std::vec::Vec;

use super::levels::{self, Aside};
use super::local_reaper::LocalReaper;
use super::reaper::Reaper;
use crate::protocol::handed_over::HandedOver;

/// A reaper that a thread has entered.
#[derive(Clone)]
enum Entered {
    Anywhere(Reaper),
    Here(LocalReaper),
}

impl Entered {
    fn take(&self, exit: HandedOver) {
        match (self, exit) {
            (Entered::Anywhere(reaper), HandedOver::Anywhere(exit)) => reaper.take(exit),
            // Dropping it reports its loss.
            (Entered::Anywhere(_), HandedOver::Here(exit)) => drop(exit),
            (Entered::Here(reaper), exit) => reaper.take(exit.into_local()),
        }
    }
}

/// The reaper of the program.
static INSTALLED: RwLock<Option<Reaper>> = RwLock::new(None);

std::thread_local! {
    /// The reapers that this thread has entered, each with the number of its guard. The last one
    /// is in charge.
    static ENTERED: RefCell<Vec<(u64, Entered)>> = const { RefCell::new(Vec::new()) };
}

impl Reaper {
    /// Makes this the reaper of the program, in place of the one before.
    ///
    /// Exits that the one before has taken run on, and are joined there.
    ///
    /// ```
    /// use forwith::reaper::Reaper;
    ///
    /// let reaper = Reaper::new(|exit| {
    ///     std::thread::spawn(|| futures::executor::block_on(exit));
    /// });
    /// reaper.install();
    /// // … the program …
    /// futures::executor::block_on(reaper.join());
    /// Reaper::uninstall();
    /// assert_eq!(reaper.pending(), 0);
    /// ```
    pub fn install(&self) {
        install(Some(self.clone()));
    }

    /// Leaves the program without a reaper.
    pub fn uninstall() {
        install(None);
    }

    /// Makes this the reaper of the current thread until the guard is dropped.
    ///
    /// It comes before the reaper of the program.
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with, reaper::Reaper};
    /// use futures::FutureExt;
    ///
    /// # struct Connection;
    /// # impl AsyncExit for Connection {
    /// #     type Error = std::io::Error;
    /// #     async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> { Ok(()) }
    /// #     fn abandon(self, handoff: Handoff<'_>) { handoff.run(self.exit(Outcome::Cancelled)); }
    /// # }
    /// let reaper = Reaper::new(|exit| {
    ///     std::thread::spawn(|| futures::executor::block_on(exit));
    /// });
    /// let entered = reaper.enter();
    /// let work = async {
    ///     async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await })
    /// };
    /// assert!(work.now_or_never().is_none()); // polled once, and dropped
    /// drop(entered);
    /// futures::executor::block_on(reaper.join());
    /// assert_eq!(reaper.pending(), 0);
    /// ```
    pub fn enter(&self) -> Guard {
        enter(Entered::Anywhere(self.clone()))
    }
}

impl LocalReaper {
    /// Makes this the reaper of the current thread until the guard is dropped.
    ///
    /// It comes before the reaper of the program.
    pub fn enter(&self) -> Guard {
        enter(Entered::Here(self.clone()))
    }
}

/// Sets or removes the reaper of the program.
fn install(reaper: Option<Reaper>) {
    let mut installed = INSTALLED.write().unwrap_or_else(PoisonError::into_inner);
    let before = std::mem::replace(&mut *installed, reaper);
    drop(installed);
    drop(before);
}

/// Keeps a reaper in charge of this thread until it is dropped.
#[must_use = "the reaper is in charge until this is dropped"]
pub struct Guard {
    number: u64,
    /// The drops that were under way when the reaper was entered. Its exits have no part in them.
    aside: Aside,
    /// A guard belongs to its thread.
    not_send: PhantomData<*const ()>,
}

fn enter(reaper: Entered) -> Guard {
    let number = ENTERED.with_borrow_mut(|entered| {
        let number = entered.last().map_or(0, |(last, _)| last + 1);
        entered.push((number, reaper));
        number
    });
    Guard {
        number,
        aside: levels::put_aside(),
        not_send: PhantomData,
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let removed = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            // Guards need not be dropped in the order in which they were made.
            let index = entered
                .iter()
                .rposition(|&(number, _)| number == self.number)?;
            Some(entered.remove(index))
        });
        drop(removed);
        levels::bring_back(mem::take(&mut self.aside));
    }
}

fn in_charge() -> Option<Entered> {
    let entered = ENTERED.try_with(|entered| {
        let entered = entered.borrow();
        entered.last().map(|(_, reaper)| reaper.clone())
    });
    entered.ok().flatten().or_else(|| {
        let installed = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
        installed.clone().map(Entered::Anywhere)
    })
}

/// Whether there is a reaper in charge.
pub(crate) fn has_reaper() -> bool {
    in_charge().is_some()
}

/// Whether the reaper in charge can take this exit: only a local one takes those of this thread.
pub(super) fn takes(exit: &HandedOver) -> bool {
    match (in_charge(), exit) {
        (None, _) | (Some(Entered::Anywhere(_)), HandedOver::Here(_)) => false,
        (Some(_), _) => true,
    }
}

/// Gives an exit to the reaper in charge. Without one it is dropped, which reports its loss.
pub(super) fn submit(exit: HandedOver) {
    match in_charge() {
        Some(reaper) => reaper.take(exit),
        None => drop(exit),
    }
}
