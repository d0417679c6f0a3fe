//! Random programs of tasks that spawn, wake, await, cancel, abort and forget each other, also in
//! destructors and wakers, in nested executors and from other threads. Invariants are checked at
//! each step.
//!
//! `FORWITH_SEED` and `FORWITH_CASES` choose other programs. A program that fails is printed with
//! its seed.

mod pool;
mod probe;
mod run;
mod world;

use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::alone::alone;
use world::Seen;

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable);
    set.map_or(default, |text| text.parse().expect("a number"))
}

/// Aborts the process if a program hangs, as it does after a lost wake.
fn watch(seed: &'static AtomicU64) {
    thread::spawn(move || {
        loop {
            let before = seed.load(Ordering::SeqCst);
            thread::sleep(Duration::from_secs(120));
            if seed.load(Ordering::SeqCst) == before {
                eprintln!("FORWITH_SEED={before}: it hangs");
                std::process::abort();
            }
        }
    });
}

#[test]
fn random_tasks_do_not_harm_each_other() {
    alone(|| {
        static SEED: AtomicU64 = AtomicU64::new(0);
        let (first, cases) = (number("FORWITH_SEED", 1), number("FORWITH_CASES", 400));
        forwith::report::set_hook(|_| ());
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| ()));
        if !cfg!(miri) {
            watch(&SEED); // but miri is slow, and tells of a deadlock itself
        }
        // What the process allocates once is allocated now.
        let first_few = if cfg!(miri) { 1 } else { 10 };
        (1..=first_few).for_each(|seed| drop(run::case(seed)));
        let mut all = Seen::default();
        let failed = (first..first + cases).find_map(|seed| {
            SEED.store(seed, Ordering::SeqCst);
            let (seen, wrong) = run::case(seed);
            all = sum(all, seen);
            (!wrong.is_empty()).then_some((seed, wrong))
        });
        panic::set_hook(hook);
        if let Some((seed, wrong)) = failed {
            panic!("FORWITH_SEED={seed}: {wrong:#?}");
        }
        println!("{all:?}");
        assert!(cases < 400 || has_enough(all), "the programs are too tame");
    });
}

fn sum(a: Seen, b: Seen) -> Seen {
    Seen {
        futures: a.futures + b.futures,
        polls: a.polls + b.polls,
        runs: a.runs + b.runs,
        aborted: a.aborted + b.aborted,
        cancelled: a.cancelled + b.cancelled,
        panicked: a.panicked + b.panicked,
        fetched: a.fetched + b.fetched,
        from_elsewhere: a.from_elsewhere + b.from_elsewhere,
        forgotten: a.forgotten + b.forgotten,
    }
}

/// Whether every rare event has happened often enough.
fn has_enough(seen: Seen) -> bool {
    let rare = [seen.aborted, seen.cancelled, seen.panicked, seen.fetched];
    rare.into_iter().all(|count| count > 200) && seen.from_elsewhere > 100 && seen.forgotten > 5
}
