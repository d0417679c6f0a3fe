//! Which exits one drop abandons, and in which order they are to run.
//!
//! When a future is dropped, so are the bodies in it, each before its resource. So the exits that are handed over
//! between the beginning and the end of a body's drop belong before that of the body's resource, and nothing else does: what lies
//! side by side in a body runs side by side. The levels that are open are the bodies that are being dropped.

use core::cell::RefCell;
use std::vec::Vec;

use crate::protocol::handed_over::HandedOver;

#[derive(Default)]
struct Level {
    /// The exits of a body that has just been dropped; its resource comes next.
    inner: Vec<HandedOver>,
    /// Exits that have no resource around them on this level.
    ended: Vec<HandedOver>,
}

std::thread_local! {
    /// The innermost level comes last. The first is outside of all bodies.
    static LEVELS: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
}

/// A body that is being dropped.
#[must_use = "the level is closed when this is dropped"]
pub(crate) struct Open(());

/// Says that a body is about to be dropped.
pub(crate) fn open() -> Open {
    with(|levels| {
        if levels.is_empty() {
            levels.push(Level::default());
        }
        levels.push(Level::default());
    });
    Open(())
}

/// What is handed over while `f` runs. It is kept from the level around.
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

/// The levels of drops that are under way, while something else goes on.
#[derive(Default)]
pub(super) struct Aside(Vec<Level>);

/// Begins anew, outside of all bodies.
pub(super) fn put_aside() -> Aside {
    Aside(with(core::mem::take).unwrap_or_default())
}

/// Goes on with what was put aside.
pub(super) fn bring_back(aside: Aside) {
    with(|levels| *levels = aside.0);
}

/// The exits of the body that has just been dropped, which belong before that of its resource.
pub(super) fn take_inner() -> Vec<HandedOver> {
    let inner = with(|levels| {
        levels
            .last_mut()
            .map(|level| core::mem::take(&mut level.inner))
    });
    inner.flatten().unwrap_or_default()
}

/// Keeps an exit for the body around that is being dropped; gives it back if there is none.
pub(super) fn keep(exit: HandedOver) -> Option<HandedOver> {
    let mut exit = Some(exit);
    with(|levels| {
        if let [_outside, .., level] = &mut levels[..] {
            level.ended.extend(exit.take());
        }
    });
    exit
}

/// Borrows the levels, but on a thread that is being torn down, which has none any more.
fn with<T>(f: impl FnOnce(&mut Vec<Level>) -> T) -> Option<T> {
    LEVELS.try_with(|levels| f(&mut levels.borrow_mut())).ok()
}
