//! A report, which is sent while it is read, in one transaction.

use async_fn_stream::try_fn_stream;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::response::Response;
use forwith::{AsyncEnterExt, async_for, async_with};
use forwith_resources::sqlx::transaction;
use futures_util::Stream;
use sqlx::PgPool;

use crate::bank::{Account, Bank, Error, Pages, SNAPSHOT, entries};

/// Answers `GET /report`. The transaction ends when the last byte has been sent, or the client has
/// left, or at the time limit, also if the client does not read.
pub async fn report(State(bank): State<Bank>, Query(of): Query<Account>) -> Response {
    Response::new(Body::from_stream(pages(bank.pool, of.account)))
}

fn pages(pool: PgPool, account: Option<i64>) -> impl Stream<Item = Result<Bytes, Error>> {
    try_fn_stream(|emitter| async move {
        let snapshot = transaction(&pool).with(SNAPSHOT).unchecked_commit();
        async_with!(snapshot.error_into::<Error>() as tx, {
            let mut pages = Pages::new();
            async_for!(for entry in entries(tx.conn(), account) {
                if let Some(page) = pages.add(entry?) {
                    emitter.emit(page).await;
                }
            });
            emitter.emit(pages.take()).await;
        })
    })
}
