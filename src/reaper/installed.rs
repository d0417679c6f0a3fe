//! Which reaper takes an exit: the one that this thread has entered last, or else the program's.

use core::cell::RefCell;
use core::marker::PhantomData;
use std::sync::{PoisonError, RwLock};
use std::vec::Vec;

use super::{Exit, LocalReaper, Reaper};

/// A reaper that a thread has entered.
#[derive(Clone)]
pub(super) enum Entered {
    Anywhere(Reaper),
    Here(LocalReaper),
}

impl Entered {
    fn take(&self, exit: Exit) {
        match (self, exit) {
            (Entered::Anywhere(reaper), Exit::Anywhere(exit)) => reaper.take(exit),
            // It has told of its loss when it is dropped.
            (Entered::Anywhere(_), Exit::Here(exit)) => drop(exit),
            (Entered::Here(reaper), exit) => reaper.take(exit.into_local()),
        }
    }
}

/// The program's.
static INSTALLED: RwLock<Option<Reaper>> = RwLock::new(None);

std::thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// Makes a reaper the program's, in place of the one before.
pub(super) fn install(reaper: Option<Reaper>) {
    let mut installed = INSTALLED.write().unwrap_or_else(PoisonError::into_inner);
    let before = std::mem::replace(&mut *installed, reaper);
    drop(installed);
    drop(before);
}

/// Keeps a reaper in charge of this thread until it is dropped.
#[must_use = "the reaper is left when this is dropped"]
#[derive(Debug)]
pub struct Guard {
    /// It belongs to this thread.
    not_send: PhantomData<*const ()>,
}

pub(super) fn enter(reaper: Entered) -> Guard {
    ENTERED.with_borrow_mut(|entered| entered.push(reaper));
    Guard {
        not_send: PhantomData,
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let left = ENTERED.try_with(|entered| entered.borrow_mut().pop());
        drop(left);
    }
}

fn in_charge() -> Option<Entered> {
    let entered = ENTERED.try_with(|entered| entered.borrow().last().cloned());
    entered.ok().flatten().or_else(|| {
        let installed = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
        installed.clone().map(Entered::Anywhere)
    })
}

pub(crate) fn is_there() -> bool {
    in_charge().is_some()
}

/// Gives an exit to the reaper in charge. Without one it is dropped, and tells of its loss.
pub(super) fn submit(exit: Exit) {
    match in_charge() {
        Some(reaper) => reaper.take(exit),
        None => drop(exit),
    }
}
