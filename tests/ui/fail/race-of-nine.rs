use std::future::ready as r;

use forwith::race;

async fn first() -> u32 {
    race((r(1), r(2), r(3), r(4), r(5), r(6), r(7), r(8), r(9))).await
}

fn main() {}
