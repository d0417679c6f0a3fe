use forwith::async_for;
use support::numbers;

async fn value() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            number + 1
        }
    );
}

async fn value_with_break() -> Option<u32> {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            if number == 3 {
                break number;
            }
            number + 1
        }
    )
}

async fn values_of_different_types() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            if number == 3 { "three" } else { number }
        }
    )
}

async fn values_of_another_type() -> Vec<u64> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            number + 1
        }
    )
}

async fn break_without_and_with_value_mixed() -> Option<u32> {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            if number == 3 {
                break number;
            }
            if number > 5 {
                break;
            }
        }
    )
}

fn main() {}
