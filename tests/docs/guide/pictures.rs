//! The pictures in the guide: each is drawn by the program beside it.

use std::time::Duration;

use forwith::async_with;
use forwith_runtime::mock::{Database, Error};
use forwith_runtime::{Executor, Timeline, gather, sleep, spawn_named};

use crate::picture::expect_picture;

#[test]
fn picture_of_three_cubes() {
    async fn cube(x: u64) -> u64 {
        sleep(Duration::from_secs(x)).await;
        x.pow(3)
    }

    let timeline = Timeline::new();
    let executor = Executor::with_virtual_clock().record(&timeline);
    executor.block_on(async { gather([cube(5), cube(3), cube(4)]).await });
    expect_picture("src/guide/gather", &timeline.svg().width(600).to_string());
}

#[test]
fn picture_of_a_cancelled_payment() {
    async fn pay(database: Database) -> Result<(), Error> {
        async_with!(database.connect("mock://db.somedomain.net") as db, {
            async_with!(db.begin() as transaction, {
                transaction.set_key("cow", "paid").await?;
                sleep(Duration::from_secs(3600)).labelled("customer").await;
            })?;
        })
    }

    let record = Timeline::new();
    Executor::with_virtual_clock()
        .record(&record)
        .block_on(async {
            let task = spawn_named("pay", pay(Database::new()));
            sleep(Duration::from_secs(1)).await;
            task.cancel();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    expect_picture(
        "src/guide/cancellation",
        &record.svg().width(800).to_string(),
    );
}
