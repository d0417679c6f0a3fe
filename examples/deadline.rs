//! How do I extend a time limit from inside? With a `Deadline`: a stop that the work itself, or
//! code elsewhere, moves and asks while the work runs.

use std::time::Duration;

use forwith::{async_with, scope};
use forwith_runtime::mock::{Database, Error};
use forwith_runtime::{Deadline, Executor, now, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Stores what a customer says, who may think for three seconds each time.
async fn store(server: &Database, deadline: &Deadline) -> Result<(), Error> {
    async_with!(server.connect("mock://db.somedomain.net") as db, {
        for (animal, thinks) in [("cow", 1), ("cat", 2), ("dog", 2), ("owl", 60)] {
            sleep(thinks * SECOND).await;
            println!(
                "{:?}: {animal}, {:?} remaining",
                now(),
                deadline.remaining()
            );
            deadline.set(now() + 3 * SECOND);
            db.set_key(animal, "hello").await?;
        }
    })
}

fn main() {
    let server = Database::new();
    Executor::with_virtual_clock().block_on(async {
        let deadline = Deadline::after(3 * SECOND);
        let ended = scope(store(&server, &deadline), &deadline).await;
        println!("{:?}: {ended:?}", now());
        assert!(ended.is_err()); // nobody waits for the owl
        assert!(now() > 8 * SECOND); // the limit of three seconds was moved three times
    });
    assert_eq!(server.contents().len(), 3);
    server.audit().expect("disconnected");
}
