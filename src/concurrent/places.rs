//! The places of the bodies.
//!
//! Places lie next to each other in rows, which stay where they are. A row knows by a bit for each
//! place where a body runs. So a place needs no mark of its own, and a body no allocation.

use core::mem::MaybeUninit;
use core::pin::Pin;
use std::boxed::Box;
use std::vec::Vec;

use super::woken::{Block, PLACES, PlaceWaker, Woken};
use crate::cancel::Branch;

/// The first row has so many places. A later one has as many as there are already.
const FIRST_ROW: usize = 8;

/// All places of a loop.
pub(super) struct Places<F, T> {
    pub(super) rows: Vec<Row<F, T>>,
    /// The row that is filled next, which may be full: the first of a list.
    with_room: usize,
    /// The number of places.
    len: usize,
    pub(super) woken: Woken,
}

/// Places next to each other, as many as a block has bits, or fewer.
pub(super) struct Row<F, T> {
    places: Box<[Place<F, T>]>,
    /// A bit for each place in which no body runs, also for those that do not exist.
    empty: usize,
    block: Block,
    number: usize,
    /// The next row of the list of those with an empty place.
    next_with_room: usize,
}

/// No row.
const NONE: usize = usize::MAX;

/// The place of a body. The next body takes it over.
struct Place<F, T> {
    /// There is one unless the place is empty. It is pinned here.
    body: MaybeUninit<F>,
    branch: Branch,
    /// Which item the body is for. It is there together with the body.
    item: MaybeUninit<T>,
}

/// A body that runs, and what belongs to its place.
pub(super) struct Running<'a, F> {
    pub(super) body: Pin<&'a mut F>,
    pub(super) branch: &'a mut Branch,
    pub(super) waker: PlaceWaker<'a>,
}

/// An empty place.
pub(super) struct Vacant<'a, F, T> {
    row: &'a mut Row<F, T>,
    /// It exists, and no body runs there.
    place: usize,
}

impl<F, T: Copy> Places<F, T> {
    pub(super) fn new() -> Self {
        Places {
            rows: Vec::new(),
            with_room: NONE,
            len: 0,
            woken: Woken::new(),
        }
    }

    /// A row with an empty place. `None` if there are `limit` places already.
    #[inline]
    pub(super) fn row_with_room(&mut self, limit: usize) -> Option<&mut Row<F, T>> {
        while let Some(row) = self.rows.get(self.with_room) {
            if !row.is_full() {
                break;
            }
            self.with_room = row.next_with_room;
        }
        if self.with_room == NONE {
            if self.len == limit {
                return None;
            }
            self.add_row(limit);
        }
        self.rows.get_mut(self.with_room)
    }

    #[cold]
    #[inline(never)]
    fn add_row(&mut self, limit: usize) {
        let len = self.len.clamp(FIRST_ROW, PLACES).min(limit - self.len);
        let place = |_| Place {
            body: MaybeUninit::uninit(),
            branch: Branch::default(),
            item: MaybeUninit::uninit(),
        };
        let number = self.rows.len();
        self.rows.push(Row {
            places: (0..len).map(place).collect(),
            empty: usize::MAX,
            block: self.woken.add_block(),
            number,
            next_with_room: NONE,
        });
        self.len += len;
        self.with_room = number;
    }

    /// Notes that a row has an empty place, which it had not before. So it is not on the list, but
    /// for the first one, of which that may not have been noticed.
    #[inline]
    pub(super) fn set_room(&mut self, row: usize) {
        if self.with_room != row {
            self.rows[row].next_with_room = self.with_room;
            self.with_room = row;
        }
    }

    /// Begins a turn: takes what has been woken.
    #[inline]
    pub(super) fn begin_turn(&mut self) {
        // SAFETY: the rows have the blocks, and are only added.
        unsafe { self.woken.begin_turn() }
    }

    /// Forgets what has been woken so far: all bodies are polled next.
    pub(super) fn forget_woken(&mut self) {
        // SAFETY: the rows have the blocks, and are only added.
        unsafe { self.woken.forget() }
    }

