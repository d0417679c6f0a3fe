//! What the library does by itself.

use lettre::AsyncTransport;

use crate::server::{Server, mail};
use forwith_testing::soon;

/// Without this, a send need not go on in a task.
#[tokio::test]
async fn send_of_lettre_that_is_dropped_makes_the_next_one_be_told_a_lie() {
    let server = Server::start().await;
    let smtp = server.transport();
    tokio::select! {
        sent = smtp.send(mail("slow")) => unreachable!("it is not judged: {sent:?}"),
        () = server.has_seen(1) => {}
    }
    // Its connection is in the pool behind the tasks that wait for their turn.
    tokio::task::yield_now().await;
    server.verdicts.add_permits(1);
    let sent = soon("the next mail", smtp.send(mail("refused"))).await;
    server.has_seen(2).await;
    assert_eq!(server.taken(), ["slow"]);
    assert!(
        sent.is_ok(),
        "this release of lettre no longer gives a connection back whose answer is owed (0.11.23 \
         does), or the connection was another one: {sent:?}. Change the row in the README"
    );
}
