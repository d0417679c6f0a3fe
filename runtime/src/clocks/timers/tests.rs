//! Timers where their way to the end bends.

use std::time::Duration;

use super::Timers;

const HOUR: Duration = Duration::from_secs(3600);
const NANO: Duration = Duration::from_nanos(1);

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Timers with these deadlines, each with its number.
fn armed(deadlines: impl IntoIterator<Item = Duration>) -> Timers<usize> {
    let mut timers = Timers::default();
    for (number, deadline) in deadlines.into_iter().enumerate() {
        timers.arm(deadline, number);
    }
    timers
}

/// The numbers in the order of firing, when time jumps from one deadline to the next.
fn fired(timers: &mut Timers<usize>) -> Vec<usize> {
    let mut fired = Vec::new();
    while let Some((due, &number)) = timers.first() {
        assert_eq!(timers.pop_due(due.deadline), Some(number));
        fired.push(number);
    }
    assert!(timers.is_empty());
    fired
}

#[test]
fn equal_deadlines_fire_in_the_order_of_arming() {
    let mut timers = armed([2, 1, 1, 2, 1].map(secs));
    assert_eq!(fired(&mut timers), [1, 2, 4, 0, 3]);
}

#[test]
fn due_is_ordered_as_timers_fire() {
    let mut timers = Timers::default();
    let keys = [2, 1, 1].map(|n| timers.arm(secs(n), ()));
    let [late, first, second] = keys.map(|key| timers.table.due(key.index));
    assert!(first < second && second < late);
}

#[test]
fn a_cancelled_timer_is_gone() {
    for deadline in [Duration::ZERO, secs(1), Duration::MAX] {
        let mut timers = armed([deadline]);
        let key = timers.first().unwrap().0.key;
        assert_eq!(timers.deadline(key), Some(deadline));
        assert_eq!(timers.cancel(key), Some(0));
        assert_eq!(timers.cancel(key), None);
        assert_eq!(timers.deadline(key), None);
        assert!(timers.is_empty());
        assert_eq!(timers.pop_due(Duration::MAX), None);
    }
}

#[test]
fn a_key_does_not_find_a_later_timer_in_its_entry() {
    let mut timers = Timers::default();
    let old = timers.arm(secs(1), "old");
    assert_eq!(timers.pop_due(secs(1)), Some("old"));
    let new = timers.arm(secs(1), "new");
    assert_eq!(new.index, old.index);
    assert_eq!(timers.get(old), None);
    assert_eq!(timers.get_mut(old), None);
    assert_eq!(timers.deadline(old), None);
    assert_eq!(timers.cancel(old), None);
    assert_eq!(timers.cancel(new), Some("new"));
}

#[test]
fn entries_are_used_again() {
    let mut timers = Timers::default();
    for _ in 0..1000 {
        let key = timers.arm(HOUR, ());
        assert_eq!(key.index, 0);
        timers.cancel(key);
    }
}

#[test]
fn none_fires_a_nanosecond_early() {
    let short = (0..30).map(|bit| NANO * (1 << bit));
    let long = (0..64).map(|bit| secs(1 << bit));
    for deadline in short.chain(long) {
        let mut timers = armed([deadline, deadline]);
        assert_eq!(timers.pop_due(deadline.saturating_sub(NANO)), None);
        assert_eq!(timers.pop_due(deadline), Some(0));
        assert_eq!(timers.pop_due(deadline), Some(1));
    }
}

#[test]
fn the_end_of_time_has_an_order_too() {
    let deadlines = [0, 1, 0, 2, 1].map(|n| Duration::MAX.saturating_sub(NANO * n));
    assert_eq!(fired(&mut armed(deadlines)), [3, 1, 4, 0, 2]);
}

#[test]
fn the_end_of_what_the_wheel_counts_has_an_order() {
    let last = Duration::from_nanos(u64::MAX);
    let deadlines = [2, 1, 0, 1].map(|n| last + NANO * n);
    assert_eq!(fired(&mut armed(deadlines)), [2, 1, 3, 0]);
}

#[test]
fn a_timer_armed_for_the_past_fires_next() {
    let mut timers = armed([HOUR, HOUR + NANO]);
    assert_eq!(timers.first().unwrap().0.deadline, HOUR);
    timers.arm(secs(1), 2);
    timers.arm(Duration::ZERO, 3);
    assert_eq!(fired(&mut timers), [3, 2, 0, 1]);
}

#[test]
fn a_timer_alone_in_its_slot_takes_one_look() {
    let mut timers = armed([HOUR, HOUR * 50, Duration::MAX]);
    assert_eq!(timers.when_to_look(), Some(HOUR));
    assert_eq!(timers.pop_due(HOUR), Some(0));
    assert_eq!(timers.when_to_look(), Some(HOUR * 50));
    assert_eq!(timers.pop_due(HOUR * 50), Some(1));
    assert_eq!(timers.when_to_look(), Some(Duration::MAX));
}

#[test]
fn a_timer_takes_one_look_a_level_at_most() {
    let years = HOUR * 24 * 365 * 500;
    let mut timers = armed([years, years + NANO]);
    let mut now = Duration::ZERO;
    let mut looks = 0;
    while timers.pop_due(now).is_none() {
        let next = timers.when_to_look().unwrap();
        assert!(now < next && next <= years);
        (now, looks) = (next, looks + 1);
    }
    assert_eq!((now, looks), (years, 8));
}

#[test]
fn asking_when_to_look_brings_no_other_timer_near() {
    let mut timers = armed([HOUR, HOUR]);
    assert!(timers.when_to_look().unwrap() > secs(60));
    timers.arm(secs(60), 2);
    timers.arm(secs(80), 3);
    assert!(timers.near.is_empty());
    assert_eq!(timers.when_to_look(), Some(secs(60)));
    assert_eq!(timers.near.len(), 1);
}

#[test]
fn the_deadline_of_a_close_timer_is_exact() {
    let mut timers = armed([]);
    timers.pop_due(HOUR);
    let soon = HOUR + Duration::from_micros(100);
    for number in 0..2 {
        timers.arm(soon, number);
    }
    assert_eq!(timers.when_to_look(), Some(soon));
}

#[test]
fn the_first_of_many_does_not_bring_them_all_near() {
    let mut timers = armed((0..1000).map(|n| HOUR + secs(n)));
    assert_eq!(timers.first().unwrap().0.deadline, HOUR);
    assert_eq!(timers.near.len(), 1);
}
