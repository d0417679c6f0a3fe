//! What the library does by itself.

use fantoccini::error::CmdError;

use crate::driver::Driver;
use forwith_testing::soon;

/// Without this, the exit could be the library's `close`.
#[tokio::test]
async fn close_of_fantoccini_is_ok_although_the_driver_refuses() {
    let driver = Driver {
        refuses: true,
        ..Driver::default()
    };
    let driver = driver.start().await;
    let client = driver.connect().await.unwrap();
    let closed: Result<(), CmdError> = soon("the close", client.close()).await;
    assert_eq!(driver.sessions(), 1);
    assert!(
        closed.is_ok(),
        "this release of fantoccini says that a session was not deleted (0.22.1 does not): change \
         the row in the README, and see whether `DeleteSession` is still needed"
    );
}

/// Without this, the exit need not be awaited.
#[test]
fn session_of_fantoccini_stays_when_the_runtime_ends_behind_the_client() {
    let server = tokio::runtime::Runtime::new().unwrap();
    let driver = server.block_on(Driver::default().start());
    let mut program = tokio::runtime::Builder::new_current_thread();
    let program = program.enable_all().build().unwrap();
    let client = program.block_on(driver.connect()).unwrap();
    drop(client);
    drop(program);
    assert_eq!(
        driver.sessions(),
        1,
        "this release of fantoccini deletes a session without its runtime (0.22.1 does not): \
         change the row in the README"
    );
}
