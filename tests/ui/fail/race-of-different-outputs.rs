use std::future::ready;

use forwith::race;

async fn two() -> u32 {
    race((ready(1_u32), ready("one"))).await
}

async fn three() {
    let first = race((async { 1_u8 }, async { 2_u8 }, async { Ok::<u8, String>(3) })).await;
    drop(first);
}

fn main() {}
