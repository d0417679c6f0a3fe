use forwith::async_for;
use support::numbers;

async fn loops() {
    async_for!(for number in numbers() {
        println!("{number}");
    };);
}

fn main() {}
