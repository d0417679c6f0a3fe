//! The tables, and every statement.

use futures_util::{Stream, TryStreamExt};
use sqlx::{PgConnection, query, query_as, query_scalar, raw_sql};

use super::{Error, Order, Receipt};

/// The number of accounts.
pub const ACCOUNTS: i64 = 100;

/// The number of entries of former years, so that a report is long.
pub const HISTORY: i64 = 30_000;

/// Begins a transaction that sees one state of all tables.
pub const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

const TABLES: &str = "
    CREATE TABLE accounts (id bigint PRIMARY KEY, cents bigint NOT NULL CHECK (cents >= 0));
    CREATE TABLE ledger (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL UNIQUE,
        debtor bigint NOT NULL,
        creditor bigint NOT NULL,
        cents bigint NOT NULL
    );
    CREATE TABLE closings (entry bigint NOT NULL, cents numeric NOT NULL);";

const ROWS: &str = "
    INSERT INTO accounts SELECT id, 1000000 FROM generate_series(1, $1) id";

const FORMER_YEARS: &str = "
    INSERT INTO ledger (key, debtor, creditor, cents)
    SELECT 'former ' || n, 1 + n % $1, 1 + (n + 1) % $1, n % 1000
    FROM generate_series(1, $2) n";

/// Creates the tables, unless they are there.
///
/// # Errors
///
/// Those of the database.
pub async fn set_up(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let is_there = "SELECT to_regclass('ledger') IS NOT NULL";
    if query_scalar(is_there).fetch_one(&mut *conn).await? {
        return Ok(());
    }
    raw_sql(TABLES).execute(&mut *conn).await?;
    query(ROWS).bind(ACCOUNTS).execute(&mut *conn).await?;
    let former = query(FORMER_YEARS).bind(ACCOUNTS).bind(HISTORY);
    former.execute(conn).await?;
    Ok(())
}

const LOCK_ROWS: &str = "
    SELECT id, cents FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR UPDATE";

const ENTER: &str = "
    INSERT INTO ledger (key, debtor, creditor, cents) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO NOTHING RETURNING entry";

const MOVE: &str = "UPDATE accounts SET cents = cents + $2 WHERE id = $1";

/// Transfers money in the transaction that is open. It changes nothing if the order's key is in the
/// ledger.
///
/// # Errors
///
/// The payer has too little, or an account is unknown. Others are those of the database.
pub async fn book(conn: &mut PgConnection, order: &Order) -> Result<Receipt, Error> {
    let rows: Vec<(i64, i64)> = query_as(LOCK_ROWS)
        .bind(order.from)
        .bind(order.to)
        .fetch_all(&mut *conn)
        .await?;
    if rows.len() < 2 {
        return Err(Error::Refused("no such account"));
    }
    let has = rows.iter().find(|(id, _)| *id == order.from);
    let balance = has.map_or(0, |(_, cents)| *cents);

    let entry = query_scalar(ENTER)
        .bind(&order.key)
        .bind(order.from)
        .bind(order.to)
        .bind(order.cents)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(entry) = entry else {
        let known = query_scalar("SELECT entry FROM ledger WHERE key = $1");
        let entry = known.bind(&order.key).fetch_one(conn).await?;
        return Ok(Receipt { entry, balance });
    };
    let balance = balance - order.cents;
    if balance < 0 {
        return Err(Error::Refused("too little money"));
    }
    for (account, cents) in [(order.from, -order.cents), (order.to, order.cents)] {
        let moved = query(MOVE).bind(account).bind(cents);
        moved.execute(&mut *conn).await?;
    }
    Ok(Receipt { entry, balance })
}

const ENTRIES: &str = "
    SELECT entry, debtor, creditor, cents FROM ledger
    WHERE $1::bigint IS NULL OR $1 IN (debtor, creditor) ORDER BY entry";

/// An entry of the ledger: its number, from where, to where, and how much.
pub type Entry = (i64, i64, i64, i64);

/// Reads the entries of an account, or of all.
pub fn entries(
    conn: &mut PgConnection,
    account: Option<i64>,
) -> impl Stream<Item = Result<Entry, Error>> + Send {
    let rows = query_as(ENTRIES).bind(account).fetch(conn);
    rows.map_err(Error::Sql)
}

/// Writes down how much there is, and up to which entry.
///
/// # Errors
///
/// Those of the database.
pub async fn add_closing(conn: &mut PgConnection) -> Result<(), Error> {
    let closing = "INSERT INTO closings
        SELECT (SELECT max(entry) FROM ledger), sum(cents) FROM accounts";
    query(closing).execute(conn).await?;
    Ok(())
}
