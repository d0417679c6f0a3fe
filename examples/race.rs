//! How do I take the first of several answers? With `race`: the others are cancelled, and their
//! exits awaited, before it gives the value.

use std::time::Duration;

use forwith::{async_with, race};
use forwith_runtime::mock::{Database, Error, Latency};
use forwith_runtime::{Executor, now};

async fn ask(server: &Database) -> Result<usize, Error> {
    async_with!(server.connect("mock://db.somedomain.net") as db, {
        db.len().await?
    })
}

fn main() {
    let near = Database::new();
    let far = Database::new().with_request_latency(Latency::Time(Duration::from_secs(60)));
    Executor::with_virtual_clock().block_on(async {
        let first = race((async { ("far", ask(&far).await) }, async {
            ("near", ask(&near).await)
        }));
        let (name, answer) = first.await;
        println!("{:?}: the {name} server was first: {answer:?}", now());
        assert_eq!((name, answer.ok()), ("near", Some(0)));
        assert!(now() < Duration::from_secs(60));
    });
    for entry in far.log() {
        println!("{entry}");
    }
    far.audit().expect("the other connection was closed, too");
}
