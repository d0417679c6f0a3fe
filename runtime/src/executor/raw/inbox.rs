//! The way in for wakes from other threads: a list without a lock, and a thread that parks.

use std::ptr::{self, NonNull};

use crate::util::sync::{AtomicBool, AtomicPtr, Ordering, Thread};

/// What a task brings along to stand in an [`Inbox`]. Any thread may touch it, at any time.
pub(crate) struct Link<T> {
    next: AtomicPtr<T>,
    /// Whether it stands in the list, or is about to.
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

/// Something with a link.
///
/// # Safety
///
/// It always gives the same link.
pub(crate) unsafe trait Linked: Sized {
    fn link(&self) -> &Link<Self>;
}

/// Tasks that other threads have woken. The thread that owns it only reads a pointer, as long as there are none.
pub(crate) struct Inbox<T> {
    /// The one that came last.
    last: AtomicPtr<T>,
    /// The owner, who may be parked.
    thread: Thread,
}

impl<T: Linked> Inbox<T> {
    /// One that is emptied by `thread`.
    pub(crate) fn new(thread: Thread) -> Self {
        Inbox {
            last: AtomicPtr::new(ptr::null_mut()),
            thread,
        }
    }

    /// Adds a task, unless it is in already, and sees to it that the owner looks.
    ///
    /// # Safety
    ///
    /// `task` is alive, and stays so until the inbox is [emptied](Inbox::empty) or gone. It stands in no other inbox.
    pub(crate) unsafe fn push(&self, task: NonNull<T>) {
        // SAFETY: the caller says that it is alive.
        let link = unsafe { task.as_ref() }.link();
        // It releases what was done before the wake to the one who sets it back, also where the task is in already.
        if link.is_in.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            link.next.store(last, Ordering::Relaxed);
            // What those who came before have released is passed on by whoever exchanges it next.
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
        // Who finds somebody in there leaves it to that one.
        if last.is_null() {
            self.thread.unpark();
        }
    }

    /// Passes on those who have come in, in their order. Only for the owner's thread.
    ///
    /// If it finds nothing, and the thread parks without having run anything that might unpark it, no wake is missed.
    #[inline]
    pub(crate) fn empty(&self, take: impl FnMut(NonNull<T>)) {
        // Relaxed will do for the look: a wake that it misses has an unpark to come.
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
            // Read before the task may come in again.
            oldest = Self::next(task);
            // A swap and not a store: it acquires what those have released who found it in.
            Self::link(task).is_in.swap(false, Ordering::AcqRel);
            take(task);
        }
    }

    fn next(task: NonNull<T>) -> Option<NonNull<T>> {
        NonNull::new(Self::link(task).next.load(Ordering::Relaxed))
    }

    fn link<'a>(task: NonNull<T>) -> &'a Link<T> {
        // SAFETY: it stands in the list, so whoever has pushed it keeps it alive, until this has passed it on.
        unsafe { task.as_ref() }.link()
    }
}

fn to_raw<T>(pointer: Option<NonNull<T>>) -> *mut T {
    pointer.map_or(ptr::null_mut(), NonNull::as_ptr)
}
