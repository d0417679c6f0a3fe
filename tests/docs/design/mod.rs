//! `DESIGN.md` shows code beside code: it compiles, and both sides do the same.

mod by_hand;
mod by_macro;

use forwith_runtime::Executor;
use forwith_runtime::mock::{Database, Error, Fault};

const DESIGN: &str = include_str!("../../../DESIGN.md");

#[test]
fn design_shows_this_code() {
    for source in [include_str!("by_hand.rs"), include_str!("by_macro.rs")] {
        let (_, code) = source.split_once("// DESIGN.md\n").unwrap();
        assert!(
            DESIGN.contains(code.trim()),
            "DESIGN.md has other code than\n{code}"
        );
    }
}

#[test]
fn both_do_the_same() {
    let faults = [
        None,
        Some(Fault::RefuseConnect),
        Some(Fault::FailRequest(2)),
        Some(Fault::FailTeardown),
    ];
    for fault in faults {
        let (macro_result, macro_log) = run(fault, async |server| by_macro::run(server).await);
        let (hand_result, hand_log) = run(fault, async |server| by_hand::run(server).await);
        assert_eq!(macro_result, hand_result, "{fault:?}");
        assert_eq!(macro_log, hand_log, "{fault:?}");
        assert_eq!(macro_result.is_ok(), fault.is_none(), "{fault:?}");
    }
}

/// Runs one of the two. Gives its result and the log of the server.
fn run(
    fault: Option<Fault>,
    store: impl AsyncFnOnce(&Database) -> Result<usize, Error>,
) -> (Result<usize, Error>, Vec<String>) {
    let server = Database::new();
    if let Some(fault) = fault {
        server.inject(fault);
    }
    let result = Executor::with_virtual_clock().block_on(store(&server));
    server.audit().unwrap();
    let log = server.log().iter().map(ToString::to_string).collect();
    (result, log)
}