    /// The next row in which bodies have been woken, and the bits of those, in the turn that is
    /// under way.
    #[inline]
    pub(super) fn next_woken(&mut self) -> Option<(&mut Row<F, T>, usize)> {
        // SAFETY: the rows have the blocks, and are only added.
        let (row, woken) = unsafe { self.woken.next_block() }?;
        let row = &mut self.rows[row];
        let running = woken & !row.empty;
        Some((row, running))
    }

    /// The places in which a body runs: the number of the row, and of the place.
    pub(super) fn all_running(&self) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for row in &self.rows {
            let mut running = !row.empty;
            while running != 0 {
                all.push((row.number, running.trailing_zeros() as usize));
                running &= running - 1;
            }
        }
        all
    }
}

impl<F, T: Copy> Row<F, T> {
    #[inline]
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The first empty place.
    #[inline]
    pub(super) fn vacant(&mut self) -> Option<Vacant<'_, F, T>> {
        let place = self.empty.trailing_zeros() as usize;
        (place < self.places.len()).then_some(Vacant { row: self, place })
    }

    /// Whether all places have a body.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.empty.trailing_zeros() as usize >= self.places.len()
    }

    /// Whether a body runs at this place. Then the place exists.
    #[inline]
    pub(super) fn runs(&self, place: usize) -> bool {
        self.empty & (1 << place) == 0
    }

    /// The body at this place.
    ///
    /// # Panics
    ///
    /// When none runs there.
    #[inline]
    pub(super) fn get(&mut self, place: usize) -> Running<'_, F> {
        assert!(self.runs(place), "no body runs at this place");
        // SAFETY: a body runs there. It stays there until it is dropped, because the box does not
        // move.
        unsafe {
            let at = self.places.get_unchecked_mut(place);
            Running {
                body: Pin::new_unchecked(at.body.assume_init_mut()),
                branch: &mut at.branch,
                waker: self.block.waker(place),
            }
        }
    }

    /// The branch of the body at this place, or of the last one.
    ///
    /// # Panics
    ///
    /// When there is no such place.
    pub(super) fn branch(&mut self, place: usize) -> &mut Branch {
        &mut self.places[place].branch
    }

    /// Drops the body at this place, which is empty from then on. Gives the branch, and the item.
    ///
    /// # Panics
    ///
    /// When none runs there, and when the body's destructor does. Then the place is empty, too.
    #[inline]
    pub(super) fn drop_body(&mut self, place: usize) -> (&mut Branch, T) {
        assert!(self.runs(place), "no body runs at this place");
        self.empty |= 1 << place;
        // SAFETY: a body ran there, so the place exists, and has an item, too. From here on nobody
        // takes it for one.
        unsafe {
            let at = self.places.get_unchecked_mut(place);
            at.body.assume_init_drop();
            (&mut at.branch, at.item.assume_init())
        }
    }
}

impl<'a, F, T> Vacant<'a, F, T> {
    #[inline]
    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// Puts a body here.
    #[inline]
    pub(super) fn put(self, body: F, item: T) -> Running<'a, F> {
        let Vacant { row, place } = self;
        // SAFETY: the place exists. The body stays there until it is dropped, because the box does
        // not move.
        unsafe {
            let at = row.places.get_unchecked_mut(place);
            let body = Pin::new_unchecked(at.body.write(body));
            at.item.write(item);
            row.empty &= !(1 << place);
            Running {
                body,
                branch: &mut at.branch,
                waker: row.block.waker(place),
            }
        }
    }
}

impl<F, T> Row<F, T> {
    /// Drops the first body that runs. Returns whether there was one.
    fn drop_first(&mut self) -> bool {
        let running = !self.empty;
        if running == 0 {
            return false;
        }
        let place = running.trailing_zeros() as usize;
        self.empty |= 1 << place;
        // SAFETY: a body ran there. From here on nobody takes it for one.
        unsafe { self.places[place].body.assume_init_drop() }
        true
    }
}

impl<F, T> Drop for Row<F, T> {
    /// Drops all bodies, also where the destructor of one panics.
    fn drop(&mut self) {
        struct Rest<'a, F, T>(&'a mut Row<F, T>);

        impl<F, T> Drop for Rest<'_, F, T> {
            fn drop(&mut self) {
                while self.0.drop_first() {}
            }
        }

        let rest = Rest(self);
        while rest.0.drop_first() {}
    }
}
