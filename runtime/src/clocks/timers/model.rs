//! Random timers, compared with a sorted list.

use std::ops::Range;
use std::panic::catch_unwind;
use std::time::Duration;

use super::{TimerKey, Timers};

const NANO: Duration = Duration::from_nanos(1);

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    /// A duration of a number of bits in this range, counted in nanoseconds.
    fn duration(&mut self, bits: Range<usize>) -> Duration {
        let bits = bits.start + self.below(bits.len());
        let nanos = u128::from(self.next()) << 64 | u128::from(self.next());
        let nanos = nanos.checked_shr(u32::try_from(128 - bits).unwrap());
        duration(nanos.unwrap_or(0))
    }
}

fn duration(nanos: u128) -> Duration {
    let seconds = u64::try_from(nanos / 1_000_000_000);
    let nanos = u32::try_from(nanos % 1_000_000_000).unwrap();
    seconds.map_or(Duration::MAX, |seconds| Duration::new(seconds, nanos))
}

/// The timers, and a sorted list of the same: each deadline with how many were armed before.
struct Both {
    timers: Timers<usize>,
    list: Vec<(Duration, usize)>,
    /// The keys of all that were ever armed.
    keys: Vec<TimerKey>,
    now: Duration,
    random: Random,
}

impl Both {
    fn new(seed: u64) -> Self {
        Both {
            timers: Timers::default(),
            list: Vec::new(),
            keys: Vec::new(),
            now: Duration::ZERO,
            random: Random(seed),
        }
    }

    fn do_anything(&mut self) {
        match self.random.below(16) {
            0..6 => self.arm(),
            6..9 => self.cancel(),
            9 => self.look_one_up(),
            10 => self.ask_for_the_first(),
            11 => self.ask_when_to_look(),
            12 => {
                self.pop();
            }
            _ => {
                self.advance();
                self.pop_all();
            }
        }
        assert_eq!(self.timers.is_empty(), self.list.is_empty());
    }

    fn arm(&mut self) {
        let timer = (self.any_deadline(), self.keys.len());
        self.keys.push(self.timers.arm(timer.0, timer.1));
        self.list.push(timer);
        self.list.sort_unstable();
    }

    fn any_deadline(&mut self) -> Duration {
        match self.random.below(16) {
            0 => self.now,
            1 => Duration::MAX,
            2 => self.random.duration(0..95),
            3 => duration(u128::MAX).saturating_sub(self.random.duration(0..95)),
            4..7 if !self.list.is_empty() => {
                let other = self.random.below(self.list.len());
                self.list[other].0
            }
            7..10 => self.where_a_slot_begins(),
            10..13 => self.now.saturating_add(self.random.duration(0..40)),
            _ => self.now.saturating_add(self.random.duration(0..95)),
        }
    }

    /// The time at which a slot begins, or a little before or after.
    fn where_a_slot_begins(&mut self) -> Duration {
        let bits = 16 + 6 * self.random.below(9);
        let slot = (self.now.as_nanos() >> bits) + self.random.below(66) as u128;
        let begin = duration(slot << bits);
        match self.random.below(3) {
            0 => begin.saturating_sub(NANO),
            1 => begin,
            _ => begin.saturating_add(NANO),
        }
    }

    /// Cancels a timer that is armed, or tries to cancel one that is gone.
    fn cancel(&mut self) {
        let Some((number, found)) = self.any_timer() else {
            return;
        };
        let cancelled = self.timers.cancel(self.keys[number]);
        assert_eq!(cancelled, found.map(|_| number));
        if let Some(at) = found {
            self.list.remove(at);
        }
    }

    fn look_one_up(&mut self) {
        let Some((number, found)) = self.any_timer() else {
            return;
        };
        let mut expected = found.map(|_| number);
        let key = self.keys[number];
        assert_eq!(self.timers.get(key), expected.as_ref());
        assert_eq!(self.timers.get_mut(key), expected.as_mut());
    }

    /// A timer that was armed at some time, and its place in the list if it still is.
    fn any_timer(&mut self) -> Option<(usize, Option<usize>)> {
        // One of the latest, some of which are still armed.
        let (all, latest) = (self.keys.len(), self.keys.len().min(20));
        let number = all.checked_sub(1 + self.random.below(latest.max(1)))?;
        let found = self.list.iter().position(|timer| timer.1 == number);
        Some((number, found))
    }

    fn ask_for_the_first(&mut self) {
        let first = self.timers.first();
        let first = first.map(|(due, number)| (due.deadline, *number));
        assert_eq!(first.as_ref(), self.list.first());
    }

    fn ask_when_to_look(&mut self) {
        self.pop_all();
        let look = self.timers.when_to_look();
        assert_eq!(look.is_none(), self.list.is_empty());
        let deadline = self.list.first().map(|timer| timer.0);
        assert!(look <= deadline);
        assert!(look.is_none_or(|look| look > self.now));
    }

    /// Lets time pass: by any step, to the next deadline, to just before it, or to the next look.
    fn advance(&mut self) {
        let next = self.list.first().map_or(self.now, |timer| timer.0);
        let to = match self.random.below(8) {
            0 => next,
            1 => next.saturating_sub(NANO),
            2 | 3 => self.timers.when_to_look().unwrap_or(self.now),
            4 => self.now.saturating_add(self.random.duration(0..60)),
            _ => self.now.saturating_add(self.random.duration(0..36)),
        };
        self.now = self.now.max(to);
    }

    /// Takes out the first timer if it is due; returns whether it was.
    fn pop(&mut self) -> bool {
        let first = self.list.first().filter(|timer| timer.0 <= self.now);
        let due = first.map(|timer| timer.1);
        assert_eq!(self.timers.pop_due(self.now), due);
        if due.is_some() {
            self.list.remove(0);
        }
        due.is_some()
    }

    fn pop_all(&mut self) {
        while self.pop() {}
    }

    /// Lets all remaining timers fire: a virtual clock goes to the first, a real one looks as often
    /// as it must.
    fn end(&mut self, is_virtual: bool) {
        while !self.list.is_empty() {
            let next = if is_virtual {
                self.timers.first().map(|(due, _)| due.deadline)
            } else {
                self.timers.when_to_look()
            };
            let next = next.unwrap();
            assert!(next > self.now);
            self.now = next;
            self.pop_all();
        }
        assert!(self.timers.is_empty());
    }
}

fn run(seed: u64) {
    let mut both = Both::new(seed);
    for _ in 0..both.random.below(100) {
        both.arm();
    }
    for _ in 0..200 {
        both.do_anything();
    }
    both.pop_all();
    both.end(seed % 2 == 0);
}

#[test]
fn random_timers_fire_in_the_order_of_a_sorted_list() {
    let failed = (0..1000).find(|&seed| catch_unwind(|| run(seed)).is_err());
    assert_eq!(failed, None, "the seed that fails");
}
