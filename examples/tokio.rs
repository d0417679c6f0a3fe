//! The same macros on tokio: a pool lends connections, and each is given back, whatever happens.

use std::sync::Arc;
use std::time::Duration;

use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

struct Connection {
    number: u32,
    _permit: OwnedSemaphorePermit,
}

async fn borrow(pool: Arc<Semaphore>, number: u32) -> Result<Connection, String> {
    let permit = pool
        .acquire_owned()
        .await
        .map_err(|error| error.to_string())?;
    Ok(Connection {
        number,
        _permit: permit,
    })
}

impl AsyncExit for Connection {
    type Error = String;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), String> {
        sleep(Duration::from_millis(1)).await; // say goodbye
        println!("connection {} is given back: {outcome:?}", self.number);
        Ok(())
    }
}

async fn work(pool: Arc<Semaphore>, number: u32) -> Result<u32, String> {
    async_with!(borrow(pool, number) as connection, {
        sleep(Duration::from_millis(2)).await;
        if connection.number == 2 {
            Err("two is refused")?;
        }
        connection.number * 10
    })
}

#[tokio::main]
async fn main() {
    let pool = Arc::new(Semaphore::new(2));
    let tasks: Vec<_> = (1..=3)
        .map(|number| tokio::spawn(work(pool.clone(), number)))
        .collect();
    async_for!(for task in stream::iter(tasks) {
        println!("{:?}", task.await);
    });
    assert_eq!(pool.available_permits(), 2);
}
