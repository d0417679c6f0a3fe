use forwith::async_for;
use support::numbers;

async fn adds() -> u32 {
    let mut sum = 0;
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            sum += number;
        }
    );
    sum
}

async fn pushes() -> Vec<u32> {
    let mut seen = Vec::new();
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            seen.push(number);
        }
    );
    seen
}

async fn through_a_reference(sum: &mut u32) {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            *sum += number;
        }
    );
}

fn main() {}
