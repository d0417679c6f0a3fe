//! How do I limit the time that something takes? With `scope(work, sleep(limit))`, on any executor:
//! when the limit is over, the exits inside are awaited, and then the scope ends.

use std::time::Duration;

use forwith::{async_with, scope};
use forwith_runtime::mock::{Database, Error};
use forwith_runtime::{Executor, now, sleep};

async fn store_slowly(server: &Database) -> Result<(), Error> {
    async_with!(
        server.connect("mock://db.somedomain.net") as db,
        db.begin() as tx,
        {
            tx.set_key("cow", "Moo!").await?;
            sleep(Duration::from_secs(3600)).await; // the customer never answers
        }
    )
}

fn main() {
    let server = Database::new();
    Executor::with_virtual_clock().block_on(async {
        let ended = scope(store_slowly(&server), sleep(Duration::from_secs(3))).await;
        println!("{:?}: {ended:?}", now());
        assert!(ended.is_err());
        assert!(now() > Duration::from_secs(3)); // the exits took their time as well
    });
    for entry in server.log() {
        println!("{entry}");
    }
    server.audit().expect("rolled back and disconnected");
    assert!(server.contents().is_empty());
}
