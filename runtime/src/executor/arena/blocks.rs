//! The memory of tasks: blocks of equal size are cut from slabs, and used again and again.
//!
//! A block stays a block for as long as the arena lives: its [`Header`] may be looked at whatever became of the task that was in
//! it. So a waker needs to keep the arena alive, and nothing else.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use super::Arena;
use crate::executor::task::Header;

/// Blocks of up to a kibibyte come in these steps, in bytes.
const STEP: usize = 16;
const CLASSES: usize = 64;

/// Slabs grow with the number of tasks, within these bounds, in bytes.
const FIRST_SLAB: usize = 1 << 10;
const LARGEST_SLAB: usize = 1 << 16;

/// All slabs, and what is free of them.
pub(super) struct Blocks {
    /// For each size, linked through the headers.
    free: [Cell<Option<NonNull<Header>>>; CLASSES],
    /// The same for blocks that are larger, or aligned to more than a step.
    large: RefCell<Vec<(Layout, Option<NonNull<Header>>)>>,
    slabs: RefCell<Vec<Slab>>,
    next_slab: Cell<usize>,
}

struct Slab {
    memory: NonNull<u8>,
    block: Layout,
    count: usize,
}

/// What kind of block a task needs. It is known when the program is compiled.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    layout: Layout,
    /// The list in which the free blocks of this kind are kept; there is none for the large ones, which have lists of their own.
    class: usize,
}

impl Kind {
    /// Of a block that has room for this layout. Blocks stand next to each other, so their size is a multiple of the alignment.
    pub(crate) const fn for_layout(layout: Layout) -> Self {
        let align = if layout.align() < STEP {
            STEP
        } else {
            layout.align()
        };
        let size = layout.size().next_multiple_of(align);
        Kind {
            layout: match Layout::from_size_align(size, align) {
                Ok(layout) => layout,
                Err(_) => panic!("a future that large has no place in any memory"),
            },
            class: if align == STEP { size / STEP } else { CLASSES },
        }
    }
}

impl Blocks {
    pub(super) fn new() -> Self {
        Blocks {
            free: [const { Cell::new(None) }; CLASSES],
            large: RefCell::default(),
            slabs: RefCell::default(),
            next_slab: Cell::new(FIRST_SLAB),
        }
    }

    /// A free block of this kind.
    #[inline]
    pub(super) fn take(&self, kind: Kind, arena: NonNull<Arena>) -> NonNull<Header> {
        let Some(free) = self.free.get(kind.class) else {
            return self.take_large(kind.layout, arena);
        };
        let first = match free.get() {
            Some(first) => first,
            None => self.cut(kind.layout, arena),
        };
        // SAFETY: it is in a list of blocks, all of which are alive.
        free.set(unsafe { first.as_ref() }.next.get());
        first
    }

    /// Takes back a block of this kind.
    #[inline]
    pub(super) fn give_back(&self, task: NonNull<Header>, kind: Kind) {
        let Some(free) = self.free.get(kind.class) else {
            return self.give_back_large(task, kind.layout);
        };
        // SAFETY: it was taken from here, so it is alive.
        let next = &unsafe { task.as_ref() }.next;
        next.set(free.replace(Some(task)));
    }

    #[inline(never)]
    fn take_large(&self, block: Layout, arena: NonNull<Arena>) -> NonNull<Header> {
        let mut large = self.large.borrow_mut();
        let known = large.iter().position(|&(layout, _)| layout == block);
        let known = known.unwrap_or_else(|| {
            large.push((block, None));
            large.len() - 1
        });
        let free = &mut large[known].1;
        let first = free.unwrap_or_else(|| self.cut(block, arena));
        // SAFETY: it is in a list of blocks, all of which are alive.
        *free = unsafe { first.as_ref() }.next.get();
        first
    }

    #[inline(never)]
    fn give_back_large(&self, task: NonNull<Header>, block: Layout) {
        let mut large = self.large.borrow_mut();
        let known = large.iter_mut().find(|(layout, _)| *layout == block);
        let (_, free) = known.expect("it was taken from here");
        // SAFETY: it was taken from here, so it is alive.
        unsafe { task.as_ref() }.next.set(free.replace(task));
    }

    /// Cuts a new slab into blocks, and gives the first, which is linked to the others.
    #[cold]
    fn cut(&self, block: Layout, arena: NonNull<Arena>) -> NonNull<Header> {
        let size = self.next_slab.get();
        self.next_slab.set(LARGEST_SLAB.min(size * 2));
        let slab = Slab::new(block, (size / block.size()).max(1));
        let mut next = None;
        for index in (0..slab.count).rev() {
            let header = slab.header(index);
            // SAFETY: the slab is new, and a block has room for what begins with a header.
            unsafe { header.write(Header::new(arena, next)) };
            next = Some(header);
        }
        let first = slab.header(0);
        self.slabs.borrow_mut().push(slab);
        first
    }

    /// The blocks of all tasks that have not ended.
    pub(super) fn live(&self) -> Vec<NonNull<Header>> {
        let mut live = Vec::new();
        for slab in &*self.slabs.borrow() {
            let headers = (0..slab.count).map(|index| slab.header(index));
            // SAFETY: the blocks of a slab live as long as the slab.
            live.extend(headers.filter(|header| unsafe { header.as_ref() }.is_live()));
        }
        live
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

    fn header(&self, index: usize) -> NonNull<Header> {
        debug_assert!(index < self.count);
        // SAFETY: the slab has that many blocks, one after the other.
        unsafe { self.memory.add(index * self.block.size()) }.cast()
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        // SAFETY: it was allocated so. Nothing looks at a block after its arena, and a header has nothing to be dropped when its
        // task has ended.
        unsafe {
            dealloc(self.memory.as_ptr(), Slab::layout(self.block, self.count));
        }
    }
}
