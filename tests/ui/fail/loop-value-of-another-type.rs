use forwith::async_for;
use support::numbers;

async fn not_unwrapped() -> u32 {
    async_for!(for number in numbers() {
        if number == 3 {
            break number;
        }
    })
}

async fn two_types() -> Option<u32> {
    async_for!(for number in numbers() {
        if number == 3 {
            break number;
        }
        if number == 4 {
            break "four";
        }
    })
}

fn main() {}
