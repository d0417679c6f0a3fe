//! The memory of tasks: blocks of equal size, cut from slabs and used again and again.
//!
//! `P` is a pointer to a block. Blocks live as long as their slabs, free or not.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use super::lists::{Chained, Stack};

/// The sizes of blocks up to a kibibyte are multiples of this, in bytes.
const STEP: usize = 16;
const CLASSES: usize = 64;

/// Slabs grow with the number of tasks, within these bounds, in bytes.
const FIRST_SLAB: usize = 1 << 10;
const LARGEST_SLAB: usize = 1 << 16;

/// All slabs of an arena, and the blocks in them that are free.
pub struct Slabs<P> {
    /// The free blocks of each size.
    free: [Stack<P>; CLASSES],
    /// The free blocks that are larger, or aligned to more than a step.
    large: RefCell<Vec<(Layout, Stack<P>)>>,
    all: RefCell<Vec<Slab>>,
    next_size: Cell<usize>,
}

struct Slab {
    memory: NonNull<u8>,
    block: Layout,
    count: usize,
}

/// The kind of block that a task needs. It is known at compile time.
#[derive(Clone, Copy)]
pub struct BlockKind {
    layout: Layout,
    /// The index of its list of free blocks, or [`CLASSES`] for the large ones.
    class: usize,
}

impl BlockKind {
    /// A block with room for `layout`. Its size is a multiple of its alignment, for the next block
    /// begins where it ends.
    pub const fn for_layout(layout: Layout) -> Self {
        let align = if layout.align() < STEP {
            STEP
        } else {
            layout.align()
        };
        let size = layout.size().next_multiple_of(align);
        BlockKind {
            layout: match Layout::from_size_align(size, align) {
                Ok(layout) => layout,
                Err(_) => panic!("no memory holds a future that large"),
            },
            class: if align == STEP { size / STEP } else { CLASSES },
        }
    }
}

impl<P: Chained> Slabs<P> {
    pub fn new() -> Self {
        Slabs {
            free: [const { Stack::new() }; CLASSES],
            large: RefCell::default(),
            all: RefCell::default(),
            next_size: Cell::new(FIRST_SLAB),
        }
    }

    /// Takes a free block of this kind. If there is none, `new` makes new ones of the memory, each
    /// chained to the next.
    #[inline]
    pub fn take(&self, kind: BlockKind, new: impl Fn(NonNull<u8>, Option<P>) -> P) -> P {
        let Some(free) = self.free.get(kind.class) else {
            return self.take_large(kind.layout, new);
        };
        match free.pop() {
            Some(block) => block,
            None => self.cut(kind.layout, free, new),
        }
    }

    /// Takes back a block.
    ///
    /// # Safety
    ///
    /// The block was taken from here as one of this kind, and is used no more.
    #[inline]
    pub unsafe fn give_back(&self, block: P, kind: BlockKind) {
        match self.free.get(kind.class) {
            Some(free) => free.push(block),
            None => self.give_back_large(block, kind.layout),
        }
    }

    #[inline(never)]
    fn take_large(&self, layout: Layout, new: impl Fn(NonNull<u8>, Option<P>) -> P) -> P {
        let mut large = self.large.borrow_mut();
        let known = large.iter().position(|(known, _)| *known == layout);
        let known = known.unwrap_or_else(|| {
            large.push((layout, Stack::new()));
            large.len() - 1
        });
        let free = &large[known].1;
        free.pop().unwrap_or_else(|| self.cut(layout, free, new))
    }

    #[inline(never)]
    fn give_back_large(&self, block: P, layout: Layout) {
        let large = self.large.borrow();
        let known = large.iter().find(|(known, _)| *known == layout);
        let (_, free) = known.expect("a large block is given back to where it was taken from");
        free.push(block);
    }

    /// Cuts a new slab into blocks, and returns the first. The others are free.
    #[cold]
    fn cut(&self, layout: Layout, free: &Stack<P>, new: impl Fn(NonNull<u8>, Option<P>) -> P) -> P {
        let size = self.next_size.get();
        self.next_size.set(LARGEST_SLAB.min(size * 2));
        let slab = Slab::new(layout, (size / layout.size()).max(1));
        let others = (1..slab.count).rev();
        free.fill(others.fold(None, |next, index| Some(new(slab.block(index), next))));
        let first = new(slab.block(0), None);
        self.all.borrow_mut().push(slab);
        first
    }

    /// Calls `f` with the memory of each block, free or not.
    pub fn for_each(&self, mut f: impl FnMut(NonNull<u8>)) {
        for slab in &*self.all.borrow() {
            (0..slab.count).for_each(|index| f(slab.block(index)));
        }
    }
}

impl Slab {
    fn new(block: Layout, count: usize) -> Self {
        let layout = Slab::layout(block, count);
        // SAFETY: a block is not empty, for it has a header.
        let memory = unsafe { alloc(layout) };
        Slab {
            memory: NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout)),
            block,
            count,
        }
    }

    fn layout(block: Layout, count: usize) -> Layout {
        let size = block.size().checked_mul(count);
        let layout = size.map(|size| Layout::from_size_align(size, block.align()));
        layout
            .and_then(Result::ok)
            .expect("a slab is not much larger than a block")
    }

    fn block(&self, index: usize) -> NonNull<u8> {
        debug_assert!(index < self.count);
        // SAFETY: the slab has that many blocks, one behind the other.
        unsafe { self.memory.add(index * self.block.size()) }
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout, and nothing looks at a block after its arena.
        // A header has nothing to drop once its task is over.
        unsafe {
            dealloc(self.memory.as_ptr(), Slab::layout(self.block, self.count));
        }
    }
}
