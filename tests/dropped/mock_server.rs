//! A future on the mock database that is dropped after every number of polls: the server's log
//! shows that each connection, transaction and cursor ended exactly once.

use forwith::{async_for, async_with};
use forwith_runtime::mock::{Database, Error, Fault, Latency};

use crate::common::{hook, run_for};

const URL: &str = "mock://db.somedomain.net";

fn server() -> Database {
    let server = Database::new()
        .with_latency(Latency::Yields(2))
        .with_page_size(2);
    server.inject(Fault::FailCommit);
    server
}

/// Uses everything that a database offers, and ends it in every way.
async fn everything(server: &Database) -> Result<usize, Error> {
    let mut read = 0;
    'out: loop {
        async_with!(server.connect(URL) as db, {
            for (key, value) in [("cat", "Meow!"), ("cow", "Moo!"), ("dog", "Woof!")] {
                db.set_key(key, value).await?;
            }
            let refused = async_with!(db.begin() as tx, {
                tx.set_key("cow", "Quack!").await?;
            });
            assert_eq!(refused, Err(Error::Commit));
            let undone: Result<(), _> = async_with!(db.begin() as tx, {
                tx.set_key("cow", "Quack!").await?;
                Err("a cow does not quack")
            })?;
            undone.unwrap_err();
            async_with!(db.begin() as tx, {
                tx.set_key("pig", "Oink!").await?;
            })?;
            async_for!(for pair in db.items() {
                pair?;
                read += 1;
            });
            async_with!(db.items().cursor() as cursor, {
                async_for!(for pair in cursor {
                    if pair?.0 == "cow" {
                        break 'out;
                    }
                });
            })?;
        })?;
    }
    let mut branches = Vec::new();
    for n in 0..3 {
        branches.push(async move {
            async_with!(server.connect(URL) as db, {
                db.set_key(&n.to_string(), "n").await?
            })
        });
    }
    for result in futures::future::join_all(branches).await {
        result?;
    }
    Ok(read)
}

#[test]
fn opened_resources_end_exactly_once() {
    let _turn = hook::take_turn();
    let mut polls = 0;
    loop {
        let server = server();
        let ended = run_for(polls, everything(&server));
        if let Err(audit) = server.audit() {
            panic!("dropped after {polls} polls: {audit}\n{:#?}", server.log());
        }
        if ended {
            break;
        }
        polls += 1;
    }
    assert!(polls > 50, "it was dropped at {polls} points only");
}

#[test]
fn whole_run_abandons_nothing() {
    let _turn = hook::take_turn();
    let server = server();
    assert_eq!(crate::common::run(everything(&server)), Ok(4));
    let log: Vec<_> = server.log().iter().map(ToString::to_string).collect();
    assert!(
        !log.iter().any(|line| line.contains("abandoned")),
        "{log:#?}"
    );
    assert_eq!(server.contents().len(), 7);
}
