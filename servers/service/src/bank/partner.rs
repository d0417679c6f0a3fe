//! The other company that approves transfers.

use std::time::Duration;

use tokio::time::sleep;

use super::{Error, Order};

/// How long the partner takes to answer.
const ANSWERS_IN: Duration = Duration::from_millis(3);

/// Asks whether an order may be executed. This one always says yes, and takes its time.
///
/// It wants one question at a time for each account, which is what the lock is for.
///
/// # Errors
///
/// There is nothing to transfer.
pub async fn approve(order: &Order) -> Result<(), Error> {
    if order.cents <= 0 || order.from == order.to {
        return Err(Error::Refused("nothing to transfer"));
    }
    sleep(ANSWERS_IN).await;
    Ok(())
}
