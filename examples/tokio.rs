//! How do I use it on tokio? As everywhere: here a pool lends connections, and each is given back,
//! whatever its task does.

use std::sync::Arc;
use std::time::Duration;

use forwith::{AsyncExit, Outcome, async_with};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

struct Connection {
    number: u32,
    _permit: OwnedSemaphorePermit,
}

async fn borrow(pool: Arc<Semaphore>, number: u32) -> Result<Connection, String> {
    let permit = pool.acquire_owned().await;
    Ok(Connection {
        number,
        _permit: permit.map_err(|error| error.to_string())?,
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
    let task = |number| tokio::spawn(work(pool.clone(), number));
    let mut results = Vec::new();
    for task in [1, 2, 3].map(task) {
        results.push(task.await.expect("no task panics"));
    }
    println!("{results:?}");
    assert_eq!(results, [Ok(10), Err("two is refused".into()), Ok(30)]);
    assert_eq!(pool.available_permits(), 2);
}
