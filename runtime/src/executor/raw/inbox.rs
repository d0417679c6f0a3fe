//! The way in for wakes from other threads: a lock-free list, and a thread that parks.

use std::ptr::{self, NonNull};

use crate::util::sync::{AtomicBool, AtomicPtr, Ordering, Thread};

/// The room in a node for an [`Inbox`]. Any thread may touch it, at any time.
pub(crate) struct Link<T> {
    next: AtomicPtr<T>,
    /// Whether the node is in the list, or about to be.
    is_in: AtomicBool,
}

impl<T> Link<T> {
    #[inline]
    pub(crate) fn new() -> Self {
        Link {
            next: AtomicPtr::new(ptr::null_mut()),
            is_in: AtomicBool::new(false),
        }
    }
}

/// A node of an [`Inbox`].
///
/// # Safety
///
/// `link` always returns the same link.
pub(crate) unsafe trait Linked: Sized {
    fn link(&self) -> &Link<Self>;
}

/// The tasks that other threads have woken. While there are none, the owner only reads a pointer.
pub(crate) struct Inbox<T> {
    /// The node that came last.
    last: AtomicPtr<T>,
    /// The owner, which may be parked.
    thread: Thread,
}

impl<T: Linked> Inbox<T> {
    /// An empty inbox that belongs to `thread`.
    pub(crate) fn new(thread: Thread) -> Self {
        Inbox {
            last: AtomicPtr::new(ptr::null_mut()),
            thread,
        }
    }

    /// Adds a node, unless it is in already, and makes sure that the owner looks.
    ///
    /// # Safety
    ///
    /// The node is alive, and stays so until the inbox is [emptied](Inbox::empty) or gone. It is in
    /// no other inbox.
    pub(crate) unsafe fn push(&self, task: NonNull<T>) {
        // SAFETY: the caller says that it is alive.
        let link = unsafe { task.as_ref() }.link();
        // Also where the node is in already, this releases what was done before the wake to the
        // swap that sets it back.
        if link.is_in.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            link.next.store(last, Ordering::Relaxed);
            // What those before have released is passed on by whatever exchanges it next.
            match self.last.compare_exchange_weak(
                last,
                task.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(now) => last = now,
            }
        }
        // Whoever has pushed onto an empty list unparks the owner.
        if last.is_null() {
            self.thread.unpark();
        }
    }

    /// Passes on the nodes that have come in, in their order. Only for the owner's thread.
    ///
    /// If it finds nothing, and the thread parks without having run anything that might unpark it,
    /// no wake is missed.
    #[inline]
    pub(crate) fn empty(&self, take: impl FnMut(NonNull<T>)) {
        // Relaxed suffices for the look: a wake that it misses is yet to unpark.
        if !self.last.load(Ordering::Relaxed).is_null() {
            self.pass_on(take);
        }
    }

    #[cold]
    fn pass_on(&self, mut take: impl FnMut(NonNull<T>)) {
        let mut newest = NonNull::new(self.last.swap(ptr::null_mut(), Ordering::Acquire));
        let mut oldest = None;
        while let Some(task) = newest {
            newest = Self::next(task);
            Self::link(task)
                .next
                .store(to_raw(oldest), Ordering::Relaxed);
            oldest = Some(task);
        }
        while let Some(task) = oldest {
            // Read before the node may come in again.
            oldest = Self::next(task);
            // A swap and not a store: it acquires what those have released that found the node in.
            Self::link(task).is_in.swap(false, Ordering::AcqRel);
            take(task);
        }
    }

    fn next(task: NonNull<T>) -> Option<NonNull<T>> {
        NonNull::new(Self::link(task).next.load(Ordering::Relaxed))
    }

    fn link<'a>(task: NonNull<T>) -> &'a Link<T> {
        // SAFETY: it is in the list, so whoever has pushed it keeps it alive until it is passed on.
        unsafe { task.as_ref() }.link()
    }
}

fn to_raw<T>(pointer: Option<NonNull<T>>) -> *mut T {
    pointer.map_or(ptr::null_mut(), NonNull::as_ptr)
}
