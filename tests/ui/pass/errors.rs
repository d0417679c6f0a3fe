//! The error of an `async_with!` at the end of a function is coerced as any value is.

use std::error::Error;
use std::future::ready;

use forwith::{AsyncExit, Outcome, async_with};
use futures::executor::block_on;

struct Failing;

impl AsyncExit for Failing {
    type Error = Box<dyn Error + Send + Sync>;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> {
        Err("exit".into())
    }
}

async fn to_a_box_that_is_not_send() -> Result<(), Box<dyn Error>> {
    async_with!(ready(Ok(Failing)), {})
}

#[test]
fn error_is_coerced() {
    assert_eq!(
        block_on(to_a_box_that_is_not_send())
            .unwrap_err()
            .to_string(),
        "exit"
    );
}
