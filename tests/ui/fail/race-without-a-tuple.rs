use std::future::ready;

use forwith::race;

async fn first() -> u32 {
    race(ready(1), ready(2)).await
}

fn main() {}
