use forwith::async_for;
use support::numbers;

async fn values() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            number + 1;
        }
    )
}

fn main() {}
