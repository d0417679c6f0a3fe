use forwith::async_for;
use support::numbers;

async fn value() {
    let _ = async_for!(
        #[concurrent(2)]
        for number in numbers() {
            break number.;
        }
    );
}

async fn body() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            number.
        }
    );
}

async fn statement() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            let next = number.;
            next
        }
    )
}

async fn returned() -> Option<u32> {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            return number.;
        }
    );
    None
}

async fn limit(n: usize) {
    async_for!(
        #[concurrent(n.)]
        for number in numbers() {
            drop(number);
        }
    );
}

fn main() {}
