//! How do I keep a few steps together when a time limit comes in between? With `shield`: what it
//! holds runs to its end, and the cancellation takes effect at the next wait after it.

use std::time::Duration;

use forwith::{async_with, scope, shield};
use forwith_runtime::mock::{Database, Error};
use forwith_runtime::{Executor, sleep};

const SECOND: Duration = Duration::from_secs(1);

async fn transfer(server: &Database) -> Result<(), Error> {
    async_with!(server.connect("mock://db.somedomain.net") as db, {
        let both = shield(async {
            db.set_key("from", "-7").await?;
            sleep(2 * SECOND).await; // the time limit comes here
            db.set_key("to", "+7").await
        });
        both.await?;
        sleep(SECOND).await; // and takes effect here
        db.set_key("note", "thanks").await?;
    })
}

fn main() {
    let server = Database::new();
    let limited = async { scope(transfer(&server), sleep(SECOND)).await };
    let ended = Executor::with_virtual_clock().block_on(limited);
    println!("{ended:?}: {:?}", server.contents());
    assert!(ended.is_err());
    let keys: Vec<_> = server.contents().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["from", "to"]); // both, but not the note
}
