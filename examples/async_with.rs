//! How do I close a connection, however the code ends? With `async_with!`: its exit is awaited at
//! the end, and on `return`, `?` and panics as well.

use forwith::async_with;
use forwith_runtime::Executor;
use forwith_runtime::mock::{Database, Error};

async fn store(database: &Database, sound: &str) -> Result<Option<String>, Error> {
    let url = "mock://db.somedomain.net";
    async_with!(database.connect(url) as db, {
        if sound.is_empty() {
            return Ok(None); // the connection is closed before this function returns
        }
        db.set_key("cow", sound).await?; // and here, if this fails
        db.get_key("cow").await?
    })
}

fn main() -> Result<(), Error> {
    let database = Database::new();
    Executor::with_virtual_clock().block_on(async {
        assert_eq!(store(&database, "Moo!").await?.as_deref(), Some("Moo!"));
        assert_eq!(store(&database, "").await?, None);
        Ok::<_, Error>(())
    })?;
    println!("what reached the server:");
    for entry in database.log() {
        println!("{entry}");
    }
    database.audit().expect("every connection was closed");
    Ok(())
}
