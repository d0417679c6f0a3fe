//! How do I roll back where the answer is no `Err`, such as the response of a web framework? With
//! `mark_failed!` in the body of `async_with!`.

use forwith::{async_with, mark_failed};
use forwith_runtime::Executor;
use forwith_runtime::mock::{Database, Error};

/// The response of a handler, as a web framework has it.
#[derive(Debug, PartialEq)]
struct Response {
    status: u16,
}

async fn withdraw(database: &Database, amount: u32) -> Response {
    let url = "mock://db.somedomain.net";
    let done: Result<(), Error> = async_with!(database.connect(url) as db, db.begin() as tx, {
        if let Err(error) = tx.set_key("paid", &amount.to_string()).await {
            eprintln!("{error}");
            return mark_failed!(Response { status: 503 });
        }
        if amount > 100 {
            return mark_failed!(Response { status: 409 }); // rolls back and disconnects first
        }
    });
    match done {
        Ok(()) => Response { status: 200 },
        Err(_) => Response { status: 500 }, // the commit failed
    }
}

fn main() {
    let database = Database::new();
    Executor::with_virtual_clock().block_on(async {
        assert_eq!(withdraw(&database, 70).await, Response { status: 200 });
        assert_eq!(withdraw(&database, 170).await, Response { status: 409 });
    });
    println!("what reached the server:");
    for entry in database.log() {
        println!("{entry}");
    }
    database.audit().expect("nothing is open");
    assert_eq!(database.contents(), [("paid".into(), "70".into())]);
}
