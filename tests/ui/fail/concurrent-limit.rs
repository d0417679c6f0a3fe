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

async fn zero_with_a_type() {
    async_for!(
        #[concurrent(0usize)]
        for number in numbers() {
            drop(number);
        }
    );
    async_for!(
        #[concurrent(0_u32)]
        for number in numbers() {
            drop(number);
        }
    );
}

async fn zero_in_other_bases() {
    async_for!(
        #[concurrent(0x0)]
        for number in numbers() {
            drop(number);
        }
    );
    async_for!(
        #[concurrent(0b_00_usize)]
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
