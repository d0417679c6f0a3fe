//! How do I enter resources whose number is known only at run time? In an `ExitStack`: a resource
//! that exits all of them, the last one first.

use forwith::{ExitStack, async_with};
use forwith_runtime::Executor;
use forwith_runtime::mock::{Database, Error};

async fn store_in_all(servers: &[Database]) -> Result<usize, Error> {
    async_with!(ExitStack::new() as connections, {
        for server in servers {
            // If one cannot be entered, those before it are exited.
            connections
                .enter(server.connect("mock://db.somedomain.net"))
                .await?;
        }
        for db in connections.iter() {
            db.set_key("cow", "Moo!").await?;
        }
        connections.len()
    })
}

fn main() {
    let servers = [Database::new(), Database::new(), Database::new()];
    let stored = Executor::with_virtual_clock().block_on(store_in_all(&servers));
    assert_eq!(stored.unwrap(), 3);
    for (number, server) in (1..).zip(&servers) {
        let log = server.log();
        println!("server {number}: {}", log.last().expect("it was connected"));
        server.audit().expect("it was disconnected");
    }
    let closed = |server: &Database| server.log().last().and_then(|entry| entry.at);
    assert!(closed(&servers[2]) < closed(&servers[1]));
    assert!(closed(&servers[1]) < closed(&servers[0]));
}
