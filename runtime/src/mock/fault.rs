//! Failures on demand.

/// One failure, to be injected into a [`Database`](super::Database). Numbers count from 1.
///
/// ```
/// use forwith::{AsyncEnter, AsyncExit, Outcome};
/// use forwith_runtime::block_on;
/// use forwith_runtime::mock::{Database, Error, Fault, Latency};
///
/// let database = Database::new().with_latency(Latency::None);
/// database.inject(Fault::FailRequest(2));
/// block_on(async {
///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
///     assert_eq!(db.set_key("cat", "meow").await, Ok(()));
///     assert_eq!(db.set_key("dog", "woof").await, Err(Error::Request("set_key dog".into())));
///     assert_eq!(db.set_key("dog", "woof").await, Ok(()));
///     db.exit(Outcome::Completed).await.unwrap();
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The next connection is refused.
    RefuseConnect,
    /// The n-th request from now fails, on any connection, in a transaction or not. 0 is taken for
    /// 1.
    FailRequest(u32),
    /// The next commit fails; the server rolls back.
    FailCommit,
    /// The next rollback is not confirmed, and its transaction is logged as abandoned.
    FailRollback,
    /// The next goodbye is not answered, and its connection is logged as abandoned.
    FailTeardown,
    /// The next exit of a connection, a transaction or a cursor panics.
    PanicInExit,
    /// The n-th page fails for the next cursor that gets there.
    FailPage(u32),
}
