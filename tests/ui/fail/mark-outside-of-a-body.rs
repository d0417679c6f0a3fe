use forwith::{async_for, async_with, mark_failed};
use support::{connect, numbers};

fn refuse() -> u16 {
    mark_failed!(409)
}

macro_rules! refuse {
    () => {
        return mark_failed!(Ok(409))
    };
}

async fn without_a_body() {
    async_for!(for number in numbers() {
        if number == 3 {
            forwith::mark_failed!();
        }
    });
}

async fn in_front_of_the_body() -> Result<(), String> {
    async_with!(mark_failed!(connect()), {})
}

async fn from_elsewhere(is_refused: bool) -> Result<u16, String> {
    async_with!(connect(), {
        fn inner() {
            mark_failed!();
        }
        if is_refused {
            refuse!();
        }
        inner();
        refuse()
    })
}

fn main() {}
