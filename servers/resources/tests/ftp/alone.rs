//! What the library does by itself.

use crate::server::Server;
use forwith_testing::{soon, until};

/// Without this, a call that is cut need not close the session.
#[tokio::test]
async fn call_of_suppaftp_that_is_dropped_makes_the_next_one_be_told_its_answer() {
    let server = Server::start().await;
    server.put("slow", 1);
    server.put("b", 2);
    let mut ftp = server.connect().await.unwrap();
    tokio::select! {
        size = ftp.size("slow") => unreachable!("it is not answered: {size:?}"),
        () = until("the command", async || server.has_heard("SIZE slow")) => {}
    }
    server.answers.add_permits(1);
    let size = soon("the next size", ftp.size("b")).await;
    assert_eq!(
        size.ok(),
        Some(1),
        "this release of suppaftp no longer takes the reply of a call that was dropped for that of \
         the next (12.2.1 does): change the row in the README"
    );
}

/// Without this, an upload need not delete what is short.
#[tokio::test]
async fn upload_of_suppaftp_that_is_dropped_counts_as_complete() {
    let server = Server::start().await;
    let mut ftp = server.connect().await.unwrap();
    let mut file = ftp.put_with_stream("a").await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut file, &[1; 10])
        .await
        .unwrap();
    drop(file);
    let size = soon("the size", ftp.size("a")).await;
    assert_eq!(
        size.ok(),
        Some(10),
        "this release of suppaftp does not let a short file count as complete (12.2.1 does): \
         change the row in the README"
    );
}
