//! A transfer.

use axum::Json;
use axum::extract::State;
use tokio_util::task::TaskTracker;

use super::lock::Lock;
use crate::bank::{Bank, Error, Order, Receipt, approve, book, lock_of};

/// Answers `POST /transfers`.
pub async fn transfer(
    State(bank): State<Bank>,
    Json(order): Json<Order>,
) -> Result<Json<Receipt>, Error> {
    let lock = Lock::take(&bank.redis, lock_of(order.from)).await?;
    let booked = under_lock(&bank, &order).await;
    lock.release().await?;
    booked.map(Json)
}

async fn under_lock(bank: &Bank, order: &Order) -> Result<Receipt, Error> {
    approve(order).await?;
    let mut tx = bank.pool.begin().await?;
    let receipt = book(&mut tx, order).await?;
    tx.commit().await?;
    Ok(receipt)
}

/// Answers it in a task, which nobody drops: neither the time limit nor the client's end stops it.
pub async fn transfer_in_task(
    tasks: TaskTracker,
    bank: State<Bank>,
    order: Json<Order>,
) -> Result<Json<Receipt>, Error> {
    let answer = tasks.spawn(transfer(bank, order)).await;
    answer.expect("no transfer panics")
}
