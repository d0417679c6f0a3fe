//! `async with` on a database: connecting and closing are awaited, however the body is left.

use forwith::async_with;
use forwith_runtime::Executor;
use forwith_runtime::mock::{Database, Error};

async fn store(database: &Database, sound: &str) -> Result<Option<String>, Error> {
    let url = "mock://db.somedomain.net";
    async_with!(database.connect(url) as db, {
        if sound.is_empty() {
            return Ok(None); // the connection is closed before this function returns
        }
        db.set_key("cow", sound).await?; // and here, when it fails
        db.get_key("cow").await?
    })
}

fn main() -> Result<(), Error> {
    let database = Database::new();
    Executor::with_virtual_clock().block_on(async {
        println!("cow: {:?}", store(&database, "Moo!").await?);
        println!("nothing to store: {:?}", store(&database, "").await?);
        Ok::<_, Error>(())
    })?;
    println!("\nwhat reached the server:");
    for entry in database.log() {
        println!("{entry}");
    }
    Ok(())
}
