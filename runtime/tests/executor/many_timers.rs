//! A million timers at once.

use std::future::Future;
use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake};
use std::time::Duration;

use forwith_runtime::{Executor, now, sleep};

type Rung = Arc<Mutex<Vec<(Duration, u32)>>>;

/// A waker that records when it is woken.
struct Bell {
    number: u32,
    rung: Rung,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.lock().unwrap().push((now(), self.number));
    }
}

/// Spreads the timers over half a minute, several on each millisecond, in no order.
fn deadline(number: u32) -> Duration {
    Duration::from_millis(u64::from(number) * 7_919 % 30_011)
}

/// Arms a timer that rings a bell, and keeps it armed.
fn arm(number: u32, rung: &Rung) {
    let bell = Bell {
        number,
        rung: rung.clone(),
    };
    let mut sleep = sleep(deadline(number));
    let waker = Arc::new(bell).into();
    let polled = pin!(&mut sleep).poll(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    mem::forget(sleep); // It has nothing of its own, and dropped it would disarm the timer.
}

#[test]
fn million_timers_fire_exactly_and_in_order() {
    let rung = Rung::default();
    Executor::with_virtual_clock().block_on(async {
        for number in 0..1_000_000 {
            arm(number, &rung);
        }
        sleep(Duration::from_secs(31)).await;
    });
    let rung = rung.lock().unwrap();
    assert_eq!(rung.len(), 1_000_000);
    assert!(rung.iter().all(|&(at, number)| at == deadline(number)));
    // Ordered by time, then by number, and none twice.
    assert!(rung.is_sorted_by(|one, next| one < next));
}
