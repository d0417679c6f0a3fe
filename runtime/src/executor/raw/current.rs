//! The arena of the innermost run of this thread.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::arena::Arena;

thread_local! {
    // Without a destructor a variable is cheap to reach, and outlives those that have one.
    static INNERMOST: Cell<Option<NonNull<Arena>>> = const { Cell::new(None) };
    /// The innermost arena, if nothing is recorded of its run. Each wake looks at this one.
    static FAST: Cell<Option<NonNull<Arena>>> = const { Cell::new(None) };
}

/// Whether this is the arena of the innermost run, of which nothing is recorded.
#[inline]
pub fn is_fast(arena: &Arena) -> bool {
    FAST.get() == Some(NonNull::from(arena))
}

/// Calls `f` with the arena of the innermost run. Coroutines that are stepped inside it do not
/// hide it.
#[inline]
pub fn with_innermost<R>(f: impl FnOnce(&Arena) -> R) -> Option<R> {
    let arena = match FAST.get() {
        // Called in two places, so that in this one the optimiser knows what is fast.
        // SAFETY: the arena lives until its run is exited, which is after `f` has returned.
        Some(arena) => return Some(f(unsafe { arena.as_ref() })),
        None => INNERMOST.get()?,
    };
    // SAFETY: the same.
    Some(f(unsafe { arena.as_ref() }))
}

/// Restores the arena that was the innermost before.
#[must_use = "the arena is exited when this is dropped"]
pub struct EnteredArena<'a> {
    innermost: Option<NonNull<Arena>>,
    fast: Option<NonNull<Arena>>,
    arena: PhantomData<&'a Arena>,
}

/// Makes this arena the innermost. What this returns is dropped before the arena.
pub fn enter(arena: &Arena) -> EnteredArena<'_> {
    let this = NonNull::from(arena);
    EnteredArena {
        innermost: INNERMOST.replace(Some(this)),
        fast: FAST.replace((!arena.is_recorded()).then_some(this)),
        arena: PhantomData,
    }
}

impl Drop for EnteredArena<'_> {
    fn drop(&mut self) {
        INNERMOST.set(self.innermost);
        FAST.set(self.fast);
    }
}
