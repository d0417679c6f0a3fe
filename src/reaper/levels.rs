//! The order of the exits that one drop hands over.
//!
//! When a future is dropped, each body in it is dropped before the resource around it. So the exits
//! that are handed over between the beginning and the end of a body's drop run before the exit of
//! that body's resource. Exits from side by side in a body run side by side.
//!
//! A *level* is a body that is being dropped. The first level is outside of all bodies.

use core::cell::RefCell;
use core::mem;
use std::vec::Vec;

use crate::protocol::handed_over::HandedOver;

#[derive(Default)]
struct Level {
    /// The exits of a body that has just been dropped. The resource around that body comes next.
    inner: Vec<HandedOver>,
    /// Exits without a resource around them on this level.
    ended: Vec<HandedOver>,
}

std::thread_local! {
    /// The innermost level is the last.
    static LEVELS: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
}

/// An open level.
#[must_use = "the level is closed when this is dropped"]
pub(crate) struct OpenLevel(());

/// Opens a level, before a body is dropped.
pub(crate) fn open_level() -> OpenLevel {
    with(|levels| {
        if levels.is_empty() {
            levels.push(Level::default());
        }
        levels.push(Level::default());
    });
    OpenLevel(())
}

/// Gathers what is handed over while `f` runs. The level around does not get it.
pub(crate) fn gather(f: impl FnOnce()) -> Vec<HandedOver> {
    let _level = open_level();
    f();
    let gathered = with(|levels| levels.last_mut().map(mem::take));
    gathered.flatten().map_or_else(Vec::new, Level::into_exits)
}

impl Level {
    fn into_exits(self) -> Vec<HandedOver> {
        let Level { mut inner, ended } = self;
        inner.extend(ended);
        inner
    }
}

impl Drop for OpenLevel {
    fn drop(&mut self) {
        with(|levels| {
            let exits = levels.pop().map_or_else(Vec::new, Level::into_exits);
            if let Some(around) = levels.last_mut() {
                around.inner.extend(exits);
            }
        });
    }
}

/// The levels of drops that are under way, put aside for something that has nothing to do with
/// them.
#[derive(Default)]
pub(super) struct Aside(Vec<Level>);

/// Puts all levels aside.
pub(super) fn put_aside() -> Aside {
    Aside(with(mem::take).unwrap_or_default())
}

/// Brings the levels back.
pub(super) fn bring_back(aside: Aside) {
    with(|levels| *levels = aside.0);
}

/// Takes the exits of the body that has just been dropped, which run before that of its resource.
pub(super) fn take_inner() -> Vec<HandedOver> {
    let inner = with(|levels| levels.last_mut().map(|level| mem::take(&mut level.inner)));
    inner.flatten().unwrap_or_default()
}

/// Keeps an exit for the body around that is being dropped. Gives it back if there is none.
pub(super) fn keep(exit: HandedOver) -> Option<HandedOver> {
    let mut exit = Some(exit);
    with(|levels| {
        if let [_outside, .., level] = &mut levels[..] {
            level.ended.extend(exit.take());
        }
    });
    exit
}

/// Borrows the levels. A thread that is being torn down has none any more.
fn with<T>(f: impl FnOnce(&mut Vec<Level>) -> T) -> Option<T> {
    LEVELS.try_with(|levels| f(&mut levels.borrow_mut())).ok()
}
