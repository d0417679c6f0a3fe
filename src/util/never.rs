//! The end of code that never runs.

/// Stands where code never runs, unless this crate has a fault.
///
/// Each use of the macros has such places, so that this is as little code as can be: it takes no
/// message, and does not unwind, for which its callers would need code, too.
#[cold]
#[inline(never)]
pub extern "C" fn never() -> ! {
    unreachable!("forwith has reached code that never runs: please report it")
}
