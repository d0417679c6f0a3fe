//! A statement of an account, as a file that is there as a whole or not at all.

use axum::extract::{Query, State};
use forwith::{AsyncEnterExt, async_for, async_with};
use forwith_resources::sqlx::transaction;
use forwith_resources::tokio::replaced;
use tokio::io::AsyncWriteExt;

use crate::bank::{Account, Bank, Error, Pages, SNAPSHOT, entries};

/// Answers `POST /statements`, with the name of the file.
pub async fn statement(
    State(bank): State<Bank>,
    Query(of): Query<Account>,
) -> Result<String, Error> {
    let account = of.account.ok_or(Error::Refused("whose account?"))?;
    let name = format!("{account}.csv");
    // It can be written anew, so nobody waits for the disk.
    let file = replaced(bank.dir.join(&name)).without_sync();
    let snapshot = transaction(&bank.pool).with(SNAPSHOT).unchecked_commit();
    async_with!(
        file.error_into::<Error>() as file,
        snapshot.error_into::<Error>() as tx,
        {
            let mut pages = Pages::new();
            async_for!(for entry in entries(tx.conn(), Some(account)) {
                if let Some(page) = pages.add(entry?) {
                    file.write_all(&page).await?;
                }
            });
            file.write_all(&pages.take()).await?;
            name
        }
    )
}
