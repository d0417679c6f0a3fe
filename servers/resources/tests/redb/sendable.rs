//! Work with each resource can be spawned. It compiles, or does not.

use std::sync::Arc;

use forwith::async_with;
use forwith_resources::redb::write;
use redb::{Database, Durability, Error};

use super::insert;

fn spawned<A, F: Future + Send + 'static>(_: fn(A) -> F) {}

#[test]
fn work_with_a_resource_of_redb_is_send() {
    async fn work(db: Arc<Database>) -> Result<(), Error> {
        async_with!(write(&db).durability(Durability::Immediate) as tx, {
            tx.run(insert(1)).await?;
            let outer = &*tx;
            async_with!(write(&db) as tx, {
                tx.run(insert(2)).await?;
                outer.run(insert(3)).await?;
            })?;
        })
    }
    spawned(work);
}
