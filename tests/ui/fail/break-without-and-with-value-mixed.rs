use forwith::async_for;
use support::numbers;

async fn find() -> Option<u32> {
    async_for!(for number in numbers() {
        if number == 3 {
            break number;
        }
        if number > 5 {
            break;
        }
    })
}

fn main() {}
