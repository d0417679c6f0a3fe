//! The frames of this thread, from the outermost to the innermost.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::rc::Rc;

use super::current_time;
use super::frame::Frame;

thread_local! {
    static STACK: RefCell<Vec<Rc<dyn Frame>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a frame on the stack for as long as it lives.
#[must_use = "the frame is exited when this is dropped"]
pub(crate) struct EnteredFrame {
    /// The stack belongs to this thread.
    not_send: PhantomData<*const ()>,
}

/// Makes `frame` the innermost one.
///
/// # Panics
///
/// Panics on a thread that is being torn down.
pub(crate) fn enter(frame: Rc<dyn Frame>) -> EnteredFrame {
    STACK.with_borrow_mut(|stack| {
        stack.push(frame);
        set_current(stack);
    });
    EnteredFrame {
        not_send: PhantomData,
    }
}

fn set_current(stack: &[Rc<dyn Frame>]) {
    // SAFETY: the stack keeps the frame alive until it is popped, and then another one is set.
    unsafe { current_time::set(stack.last().map(|frame| &**frame)) };
}

impl Drop for EnteredFrame {
    fn drop(&mut self) {
        // Dropped after the borrow has ended: the frame may own wakers of users.
        let frame = STACK.with_borrow_mut(|stack| {
            let frame = stack.pop();
            set_current(stack);
            frame
        });
        drop(frame);
    }
}

/// The innermost frame.
pub(crate) fn innermost() -> Option<Rc<dyn Frame>> {
    read(|stack| stack.last().cloned())
}

/// The frame with this time source.
pub(crate) fn frame_of(source: NonZeroU64) -> Option<Rc<dyn Frame>> {
    read(|stack| {
        let mut frames = stack.iter().rev();
        frames.find(|frame| frame.time().id() == source).cloned()
    })
}

/// Whether this thread is inside the frame with this time source.
pub(crate) fn is_inside(source: NonZeroU64) -> bool {
    frame_of(source).is_some()
}

/// Reads the stack. A thread that is being torn down has none.
fn read<R>(f: impl FnOnce(&[Rc<dyn Frame>]) -> Option<R>) -> Option<R> {
    STACK.try_with(|stack| f(&stack.borrow())).ok().flatten()
}
