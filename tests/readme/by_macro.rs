//! The README's first code.

use forwith_runtime::mock::{Database, Error, RemoteContainer};

type Animals = RemoteContainer<(&'static str, &'static str)>;

pub async fn run(server: &Database, animals: &Animals) -> Result<usize, Error> {
    store(server, animals).await
}

// README
use forwith::{async_for, async_with};

async fn store(server: &Database, animals: &Animals) -> Result<usize, Error> {
    let url = "mock://db.somedomain.net";
    async_with!(server.connect(url) as db, {
        let mut n = 0;
        async_for!(for animal in animals {
            let (name, sound) = animal?;
            db.set_key(name, sound).await?;
            n += 1;
        });
        n
    })
}
