//! Exits that consist of those of other resources.

use core::any::type_name;
use core::future::{Future, poll_fn};
use core::mem;
use core::pin::pin;
use core::task::Poll;

use crate::util::panic;
use crate::{observe, reaper};

/// Tells probes that the exit of a whole is dropped before its end. It outlives that where those
/// of its parts do, and a reaper takes them.
pub(crate) fn tell_whole_dropped(resource: &'static str, outlives: bool) {
    if outlives && reaper::has_reaper() {
        observe::outlives(resource);
    } else {
        observe::cut(resource);
    }
}

/// Awaits the exits of a whole, none of which outlives a drop. Tells probes when it is dropped.
pub(crate) async fn tell_if_dropped<R, F: Future>(exits: F) -> F::Output {
    struct Told(&'static str);

    impl Drop for Told {
        fn drop(&mut self) {
            tell_whole_dropped(self.0, false);
        }
    }

    let told = Told(type_name::<R>());
    let mut exits = pin!(exits);
    let ended = poll_fn(|cx| match panic::catch(|| exits.as_mut().poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(payload) => Poll::Ready(Err(payload)),
    });
    let ended = ended.await;
    mem::forget(told);
    ended.unwrap_or_else(|payload| panic::resume(payload))
}
