//! The innermost collector of this thread, which hears of exits that went wrong instead of the
//! hook.

use core::cell::Cell;
use core::mem::{self, ManuallyDrop};
use std::boxed::Box;
use std::vec::Vec;

use super::exit_report::ExitReport;
use super::labels::{self, Labels};
use crate::util::lent::{self, Lent};

/// The reports of a collector. There are none as a rule, so it takes one word.
pub(crate) type Collected = Option<Box<Vec<ExitReport>>>;

/// Where a report goes.
#[derive(Default)]
struct Place {
    /// Whether there is a collector. Otherwise it goes to the hook.
    is_collected: bool,
    reports: Collected,
    /// The labels between the collector and the code that runs.
    labels: Labels,
}

std::thread_local! {
    /// Whether there is a collector, to be asked before anything else.
    static IS_COLLECTED: Cell<bool> = const { Cell::new(false) };
    /// Empty between polls. Without a destructor the variable is there until the thread has ended.
    static REPORTS: Lent<Collected> = const { lent::new(None) };
}

#[inline(never)]
fn replace(place: Place) -> Place {
    Place {
        is_collected: IS_COLLECTED.replace(place.is_collected),
        reports: lent::replace(&REPORTS, place.reports),
        labels: labels::replace(place.labels),
    }
}

/// A time during which a collector hears. It ends when this is dropped, also by a panic, and the
/// reports go back to their owner.
pub(crate) struct Collecting<'a> {
    home: &'a mut Collected,
    /// What was there before, unless that was nothing. It is taken when this is dropped.
    around: ManuallyDrop<Option<Place>>,
}

impl<'a> Collecting<'a> {
    #[inline]
    pub(crate) fn begin(home: &'a mut Collected) -> Self {
        let mut collecting = Collecting {
            home,
            around: ManuallyDrop::new(None),
        };
        if is_collecting() || labels::are_some() {
            *collecting.around = Some(replace(Place::default()));
        }
        IS_COLLECTED.set(true);
        if collecting.home.is_some() {
            // What is replaced is `None`: forgetting it saves the look.
            mem::forget(lent::replace(&REPORTS, collecting.home.take()));
        }
        collecting
    }
}

impl Collecting<'_> {
    /// Ends it, as a drop does, but inlined.
    #[inline]
    pub(crate) fn end(mut self) {
        self.give_back();
        mem::forget(self);
    }

    #[inline]
    fn give_back(&mut self) {
        match self.around.take() {
            None => {
                IS_COLLECTED.set(false);
                mem::forget(mem::replace(self.home, lent::replace(&REPORTS, None)));
            }
            Some(around) => {
                *self.home = replace(around).reports;
            }
        }
    }
}

impl Drop for Collecting<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Runs `f` outside of every collector: what goes wrong in it goes to the hook.
#[inline]
pub(crate) fn uncollected<T>(f: impl FnOnce() -> T) -> T {
    if !is_collecting() {
        return f();
    }
    let _aside = Aside(replace(Place::default()));
    f()
}

/// A collector that is put aside. It is brought back when this is dropped.
struct Aside(Place);

impl Drop for Aside {
    fn drop(&mut self) {
        replace(mem::take(&mut self.0));
    }
}

/// Whether there is a collector.
#[inline]
pub(super) fn is_collecting() -> bool {
    IS_COLLECTED.get()
}

/// Gives a report to the innermost collector, with the labels around, or back if there is none.
pub(super) fn collect(report: ExitReport) -> Result<(), ExitReport> {
    if !is_collecting() {
        return Err(report);
    }
    let mut reports = lent::replace(&REPORTS, None);
    reports
        .get_or_insert_default()
        .push(report.labelled(labels::current()));
    lent::replace(&REPORTS, reports);
    Ok(())
}
