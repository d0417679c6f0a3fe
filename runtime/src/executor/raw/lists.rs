//! Lists of blocks that are linked through the blocks themselves: they allocate nothing, whatever
//! their length.

use std::cell::Cell;
use std::ptr::NonNull;

/// The room in a node for the one behind it. One list at a time uses it.
pub struct Chain<T>(Cell<Option<NonNull<T>>>);

impl<T> Chain<T> {
    #[inline]
    /// The chain of a node that is in no list, or in front of `next` in a [`Stack`] to be.
    pub fn new(next: Option<NonNull<T>>) -> Self {
        Chain(Cell::new(next))
    }
}

/// A node of a [`Queue`] or a [`Stack`].
///
/// # Safety
///
/// `chain` always returns the same chain, and nothing but these lists uses it.
pub unsafe trait Chained: Sized {
    fn chain(&self) -> &Chain<Self>;
}

/// First in, first out: the tasks that are ready.
pub struct Queue<T> {
    first: Cell<Option<NonNull<T>>>,
    last: Cell<Option<NonNull<T>>>,
}

impl<T: Chained> Queue<T> {
    pub fn new() -> Self {
        Queue {
            first: Cell::new(None),
            last: Cell::new(None),
        }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// Appends a node.
    ///
    /// # Safety
    ///
    /// The node is in no list, and stays alive while it is in this one.
    #[inline]
    pub unsafe fn push(&self, node: NonNull<T>) {
        // SAFETY: the caller vouches for this node, and has vouched for the last one.
        unsafe {
            node.as_ref().chain().0.set(None);
            match self.last.replace(Some(node)) {
                Some(last) => last.as_ref().chain().0.set(Some(node)),
                None => self.first.set(Some(node)),
            }
        }
    }

    /// Takes out the first node.
    #[inline]
    pub fn pop(&self) -> Option<NonNull<T>> {
        let node = self.first.get()?;
        // SAFETY: a node in the list is alive.
        let next = unsafe { node.as_ref() }.chain().0.get();
        self.first.set(next);
        if next.is_none() {
            self.last.set(None);
        }
        Some(node)
    }
}

/// Last in, first out: blocks that are free.
pub struct Stack<T>(Cell<Option<NonNull<T>>>);

impl<T: Chained> Stack<T> {
    pub const fn new() -> Self {
        Stack(Cell::new(None))
    }

    /// Adds a node.
    ///
    /// # Safety
    ///
    /// The node is in no list, and stays alive while it is in this one.
    #[inline]
    pub unsafe fn push(&self, node: NonNull<T>) {
        // SAFETY: the caller vouches for it.
        let chain = unsafe { node.as_ref() }.chain();
        chain.0.set(self.0.replace(Some(node)));
    }

    /// Fills an empty stack with nodes that are chained already.
    ///
    /// # Safety
    ///
    /// The nodes are in no list, and stay alive while they are in this one.
    #[inline]
    pub unsafe fn fill(&self, first: Option<NonNull<T>>) {
        self.0.set(first);
    }

    /// Takes out the node that came last.
    #[inline]
    pub fn pop(&self) -> Option<NonNull<T>> {
        let node = self.0.get()?;
        // SAFETY: a node in the list is alive.
        self.0.set(unsafe { node.as_ref() }.chain().0.get());
        Some(node)
    }
}
