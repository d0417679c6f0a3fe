//! A report, which is sent while it is read, in one transaction.

use async_fn_stream::try_fn_stream;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::response::Response;
use futures_util::{Stream, TryStreamExt};
use sqlx::PgPool;

use crate::bank::{Account, Bank, Error, Pages, SNAPSHOT, entries};

/// Answers `GET /report`.
pub async fn report(State(bank): State<Bank>, Query(of): Query<Account>) -> Response {
    Response::new(Body::from_stream(pages(bank.pool, of.account)))
}

fn pages(pool: PgPool, account: Option<i64>) -> impl Stream<Item = Result<Bytes, Error>> {
    try_fn_stream(|emitter| async move {
        let mut tx = pool.begin_with(SNAPSHOT).await?;
        let mut pages = Pages::new();
        let mut entries = Box::pin(entries(&mut tx, account));
        while let Some(entry) = entries.try_next().await? {
            if let Some(page) = pages.add(entry) {
                emitter.emit(page).await;
            }
        }
        drop(entries);
        emitter.emit(pages.take()).await;
        tx.commit().await?;
        Ok(())
    })
}
