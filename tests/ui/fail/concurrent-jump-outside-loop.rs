use forwith::async_for;
use support::numbers;

async fn undeclared() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            if number == 3 {
                break 'outer;
            }
            if number == 4 {
                continue 'outer;
            }
        }
    );
}

async fn own_label_misspelt() {
    async_for!(
        #[concurrent(2)]
        'numbers: for number in numbers() {
            if number == 3 {
                break 'number;
            }
        }
    );
}

async fn in_a_closure() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            let jump = || break;
            drop((jump, number));
        }
    );
}

async fn in_an_async_block() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            async {
                if number == 3 {
                    break;
                }
            }
            .await;
        }
    );
}

async fn question_mark_without_result() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            let _: u8 = u8::try_from(number)?;
        }
    );
}

async fn return_of_another_type() -> u64 {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            return number;
        }
    );
    0
}

fn main() {}
