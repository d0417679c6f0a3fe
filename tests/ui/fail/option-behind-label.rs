use forwith::async_for;
use support::numbers;

async fn late() {
    async_for!(
        'numbers: #[yield_every(3)]
        for number in numbers() {
            if number == 3 {
                break 'numbers;
            }
        }
    );
}

fn main() {}
