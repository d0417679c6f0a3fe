//! Resource functions: every way out, cancelled and dropped at each poll, nested in each other and
//! in scopes.

mod ends;
mod hand_out;
mod nested;
mod program;
mod strikes;
mod values;

use forwith::async_with;
use forwith::resource::{ResourceFn, resource_fn};

use crate::common::{Failure, Held, Trace, yield_once};

/// A resource function that traces its two parts, and holds a resource of its own meanwhile.
fn holding<'a>(
    trace: &'a Trace,
    conn: &'static str,
    tx: &'static str,
) -> ResourceFn<'a, Held, Failure> {
    resource_fn(async move |stage| {
        async_with!(trace.open(conn), {
            trace.note(format!("begin {tx}"));
            yield_once().await;
            let (value, ended) = stage.hand_out(Held(tx, trace.clone())).await;
            trace.note(format!("ending {}: {ended:?}", value.0));
            yield_once().await;
            trace.note(format!("ended {tx}"));
        })
    })
}
