//! Records a timeline of tasks on tokio: which resource each task had entered, and what it waited
//! for. A layer for `tracing` records it, so `forwith-runtime` is not needed.
//!
//! `cargo run --package forwith-example-tokio-timeline`

use std::convert::Infallible;
use std::time::Duration;

use forwith::{AsyncExit, Outcome, async_with, scope};
use forwith_timeline::Timeline;
use tokio::time::sleep;
use tracing::{Instrument, info, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

struct Connection;

async fn connect() -> Result<Connection, Infallible> {
    sleep(Duration::from_millis(20)).await;
    Ok(Connection)
}

impl AsyncExit for Connection {
    type Error = Infallible;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Infallible> {
        sleep(Duration::from_millis(10)).await; // say goodbye
        Ok(())
    }
}

/// Writes for so long, unless the time limit cancels it.
async fn write(tens_of_millis: u64) {
    let work = async {
        async_with!(connect(), {
            sleep(Duration::from_millis(10 * tens_of_millis)).await;
            info!("written");
        })
    };
    let _ = scope(work, sleep(Duration::from_millis(300))).await;
}

#[tokio::main]
async fn main() {
    let timeline = Timeline::new();
    tracing_subscriber::registry().with(timeline.layer()).init();

    let quick = tokio::spawn(write(3).instrument(info_span!("writer", n = 1)));
    let slow = tokio::spawn(write(100).instrument(info_span!("writer", n = 2)));
    quick.await.unwrap();
    slow.await.unwrap();
    println!("{timeline}"); // `timeline.svg()` is a picture of it
}
