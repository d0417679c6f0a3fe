use forwith::async_for;
use support::numbers;

async fn zero() {
    async_for!(
        #[yield_every(0)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn zero_with_a_type() {
    async_for!(
        #[yield_every(0u32)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn nothing() {
    async_for!(
        #[yield_every]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn text() {
    async_for!(
        #[yield_every("often")]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn negative() {
    async_for!(
        #[yield_every(-1)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn variable() {
    let n = 4;
    async_for!(
        #[yield_every(n)]
        for number in numbers() {
            drop(number);
        }
    );
}

fn main() {}
