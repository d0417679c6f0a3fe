use forwith::async_for;
use support::numbers;

async fn value() {
    async_for!(for number in numbers() {
        number + 1
    });
}

async fn value_with_break() -> Option<u32> {
    async_for!(for number in numbers() {
        if number == 3 {
            break number;
        }
        number + 1
    })
}

fn main() {}
