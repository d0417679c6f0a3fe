//! How do I run the bodies of a loop at once? With `#[concurrent(n)]`: when one of them fails, and
//! has exited its own resources, the others are exited, too, and its error leaves the function.

use std::time::Duration;

use forwith::{async_for, async_with};
use forwith_runtime::mock::{Database, Error, RemoteContainer};
use forwith_runtime::{Executor, now, sleep};

type Animals = RemoteContainer<&'static str>;

async fn store_all(animals: Animals, server: &Database) -> Result<(), Error> {
    async_for!(
        #[concurrent(3)]
        for animal in &animals {
            let animal = animal?;
            async_with!(
                server.connect("mock://db.somedomain.net") as db,
                db.begin() as tx,
                {
                    println!("{:?}: listening to the {animal}", now());
                    sleep(Duration::from_secs(2)).await;
                    if animal == "fox" {
                        return Err(Error::Request("what does the fox say?".into()));
                    }
                    tx.set_key(animal, "heard").await?;
                }
            )?;
        }
    );
    Ok(())
}

fn main() {
    let server = Database::new();
    Executor::with_virtual_clock().block_on(async {
        let stored = store_all(Animals::new(["cat", "cow", "dog", "hen"]), &server).await;
        assert_eq!((stored, server.contents().len()), (Ok(()), 4));
        assert!(now() < Duration::from_secs(6), "three were heard at once");

        let stored = store_all(Animals::new(["pig", "fox", "ape"]), &server).await;
        println!("{:?}: {}", now(), stored.unwrap_err());
    });
    server
        .audit()
        .expect("all are committed or rolled back, and disconnected");
}
