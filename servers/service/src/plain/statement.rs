//! A statement of an account, as a file.

use axum::extract::{Query, State};
use futures_util::TryStreamExt;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;

use crate::bank::{Account, Bank, Error, Pages, SNAPSHOT, entries};

/// Answers `POST /statements`, with the name of the file.
pub async fn statement(
    State(bank): State<Bank>,
    Query(of): Query<Account>,
) -> Result<String, Error> {
    let account = of.account.ok_or(Error::Refused("whose account?"))?;
    let name = format!("{account}.csv");
    let draft = bank.dir.join(format!("{:x}", fastrand::u64(..)));
    let mut file = File::create(&draft).await?;
    let mut tx = bank.pool.begin_with(SNAPSHOT).await?;
    let mut pages = Pages::new();
    let mut entries = Box::pin(entries(&mut tx, Some(account)));
    while let Some(entry) = entries.try_next().await? {
        if let Some(page) = pages.add(entry) {
            file.write_all(&page).await?;
        }
    }
    drop(entries);
    file.write_all(&pages.take()).await?;
    tx.commit().await?;
    file.flush().await?;
    fs::rename(draft, bank.dir.join(&name)).await?;
    Ok(name)
}
