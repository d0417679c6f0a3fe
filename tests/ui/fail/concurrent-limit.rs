use forwith::async_for;
use support::numbers;

async fn nothing() {
    async_for!(
        #[concurrent]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn empty() {
    async_for!(
        #[concurrent()]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn zero() {
    async_for!(
        #[concurrent(0)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn twice() {
    async_for!(
        #[concurrent(2)]
        #[concurrent(unlimited)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn twice_and_wrong() {
    async_for!(
        #[concurrent]
        #[concurrent(2)]
        for number in numbers() {
            drop(number);
        }
    );
}

fn main() {}
