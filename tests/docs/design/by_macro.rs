//! The code of `DESIGN.md`, with the macros.

use forwith_runtime::mock::{Database as Server, Error, RemoteContainer};

type Stored = Result<usize, Error>;

const URL: &str = "mock://db.somedomain.net";

fn zoo() -> RemoteContainer<(&'static str, &'static str)> {
    RemoteContainer::new([("cow", "Moo!"), ("cat", "Meow!")])
}

pub async fn run(server: &Server) -> Stored {
    store(server).await
}

// DESIGN.md
use forwith::{async_for, async_with};

async fn store(server: &Server) -> Stored {
    async_with!(server.connect(URL) as db, {
        let mut n = 0;
        async_for!(for item in zoo() {
            let (name, sound) = item?;
            db.set_key(name, sound).await?;
            n += 1;
        });
        n
    })
}
