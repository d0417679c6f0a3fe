//! Old entries of the ledger, which a long run puts aside.

use sqlx::{Connection, PgConnection, Row, query, raw_sql};

use super::servers::Servers;
use crate::bank::HISTORY;

/// Creates the table, unless it is there.
pub(super) const CREATE: &str = "CREATE TABLE IF NOT EXISTS archive (LIKE ledger)";

const MOVE: &str = "
    WITH moved AS (DELETE FROM ledger WHERE entry > $1 RETURNING *),
        kept AS (INSERT INTO archive SELECT * FROM moved RETURNING 1)
    SELECT count(*) FROM kept";

/// Moves the entries that clients have made out of the ledger, so that reports stay as long as they
/// are at the beginning. The checks know of them. Gives their number.
///
/// # Errors
///
/// Those of the database: then nothing is moved.
pub async fn archive(servers: &Servers) -> Result<i64, sqlx::Error> {
    let [postgres, _] = servers.direct_urls();
    let mut conn = PgConnection::connect(&postgres).await?;
    raw_sql(CREATE).execute(&mut conn).await?;
    let moved = query(MOVE).bind(HISTORY).fetch_one(&mut conn).await?;
    raw_sql("VACUUM (TRUNCATE false) ledger")
        .execute(&mut conn)
        .await?;
    conn.close().await?;
    moved.try_get(0)
}
