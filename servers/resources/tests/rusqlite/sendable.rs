//! Work with each resource can be spawned. It compiles, or does not.

use std::sync::{Arc, Mutex};

use forwith::async_with;
use forwith_resources::rusqlite::transaction;
use rusqlite::{Connection, Result};

use super::insert;

fn spawned<A, F: Future + Send + 'static>(_: fn(A) -> F) {}

#[test]
fn work_with_a_resource_of_rusqlite_is_send() {
    async fn work(conns: [Arc<Mutex<Connection>>; 2]) -> Result<()> {
        async_with!(transaction(&conns[0]) as tx, {
            tx.run(insert(1)).await?;
            let outer = &*tx;
            async_with!(transaction(&conns[1]) as tx, {
                tx.run(insert(2)).await?;
                outer.run(insert(3)).await?;
            })?;
        })
    }
    spawned(work);
}
