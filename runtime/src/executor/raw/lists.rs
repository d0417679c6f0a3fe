//! Lists of nodes that are linked through themselves: they allocate nothing, whatever their length.

use std::cell::Cell;

/// The room in a node for the one behind it. One list at a time uses it.
pub struct Chain<P>(Cell<Option<P>>);

impl<P> Chain<P> {
    /// The chain of a node that is in no list, or in front of `next` in a [`Stack`] to be.
    #[inline]
    pub fn new(next: Option<P>) -> Self {
        Chain(Cell::new(next))
    }
}

/// A pointer to a node of a [`Queue`] or a [`Stack`].
pub trait Chained: Copy {
    fn chain(&self) -> &Chain<Self>;
}

/// First in, first out: the tasks that are ready.
pub struct Queue<P> {
    first: Cell<Option<P>>,
    last: Cell<Option<P>>,
}

impl<P: Chained> Queue<P> {
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

    /// Appends a node that is in no list.
    #[inline]
    pub fn push(&self, node: P) {
        node.chain().0.set(None);
        match self.last.replace(Some(node)) {
            Some(last) => last.chain().0.set(Some(node)),
            None => self.first.set(Some(node)),
        }
    }

    /// Takes out the first node.
    #[inline]
    pub fn pop(&self) -> Option<P> {
        let node = self.first.get()?;
        let next = node.chain().0.get();
        self.first.set(next);
        if next.is_none() {
            self.last.set(None);
        }
        Some(node)
    }
}

/// Last in, first out: blocks that are free.
pub struct Stack<P>(Cell<Option<P>>);

impl<P: Chained> Stack<P> {
    pub const fn new() -> Self {
        Stack(Cell::new(None))
    }

    /// Adds a node that is in no list.
    #[inline]
    pub fn push(&self, node: P) {
        node.chain().0.set(self.0.replace(Some(node)));
    }

    /// Fills an empty stack with nodes that are chained already.
    #[inline]
    pub fn fill(&self, first: Option<P>) {
        self.0.set(first);
    }

    /// Takes out the node that came last.
    #[inline]
    pub fn pop(&self) -> Option<P> {
        let node = self.0.get()?;
        self.0.set(node.chain().0.get());
        Some(node)
    }
}
