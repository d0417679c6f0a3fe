//! The code of `DESIGN.md`, by hand.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;

use forwith::{AsyncEnter, AsyncExit, IntoStream, Outcome};
use forwith_runtime::mock::{Database as Server, Error, RemoteContainer};
use futures::{FutureExt, StreamExt};

type Stored = Result<usize, Error>;

const URL: &str = "mock://db.somedomain.net";

fn zoo() -> RemoteContainer<(&'static str, &'static str)> {
    RemoteContainer::new([("cow", "Moo!"), ("cat", "Meow!")])
}

pub async fn run(server: &Server) -> Stored {
    store(server).await
}

// DESIGN.md
async fn store(server: &Server) -> Stored {
    let db = server.connect(URL).enter().await?;
    let body = AssertUnwindSafe(async {
        let mut n = 0;
        let mut zoo = pin!(zoo().into_stream());
        while let Some(item) = zoo.next().await {
            let (name, sound) = item?;
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
    let exited = db.exit(outcome).await;
    match caught {
        Ok(Ok(n)) => exited.map(|()| n),
        Ok(Err(error)) => Err(error),
        Err(panic) => resume_unwind(panic),
    }
}
