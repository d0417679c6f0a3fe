//! How do I give rows while a transaction is open, as for the body of a response? In a function
//! that gives its items to a stream: `stream_fn`. The transaction ends with the stream.

use forwith::source::{StreamFn, merge, stream_fn};
use forwith::{async_for, async_with};
use forwith_runtime::mock::{Database, Error};
use forwith_runtime::{Executor, spawn, yield_now};
use futures::StreamExt;

type Row = (String, String);

/// All rows, in one transaction. The function runs while somebody asks for the next row.
fn rows(database: Database) -> StreamFn<Row, Error> {
    stream_fn(async move |out| {
        async_with!(database.connect("mock://db.somedomain.net") as db, {
            let animals = db.items();
            async_with!(db.begin() as tx, {
                async_for!(for row in animals {
                    let (animal, sound) = row?;
                    tx.set_key(&animal, &format!("{sound} (read)")).await?;
                    out.give((animal, sound)).await;
                });
            })?;
        })
    })
}

async fn fill(database: &Database) -> Result<(), Error> {
    async_with!(database.connect("mock://db.somedomain.net") as db, {
        for (animal, sound) in [("cat", "Meow!"), ("cow", "Moo!"), ("dog", "Woof!")] {
            db.set_key(animal, sound).await?;
        }
    })
}

/// Whoever stops early has the transaction rolled back, before the code behind the loop runs.
async fn first_with(letters: &str, database: &Database) -> Result<Option<Row>, Error> {
    async_with!(rows(database.clone()) as rows, {
        async_for!(for row in rows {
            let row = row?;
            if row.0.starts_with(letters) {
                break row;
            }
        })
    })
}

/// Two databases at once. When one row is found, both transactions are rolled back.
async fn first_of_both(databases: [&Database; 2]) -> Result<Option<Row>, Error> {
    let both = databases.map(|database| rows(database.clone()));
    async_with!(merge(both) as rows, {
        async_for!(for row in rows {
            break row?;
        })
    })
}

fn how_it_ended(database: &Database) -> String {
    database.audit().expect("nothing is open, nothing was lost");
    let log = database.log().into_iter().map(|entry| entry.to_string());
    let mut ended = log.filter(|line| line.contains("committed") || line.contains("rolled back"));
    ended.next_back().expect("a transaction has ended")
}

fn main() {
    let database = Database::new();
    let other = Database::new();
    Executor::with_virtual_clock().block_on(async {
        fill(&database).await.unwrap();
        fill(&other).await.unwrap();

        let found = first_with("co", &database).await.unwrap();
        assert_eq!(found, Some(("cow".into(), "Moo!".into())));
        println!("a loop that ends early: {}", how_it_ended(&database));

        let all: Vec<_> = rows(database.clone()).collect().await;
        assert!(all.iter().all(Result::is_ok));
        println!("a stream at its end:    {}", how_it_ended(&database));

        let found = first_of_both([&database, &other]).await.unwrap();
        assert_eq!(found.unwrap().0, "cat");
        println!("two at once:            {}", how_it_ended(&other));

        // A server drops the body of a response when its client leaves.
        let mut body = rows(other.clone());
        assert!(body.next().await.unwrap().is_ok());
        let served = spawn(async move { while body.next().await.is_some() {} });
        yield_now().await;
        served.abort();
    });
    // The executor is the reaper of its thread, and has run the exits in the body.
    println!("a body that is dropped: {}", how_it_ended(&other));
}
