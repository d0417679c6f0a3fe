use forwith::async_for;
use support::numbers;

async fn nothing() {
    async_for!(
        #[until]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn empty() {
    async_for!(
        #[until()]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn no_future() {
    async_for!(
        #[until(true)]
        for number in numbers() {
            drop(number);
        }
    );
}

fn main() {}
