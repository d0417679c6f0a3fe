//! What differs between the databases.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sqlx::{Database, Error};

/// A database whose connections can be asked whether they are clean: PostgreSQL, MySQL or SQLite.
///
/// It is implemented for [`sqlx::Postgres`](::sqlx::Database), `sqlx::MySql` and `sqlx::Sqlite`,
/// each with its feature, and for nothing else.
pub trait Supported: Database + Sealed {
    /// Whether a `BEGIN` or `SAVEPOINT` that is dropped midway leaves the connection in a
    /// transaction of which sqlx does not know, or out of one of which it does.
    #[doc(hidden)]
    const LEAKS_BEGIN: bool = true;

    /// Asks for something that no earlier question was answered with.
    ///
    /// Fails if the connection answers something else, or its transaction has failed.
    #[doc(hidden)]
    fn check(conn: &mut Self::Connection) -> impl Future<Output = Result<(), Error>> + Send;

    /// Checks the same, and that no transaction is open of which sqlx does not know.
    #[doc(hidden)]
    fn check_outside(conn: &mut Self::Connection)
    -> impl Future<Output = Result<(), Error>> + Send;
}

pub trait Sealed {}

/// An answer that the server has never given before.
#[cfg_attr(
    not(any(feature = "sqlx-mysql", feature = "sqlx-postgres")),
    expect(dead_code)
)]
fn new_answer() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("forwith {}", NUMBER.fetch_add(1, Relaxed))
}

/// Whether the answer is the one to this question.
#[cfg_attr(
    not(any(feature = "sqlx-mysql", feature = "sqlx-postgres")),
    expect(dead_code)
)]
fn compare(answer: &str, expected: &str) -> Result<(), Error> {
    if answer == expected {
        return Ok(());
    }
    Err(Error::Protocol(format!(
        "the connection is out of step: it was asked for {expected:?}, and answered {answer:?}"
    )))
}

#[cfg(feature = "sqlx-postgres")]
mod postgres {
    use sqlx::{AssertSqlSafe, Error, PgConnection, Postgres, Row, raw_sql};

    use super::{Sealed, Supported, compare, new_answer};

    impl Sealed for Postgres {}

    impl Supported for Postgres {
        async fn check(conn: &mut PgConnection) -> Result<(), Error> {
            let expected = new_answer();
            let question = AssertSqlSafe(format!("SELECT '{expected}'"));
            let row = raw_sql(question).fetch_one(conn).await?;
            compare(row.try_get_unchecked(0)?, &expected)
        }

        async fn check_outside(conn: &mut PgConnection) -> Result<(), Error> {
            let expected = new_answer();
            // Outside of a transaction this statement is one, which begins with it.
            let begun = "(now() = statement_timestamp())::text";
            let question = AssertSqlSafe(format!("SELECT '{expected}', {begun}"));
            let row = raw_sql(question).fetch_one(conn).await?;
            compare(row.try_get_unchecked(0)?, &expected)?;
            if row.try_get_unchecked::<&str, _>(1)? == "true" {
                return Ok(());
            }
            Err(Error::Protocol(
                "the connection is still in a transaction".into(),
            ))
        }
    }
}

#[cfg(feature = "sqlx-mysql")]
mod mysql {
    use sqlx::{AssertSqlSafe, Error, MySql, MySqlConnection, Row, raw_sql};

    use super::{Sealed, Supported, compare, new_answer};

    impl Sealed for MySql {}

    impl Supported for MySql {
        async fn check(conn: &mut MySqlConnection) -> Result<(), Error> {
            let expected = new_answer();
            let question = AssertSqlSafe(format!("SELECT '{expected}'"));
            let row = raw_sql(question).fetch_one(conn).await?;
            compare(row.try_get_unchecked(0)?, &expected)
        }

        async fn check_outside(conn: &mut MySqlConnection) -> Result<(), Error> {
            // Outside of a transaction it does nothing.
            raw_sql("ROLLBACK").execute(&mut *conn).await?;
            Self::check(conn).await
        }
    }
}

#[cfg(feature = "sqlx-sqlite")]
mod sqlite {
    use sqlx::{Error, Sqlite, SqliteConnection};

    use super::{Sealed, Supported};

    impl Sealed for Sqlite {}

    // A thread takes one call after the other, each with a channel of its own for the answer. So
    // the connection is never out of step, and a `BEGIN` that nobody waits for is rolled back.
    impl Supported for Sqlite {
        const LEAKS_BEGIN: bool = false;

        async fn check(_: &mut SqliteConnection) -> Result<(), Error> {
            Ok(())
        }

        async fn check_outside(_: &mut SqliteConnection) -> Result<(), Error> {
            Ok(())
        }
    }
}
