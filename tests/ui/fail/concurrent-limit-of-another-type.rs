use std::num::NonZeroUsize;

use forwith::async_for;
use support::numbers;

async fn text() {
    async_for!(
        #[concurrent("many")]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn negative() {
    async_for!(
        #[concurrent(-1)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn fraction() {
    async_for!(
        #[concurrent(1.5)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn shorter(limit: u32) {
    async_for!(
        #[concurrent(limit)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn never_zero(limit: NonZeroUsize) {
    async_for!(
        #[concurrent(limit)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn maybe(limit: Option<usize>) {
    async_for!(
        #[concurrent(limit)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn unknown() {
    async_for!(
        #[concurrent(infinite)]
        for number in numbers() {
            drop(number);
        }
    );
}

fn main() {}
