use std::future::ready;

use forwith::{AsyncEnterExt, async_with};
use futures::FutureExt;
use support::{Db, connect};

async fn connect_to(_: &str) -> Result<Db, String> {
    connect().await
}

async fn rows(url: String) -> Result<usize, String> {
    let connecting = ready(&url).then(|url| connect_to(url));
    async_with!(connecting.map_error(|error| error + "!") as db, { db.rows.len() })
}

async fn the_way(url: String) -> Result<usize, String> {
    let connecting = async { ready(&url).then(|url| connect_to(url)).await };
    async_with!(connecting.map_error(|error| error + "!") as db, { db.rows.len() })
}

fn spawn(_: impl Future + Send) {}

fn main() {
    spawn(the_way(String::new()));
    spawn(rows(String::new()));
}
