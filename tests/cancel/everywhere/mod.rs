//! A strike at every tick of every program, on four executors: the whole trace is always the same,
//! and the right one.
//!
//! The cases are a product: each ending of a body, on one to three levels, alone or with siblings,
//! and at each of its ticks a stop, a panic or a drop of the whole. Programs without siblings are
//! compared with a model. All traces are checked for invariants.

mod case;
mod check;
mod drive;
mod model;
mod table;
mod trace;

use std::sync::LazyLock;

use forwith_runtime::Executor;

use drive::{Drive, End};
use table::Entry;

/// The cases of one strike and those of two, which are the same for every executor.
static TABLE: LazyLock<[Vec<Entry>; 2]> =
    LazyLock::new(|| [table::one_strike(), table::two_strikes()]);

/// Runs the whole table, which must not shrink.
fn assert_table(executor: &str, mut run: impl FnMut(Drive) -> End) {
    let [one, two] = &*TABLE;
    for entry in one.iter().chain(two) {
        entry.assert(&mut run);
    }
    let (one, two) = (one.len(), two.len());
    println!("{executor}: {one} cases of one strike, {two} of two");
    assert!(
        one >= 54_988 && two >= 38_196,
        "{one} and {two} cases are too few"
    );
}

#[test]
fn same_traces_on_forwith_runtime() {
    assert_table("forwith-runtime", |drive| {
        Executor::with_virtual_clock().block_on(drive)
    });
}

#[test]
fn same_traces_on_one_thread_of_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    assert_table("tokio, one thread", |drive| runtime.block_on(drive));
}

#[test]
fn same_traces_on_several_threads_of_tokio() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).build().unwrap();
    assert_table("tokio, several threads", |drive| {
        runtime.block_on(runtime.spawn(drive)).unwrap()
    });
}

#[test]
fn same_traces_on_smol() {
    assert_table("smol", smol::block_on);
}
