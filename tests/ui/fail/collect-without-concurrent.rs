use forwith::async_for;
use support::numbers;

async fn alone() -> Vec<u32> {
    async_for!(
        #[collect]
        for number in numbers() {
            number + 1
        }
    )
}

async fn with_an_argument() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect(Vec)]
        for number in numbers() {
            number + 1
        }
    )
}

async fn with_empty_parentheses() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect()]
        for number in numbers() {
            number + 1
        }
    )
}

async fn twice() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        #[collect]
        for number in numbers() {
            number + 1
        }
    )
}

async fn beside_a_limit_that_is_wrong() -> Vec<u32> {
    async_for!(
        #[concurrent]
        #[collect]
        for number in numbers() {
            number + 1
        }
    )
}

fn main() {}
