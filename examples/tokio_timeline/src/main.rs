//! Who had what entered on tokio, and waited for what: a timeline, recorded by a layer of `tracing`.
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

/// Takes so long, or is cancelled.
async fn write(tens_of_millis: u64) {
    let work = async {
        async_with!(connect(), {
            sleep(Duration::from_millis(10 * tens_of_millis)).await;
            info!("written");
        })
    };
    let _ = scope(work, sleep(Duration::from_millis(80))).await;
}

#[tokio::main]
async fn main() {
    let timeline = Timeline::new();
    tracing_subscriber::registry().with(timeline.layer()).init();

    let quick = tokio::spawn(write(3).instrument(info_span!("writer", n = 1)));
    let slow = tokio::spawn(write(30).instrument(info_span!("writer", n = 2)));
    quick.await.unwrap();
    slow.await.unwrap();
    println!("{timeline}"); // `timeline.svg()` draws it
}
