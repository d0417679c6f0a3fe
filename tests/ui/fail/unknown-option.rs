use forwith::async_for;
use support::numbers;

async fn misspelt() {
    async_for!(
        #[yield_evry(3)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn foreign() {
    async_for!(
        #[allow(unused_variables)]
        for number in numbers() {}
    );
}

async fn with_equals() {
    async_for!(
        #[yield_every = 3]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn limit_with_equals() {
    async_for!(
        #[concurrent = 3]
        for number in numbers() {
            drop(number);
        }
    );
}

fn main() {}
