//! The mocks in `async_for!` and `async_with!`.

use forwith::{async_for, async_with};
use forwith_runtime::mock::{
    Database, Ending, Error, Event, Fault, Latency, RemoteContainer, Resource,
};
use forwith_runtime::{Executor, block_on};

use crate::common::polled;

const URL: &str = "mock://db.somedomain.net";

/// Stores every animal that has a name in one transaction.
async fn store(database: &Database, animals: &RemoteContainer<&str>) -> Result<usize, Error> {
    async_with!(database.connect(URL) as db, {
        async_with!(db.begin() as transaction, {
            let mut stored = 0;
            async_for!(for animal in animals {
                let animal = animal?;
                if animal.is_empty() {
                    continue;
                }
                transaction.set_key(animal, "").await?;
                stored += 1;
            });
            stored
        })?
    })
}

fn animals(latency: Latency) -> RemoteContainer<&'static str> {
    RemoteContainer::new(["cat", "", "dog"])
        .with_page_size(2)
        .with_latency(latency)
}

/// The ends of all resources, in order.
fn ends(database: &Database) -> Vec<(Resource, Ending)> {
    let end = |what| match what {
        Event::Ended(thing, end) => Some((thing, end)),
        _ => None,
    };
    let log = database.log();
    log.into_iter()
        .filter_map(|entry| end(entry.event))
        .collect()
}

#[test]
fn loop_runs_in_a_transaction_on_a_connection() {
    let (database, animals) = (Database::new(), animals(Latency::default()));
    let stored = Executor::with_virtual_clock().block_on(store(&database, &animals));
    assert_eq!((stored, database.contents().len()), (Ok(2), 2));
    let expected = [
        (Resource::Transaction(1), Ending::Committed),
        (Resource::Connection(1), Ending::Closed),
    ];
    assert_eq!(ends(&database), expected);
}

#[test]
fn failing_page_rolls_back_and_closes() {
    let database = Database::new().with_latency(Latency::None);
    let animals = animals(Latency::None).failing_at_page(2);
    assert_eq!(block_on(store(&database, &animals)), Err(Error::Page(2)));
    let expected = [
        (Resource::Transaction(1), Ending::RolledBack),
        (Resource::Connection(1), Ending::Closed),
    ];
    assert_eq!(ends(&database), expected);
    assert!(database.contents().is_empty());
}

#[test]
fn failing_commit_is_the_result() {
    let database = Database::new().with_latency(Latency::None);
    database.inject(Fault::FailCommit);
    assert_eq!(
        block_on(store(&database, &animals(Latency::None))),
        Err(Error::Commit)
    );
    database.audit().unwrap();
}

#[test]
fn nothing_stays_open_after_a_drop_at_any_poll() {
    let latency = Latency::Yields(1);
    for polls in 0.. {
        let (database, animals) = (Database::new().with_latency(latency), animals(latency));
        let ended = polled(store(&database, &animals), polls).is_some();
        database
            .audit()
            .unwrap_or_else(|audit| panic!("after {polls} polls: {audit}"));
        animals
            .audit()
            .unwrap_or_else(|audit| panic!("after {polls} polls: {audit}"));
        if ended {
            return;
        }
    }
}
