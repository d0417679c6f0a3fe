use forwith::async_for;
use support::numbers;

async fn plain() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            if number == 3 {
                break number;
            }
            number + 1
        }
    )
}

async fn labelled() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        'numbers: for number in numbers() {
            for other in 0..number {
                if other == 3 {
                    break 'numbers other + number;
                }
            }
            number + 1
        }
    )
}

fn main() {}
