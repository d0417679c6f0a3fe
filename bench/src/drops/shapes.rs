//! The ways in which resources stand to each other.

use std::convert::Infallible;
use std::pin::Pin;

use forwith::{AsyncEnterExt, BoxExit, ExitStack, ExitWith, async_with};

use super::server::{Client, LONGEST_WAY, Lock, Phase};

/// Work with resources.
pub type Work = Pin<Box<dyn Future<Output = ()>>>;

pub struct Shape {
    pub name: &'static str,
    pub work: fn(Client) -> Work,
    /// The time that the work takes at most, in milliseconds.
    pub longest: u64,
}

/// Every way. A row for enters side by side belongs behind the last one.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "alone",
        work: |client| run(client, alone),
        longest: messages(1),
    },
    Shape {
        name: "nested, 3",
        work: |client| run(client, nested),
        longest: messages(3),
    },
    Shape {
        name: "in an `ExitStack`, 3",
        work: |client| run(client, stacked),
        longest: messages(3),
    },
    Shape {
        name: "in an `ExitStack` of `BoxExit`, 3",
        work: |client| run(client, boxed),
        longest: messages(3),
    },
];

/// The time for a body, and for the four messages of each resource.
const fn messages(resources: u64) -> u64 {
    (1 + 4 * resources) * LONGEST_WAY
}

fn run<F>(client: Client, work: fn(Client) -> F) -> Work
where
    F: Future<Output = Result<(), Infallible>> + 'static,
{
    Box::pin(async move {
        let Ok(()) = work(client.clone()).await;
        client.set_phase(Phase::Idle);
    })
}

async fn alone(client: Client) -> Result<(), Infallible> {
    async_with!(client.clone().lock().outliving(), { client.wait().await })
}

async fn nested(client: Client) -> Result<(), Infallible> {
    let lock = || client.clone().lock().outliving();
    async_with!(lock(), lock(), {
        async_with!(lock(), { client.wait().await })?;
    })
}

async fn stacked(client: Client) -> Result<(), Infallible> {
    async_with!(ExitStack::new() as locks, {
        for _ in 0..3 {
            locks.enter(client.clone().lock().outliving()).await?;
        }
        client.wait().await;
    })
}

/// A resource, a value that a closure exits, and one with a mapped error.
async fn boxed(client: Client) -> Result<(), Infallible> {
    async fn plain(client: Client) -> Result<BoxExit<Infallible>, Infallible> {
        client.lock().await.map(BoxExit::new)
    }

    async fn by_a_closure(client: Client) -> Result<BoxExit<Infallible>, Infallible> {
        let lock = client.lock().exit_with(|lock: Lock, _| lock.give_back());
        lock.await.map(BoxExit::new)
    }

    async fn mapped(client: Client) -> Result<BoxExit<Infallible>, Infallible> {
        let lock = client.lock().await?;
        Ok(BoxExit::new(lock).map_error(|never| never))
    }

    async_with!(ExitStack::new() as locks, {
        locks.enter(plain(client.clone()).outliving()).await?;
        locks
            .enter(by_a_closure(client.clone()).outliving())
            .await?;
        locks.enter(mapped(client.clone()).outliving()).await?;
        client.wait().await;
    })
}
