//! The timers that are far away. The farther a slot, the coarser it is.
//!
//! Time is counted in granules of 2^16 nanoseconds, whose numbers are read as digits to the base
//! 64. A timer is on the level of the highest digit in which its granule differs from the wheel's
//! position, in the slot of that digit. On level 0 a slot is a single granule of 66 µs, and on each
//! level above 64 times as long: 4 ms, 268 ms, 17 s, 18 minutes, 20 hours, 52 days, 9 years. These
//! eight levels reach as far as a `u64` counts nanoseconds, which is 584 years. What is beyond has
//! one slot, on a level of its own.
//!
//! Hence each occupied slot is later than the position, and later than all on the levels below, and
//! two looks find the next one. When the position comes to where that begins, its timers differ
//! from the position in lower digits only, and are dealt out to lower levels. The others stay: as
//! long as the position passes no slot, none of their highest digits comes to agree.

use std::time::Duration;

/// How many bits a digit has.
const BITS: u32 = 6;
const SLOTS: u32 = 1 << BITS;
const DIGITS: u32 = 8;
const LEVELS: u32 = DIGITS + 1;
const HEADS: u32 = LEVELS * SLOTS;
/// How many links are added at a time.
const CHUNK: u32 = 32;

/// The number of a step of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Granule(u64);

impl Granule {
    const LENGTH: u64 = 1 << (u64::BITS - DIGITS * BITS);
    /// Everything that is too far away to be counted, as if it were one granule.
    const BEYOND: Granule = Granule(1 << (DIGITS * BITS));

    #[inline]
    pub(super) fn of(time: Duration) -> Self {
        match u64::try_from(time.as_nanos()) {
            Ok(nanos) => Granule(nanos / Self::LENGTH),
            Err(_) => Self::BEYOND,
        }
    }

    /// When the granule begins. For what is beyond, a nanosecond before that.
    pub(super) fn time(self) -> Duration {
        Duration::from_nanos(self.0.saturating_mul(Self::LENGTH))
    }
}

/// An occupied slot of the wheel.
pub(super) struct Slot {
    number: u32,
    pub(super) begin: Granule,
}

/// The neighbours of an element in its ring.
#[derive(Clone, Copy)]
struct Neighbours {
    before: u32,
    after: u32,
}

impl Neighbours {
    /// An element that has a ring to itself.
    fn alone(number: u32) -> Self {
        Neighbours {
            before: number,
            after: number,
        }
    }
}

/// Slots for timers, which are named by their index in the table.
#[derive(Default)]
pub(super) struct Wheel {
    position: Granule,
    /// A bit for every occupied level.
    levels: u32,
    /// On each level, a bit for every occupied slot.
    occupied: [u64; LEVELS as usize],
    /// The heads of the slots, and behind them the timers. Each timer is in the ring of its slot or
    /// alone. There are not even heads before the first timer comes.
    links: Vec<Neighbours>,
}

impl Wheel {
    #[inline]
    pub(super) fn position(&self) -> Granule {
        self.position
    }

    /// Moves the position forward, at most to where the next slot begins, which is to be emptied
    /// then.
    pub(super) fn turn_to(&mut self, position: Granule) {
        debug_assert!(self.position <= position);
        debug_assert!(self.next().is_none_or(|slot| position <= slot.begin));
        self.position = position;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.levels == 0
    }

    /// Adds a timer, whose granule is later than the position, as the last of its slot.
    #[inline]
    pub(super) fn insert(&mut self, index: u32, granule: Granule) {
        debug_assert!(self.position < granule);
        let (level, digit) = self.slot_of(granule);
        let (head, new) = (level * SLOTS + digit, HEADS + index);
        if new as usize >= self.links.len() {
            self.grow(new);
        }
        let links = self.links.as_mut_slice();
        let last = links[head as usize].before;
        links[last as usize].after = new;
        links[new as usize] = Neighbours {
            before: last,
            after: head,
        };
        links[head as usize].before = new;
        self.occupied[level as usize] |= 1 << digit;
        self.levels |= 1 << level;
    }

    /// The level of a granule that is later than the position, and its digit there.
    #[inline]
    fn slot_of(&self, granule: Granule) -> (u32, u32) {
        // They do differ. The bit that is set spares the logarithm a check.
        let differing = (self.position.0 ^ granule.0) | 1;
        let level = differing.ilog2() / BITS;
        let digit = granule.0 >> (level * BITS) & u64::from(SLOTS - 1);
        #[expect(clippy::cast_possible_truncation, reason = "a digit has six bits")]
        (level, digit as u32)
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, last: u32) {
        let first = u32::try_from(self.links.len()).expect("links are numbered");
        let last = last | (CHUNK - 1);
        self.links.extend((first..=last).map(Neighbours::alone));
    }

    /// Takes out a timer; returns whether it was in here.
    #[inline]
    pub(super) fn remove(&mut self, index: u32) -> bool {
        let number = HEADS + index;
        let Some(link) = self.links.get_mut(number as usize) else {
            return false;
        };
        let Neighbours { before, after } = std::mem::replace(link, Neighbours::alone(number));
        if before == number {
            return false;
        }
        self.links[before as usize].after = after;
        self.links[after as usize].before = before;
        if before == after {
            self.mark_empty(before); // Only the head remains.
        }
        true
    }

    fn mark_empty(&mut self, slot: u32) {
        let (level, digit) = (slot / SLOTS, slot % SLOTS);
        let slots = &mut self.occupied[level as usize];
        *slots &= !(1 << digit);
        if *slots == 0 {
            self.levels &= !(1 << level);
        }
    }

    /// The next occupied slot.
    pub(super) fn next(&self) -> Option<Slot> {
        let level = self.levels.trailing_zeros();
        // If no level is occupied, the number is not that of a level.
        let slots = self.occupied.get(level as usize)?;
        let (digit, shift) = (slots.trailing_zeros(), level * BITS);
        let higher = self.position.0 >> (shift + BITS) << (shift + BITS);
        Some(Slot {
            number: level * SLOTS + digit,
            begin: Granule(higher | u64::from(digit) << shift),
        })
    }

    /// The next slot, if it begins by `end`.
    pub(super) fn next_until(&self, end: Granule) -> Option<Slot> {
        self.next().filter(|slot| slot.begin <= end)
    }

    /// Whether finer slots would be of no use: the slot is a single granule, or has a single timer.
    pub(super) fn is_final(&self, slot: &Slot) -> bool {
        let Neighbours { before, after } = self.links[slot.number as usize];
        slot.number < SLOTS || slot.begin == Granule::BEYOND || before == after
    }

    /// Takes the first timer out of a slot.
    pub(super) fn pop(&mut self, slot: &Slot) -> Option<u32> {
        let first = self.links[slot.number as usize].after;
        let index = first.checked_sub(HEADS)?;
        self.remove(index);
        Some(index)
    }
}
