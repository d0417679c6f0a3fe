use forwith::async_for;
use support::numbers;

async fn value() -> u32 {
    async_for!(for number in numbers() {
        println!("{number}");
    })
}

fn main() {}
