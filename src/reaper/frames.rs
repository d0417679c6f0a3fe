//! The exits that one drop abandons, and the order in which they run.
//!
//! When a future is dropped, so are the bodies in it, each before its resource. So exits that are
//! handed over while a body is dropped run before the exit of the body's resource, and exits of
//! resources that lie side by side in a body run side by side. Each open level is a body that is
//! being dropped.

use core::cell::RefCell;
use std::vec::Vec;

use crate::protocol::handed_over::HandedOver;

#[derive(Default)]
struct Level {
    /// The exits of a body that has just been dropped. Its resource comes next.
    inner: Vec<HandedOver>,
    /// Exits with no resource around them on this level.
    ended: Vec<HandedOver>,
}

std::thread_local! {
    /// The innermost level comes last. The first is outside of all bodies.
    static LEVELS: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
}

/// A body that is being dropped, until this is dropped.
#[must_use = "the level is closed when this is dropped"]
pub(crate) struct Open(());

/// Opens a level for a body that is about to be dropped.
pub(crate) fn open() -> Open {
    with(|levels| {
        if levels.is_empty() {
            levels.push(Level::default());
        }
        levels.push(Level::default());
    });
    Open(())
}

/// Collects the exits that are handed over while `f` runs. The level around does not get them.
pub(crate) fn gather(f: impl FnOnce()) -> Vec<HandedOver> {
    let _level = open();
    f();
    let gathered = with(|levels| levels.last_mut().map(core::mem::take));
    gathered.flatten().map_or_else(Vec::new, Level::into_exits)
}

impl Level {
    fn into_exits(self) -> Vec<HandedOver> {
        let Level { mut inner, ended } = self;
        inner.extend(ended);
        inner
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        with(|levels| {
            let exits = levels.pop().map_or_else(Vec::new, Level::into_exits);
            if let Some(around) = levels.last_mut() {
                around.inner.extend(exits);
            }
        });
    }
}

/// The levels that were open when a reaper was entered.
#[derive(Default)]
pub(super) struct Aside(Vec<Level>);

/// Takes the open levels away, as if no body were being dropped.
pub(super) fn put_aside() -> Aside {
    Aside(with(core::mem::take).unwrap_or_default())
}

/// Opens the levels again that were put aside.
pub(super) fn bring_back(aside: Aside) {
    with(|levels| *levels = aside.0);
}

/// Takes the exits of the body that has just been dropped.
pub(super) fn take_inner() -> Vec<HandedOver> {
    let inner = with(|levels| {
        levels
            .last_mut()
            .map(|level| core::mem::take(&mut level.inner))
    });
    inner.flatten().unwrap_or_default()
}

/// Keeps an exit for the body around that is being dropped. Without one it gives the exit back.
pub(super) fn keep(exit: HandedOver) -> Option<HandedOver> {
    let mut exit = Some(exit);
    with(|levels| {
        if let [_outside, .., level] = &mut levels[..] {
            level.ended.extend(exit.take());
        }
    });
    exit
}

/// Borrows the levels. A thread that is being torn down has none.
fn with<T>(f: impl FnOnce(&mut Vec<Level>) -> T) -> Option<T> {
    LEVELS.try_with(|levels| f(&mut levels.borrow_mut())).ok()
}
