#![deny(unused_must_use)]

use forwith::resource::exit_with;
use forwith::{AsyncEnter, AsyncExit, BoxExit};
use support::{Db, connect};

fn from_pool() -> impl AsyncExit {
    exit_with((), async |(), _| Ok::<_, String>(()))
}

async fn opened() -> impl AsyncExit {
    from_pool()
}

fn header() -> impl AsyncEnter<Resource = Db> {
    connect()
}

async fn forgotten() {
    exit_with("lock", async |_, _| Ok::<_, String>(()));
    BoxExit::new(exit_with("lock", async |_, _| Ok::<_, String>(())));
    from_pool();
    opened().await;
    header();
}

fn main() {}
