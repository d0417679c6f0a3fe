//! What if others drop my futures (`select!`, `abort`, tokio's `timeout`)? A dropped future awaits
//! nothing: its resources hand their exits to a `Reaper`, and the end of `main` waits for those.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{AsyncExit, Handoff, Outcome, async_with};
use tokio::time::{sleep, timeout};

static CLOSED: AtomicBool = AtomicBool::new(false);

struct Connection;

impl AsyncExit for Connection {
    type Error = String;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), String> {
        println!("closing the connection: {outcome:?}");
        sleep(Duration::from_millis(10)).await; // say goodbye
        CLOSED.store(true, Ordering::Relaxed);
        println!("closed");
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        println!("dropped: the reaper is to close the connection");
        handoff.run(self.exit(Outcome::Cancelled));
    }
}

#[tokio::main]
async fn main() {
    let reaper = Reaper::tokio();
    reaper.install();
    let work = async { async_with!(async { Ok(Connection) }, { pending::<()>().await }) };
    assert!(timeout(Duration::from_millis(10), work).await.is_err());
    assert!(!CLOSED.load(Ordering::Relaxed)); // tokio's timeout did not wait for the exit
    reaper.join().await;
    assert!(CLOSED.load(Ordering::Relaxed)); // but the reaper has
}
