//! The places of the bodies.
//!
//! Places lie next to each other in rows, which stay where they are. A row knows by a bit for each
//! place where a body runs. So a place needs no mark of its own, and a body no allocation.

use core::iter;
use core::mem::MaybeUninit;
use core::num::NonZero;
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
    /// A bit for each place.
    all: usize,
    /// A bit for each place in which a body runs.
    running: usize,
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

/// A place in which a body runs.
pub(super) struct Occupied<'a, F, T> {
    row: &'a mut Row<F, T>,
    /// It exists, and a body runs there.
    place: usize,
}

/// An empty place.
pub(super) struct Vacant<'a, F, T> {
    row: &'a mut Row<F, T>,
    /// It exists, and no body runs there.
    place: usize,
}

/// An empty place, apart from what belongs to it.
pub(super) struct VacantBody<'a, F, T> {
    body: &'a mut MaybeUninit<F>,
    item: &'a mut MaybeUninit<T>,
    running: &'a mut usize,
    bit: usize,
}

/// The bodies in a row that have been woken.
pub(super) struct WokenBodies<'a, F, T> {
    row: &'a mut Row<F, T>,
    /// In each of these places a body runs: it is given out only once.
    rest: usize,
}

/// The empty places of a row.
pub(super) struct VacantPlaces<'a, F, T> {
    row: &'a mut Row<F, T>,
    /// Each of these places is empty: it is given out only once.
    rest: usize,
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

    /// The empty places of a row that has some. `None` if there are `limit` places already.
    #[inline]
    pub(super) fn vacant(&mut self, limit: usize) -> Option<VacantPlaces<'_, F, T>> {
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
        let row = self.rows.get_mut(self.with_room)?;
        let rest = row.vacant();
        Some(VacantPlaces { row, rest })
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
            all: usize::MAX >> (PLACES - len),
            running: 0,
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

    /// The bodies that have been woken, of the next row that has some, in the turn under way.
    #[inline]
    pub(super) fn next_woken(&mut self) -> Option<WokenBodies<'_, F, T>> {
        // SAFETY: the rows have the blocks, and are only added.
        let (row, woken) = unsafe { self.woken.next_block() }?;
        let row = &mut self.rows[row];
        let rest = woken & row.running;
        Some(WokenBodies { row, rest })
    }

    /// The number of bodies that run.
    pub(super) fn count_running(&self) -> usize {
        let running = self.rows.iter().map(|row| row.running.count_ones());
        running.map(|count| count as usize).sum()
    }

    /// The places in which a body runs: the number of the row, and of the place.
    pub(super) fn all_running(&self) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for row in &self.rows {
            all.extend(numbers(row.running).map(|place| (row.number, place)));
        }
        all
    }
}

impl<F, T: Copy> Row<F, T> {
    #[inline]
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// A bit for each place that is empty.
    #[inline]
    fn vacant(&self) -> usize {
        self.all & !self.running
    }

    /// Whether all places have a body.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.running == self.all
    }

    /// Whether a body runs at this place.
    #[inline]
    pub(super) fn runs(&self, place: usize) -> bool {
        self.running & (1 << place) != 0
    }

    /// The place of a body.
    ///
    /// # Panics
    ///
    /// When none runs there.
    #[inline]
    pub(super) fn occupied(&mut self, place: usize) -> Occupied<'_, F, T> {
        assert!(self.runs(place), "no body runs at this place");
        Occupied { row: self, place }
    }

    /// The branch of the body at this place, or of the last one.
    ///
    /// # Panics
    ///
    /// When there is no such place.
    pub(super) fn branch(&mut self, place: usize) -> &mut Branch {
        &mut self.places[place].branch
    }
}

impl<F, T> WokenBodies<'_, F, T> {
    /// The number of the row, and those of the places.
    pub(super) fn numbers(self) -> (usize, impl Iterator<Item = usize> + use<F, T>) {
        (self.row.number, numbers(self.rest))
    }

    #[inline]
    pub(super) fn row(&self) -> &Row<F, T> {
        self.row
    }

    /// The next one.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Occupied<'_, F, T>> {
        let place = take_lowest(&mut self.rest)?;
        Some(Occupied {
            row: self.row,
            place,
        })
    }
}

impl<F, T: Copy> VacantPlaces<'_, F, T> {
    #[inline]
    pub(super) fn row(&self) -> &Row<F, T> {
        self.row
    }

    /// The place of a body that has begun here.
    ///
    /// # Panics
    ///
    /// When none runs there.
    #[inline]
    pub(super) fn occupied(&mut self, place: usize) -> Occupied<'_, F, T> {
        self.row.occupied(place)
    }

    /// The next one.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Vacant<'_, F, T>> {
        let place = take_lowest(&mut self.rest)?;
        Some(Vacant {
            row: self.row,
            place,
        })
    }
}

/// The numbers of the bits that are set.
fn numbers(mut bits: usize) -> impl Iterator<Item = usize> {
    iter::from_fn(move || take_lowest(&mut bits))
}

/// Takes the lowest bit that is set, and gives its number.
#[inline]
fn take_lowest(bits: &mut usize) -> Option<usize> {
    let lowest = NonZero::new(*bits)?.trailing_zeros();
    *bits &= *bits - 1;
    Some(lowest as usize)
}

impl<'a, F, T: Copy> Occupied<'a, F, T> {
    #[inline]
    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// The body, and what belongs to it.
    #[inline]
    pub(super) fn running(&mut self) -> Running<'_, F> {
        // SAFETY: a body runs there. It stays there until it is dropped, because the box does not
        // move.
        unsafe {
            let at = self.row.places.get_unchecked_mut(self.place);
            Running {
                body: Pin::new_unchecked(at.body.assume_init_mut()),
                branch: &mut at.branch,
                waker: self.row.block.waker(self.place),
            }
        }
    }

    /// Drops the body. The place is empty from then on. Gives the branch, and the item.
    ///
    /// # Panics
    ///
    /// When the body's destructor does. Then the place is empty, too.
    #[inline]
    pub(super) fn drop_body(self) -> (&'a mut Branch, T) {
        let Occupied { row, place } = self;
        row.running &= !(1 << place);
        // SAFETY: a body ran there, so the place exists, and has an item, too. From here on nobody
        // takes it for one.
        unsafe {
            let at = row.places.get_unchecked_mut(place);
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

    /// The parts of the place.
    #[inline]
    pub(super) fn into_parts(self) -> (VacantBody<'a, F, T>, &'a mut Branch, PlaceWaker<'a>) {
        let Vacant { row, place } = self;
        // SAFETY: the place exists.
        let at = unsafe { row.places.get_unchecked_mut(place) };
        let vacant = VacantBody {
            body: &mut at.body,
            item: &mut at.item,
            running: &mut row.running,
            bit: 1 << place,
        };
        (vacant, &mut at.branch, row.block.waker(place))
    }
}

impl<'a, F, T> VacantBody<'a, F, T> {
    /// Puts a body here, which runs from then on.
    // The body is written last, so that the compiler knows what its first poll finds.
    #[inline]
    pub(super) fn put(self, body: F, item: T) -> Pin<&'a mut F> {
        self.item.write(item);
        *self.running |= self.bit;
        // SAFETY: the body stays there until it is dropped, because the box does not move.
        unsafe { Pin::new_unchecked(self.body.write(body)) }
    }
}

impl<F, T> Row<F, T> {
    /// Drops the first body that runs. Returns whether there was one.
    fn drop_first(&mut self) -> bool {
        let Some(place) = take_lowest(&mut self.running) else {
            return false;
        };
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
