//! A transfer, which is in the ledger when the client is told so, and otherwise leaves nothing.

use axum::Json;
use axum::extract::State;
use forwith::{AsyncEnterExt, async_with};
use forwith_resources::redis::lock;
use forwith_resources::sqlx::transaction;

use crate::bank::{Bank, Error, Order, Receipt, approve, book, lock_of};

/// Answers `POST /transfers`.
///
/// A client that leaves, the time limit and the shutdown cancel it. Then the transaction is rolled
/// back and the lock released, in that order, before the request counts as ended.
///
/// The body of the transaction ends at the first error, so its commit needs no question before it.
pub async fn transfer(
    State(bank): State<Bank>,
    Json(order): Json<Order>,
) -> Result<Json<Receipt>, Error> {
    let lock = lock(&bank.redis, lock_of(order.from)).error_into::<Error>();
    async_with!(lock, {
        approve(&order).await?;
        let transaction = transaction(&bank.pool).unchecked_commit();
        async_with!(transaction.error_into::<Error>() as tx, {
            Json(book(tx.conn(), &order).await?)
        })?
    })
}
