//! The README's first code, by hand.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;

use forwith::{AsyncEnter, AsyncExit, IntoStream, Outcome};
use forwith_runtime::mock::{Database, Error, RemoteContainer};
use futures::{FutureExt, StreamExt};

type Animals = RemoteContainer<(&'static str, &'static str)>;

pub async fn run(server: &Database, animals: &Animals) -> Result<usize, Error> {
    store(server, animals).await
}

// README
async fn store(server: &Database, animals: &Animals) -> Result<usize, Error> {
    let url = "mock://db.somedomain.net";
    let db = server.connect(url).enter().await?;
    let body = AssertUnwindSafe(async {
        let mut n = 0;
        let mut animals = pin!(animals.into_stream());
        while let Some(animal) = animals.next().await {
            let (name, sound) = animal?;
            db.set_key(name, sound).await?;
            n += 1;
        }
        Ok(n)
    });
    let caught = body.catch_unwind().await;
    let outcome = match &caught {
        Ok(Ok(_)) => Outcome::Completed,
        Ok(Err(_)) => Outcome::Failed,
        Err(_) => Outcome::Panicked(""),
    };
    let left = db.exit(outcome).await;
    match caught {
        Ok(Ok(n)) => left.map(|()| n),
        Ok(Err(error)) => Err(error),
        Err(panic) => resume_unwind(panic),
    }
}
