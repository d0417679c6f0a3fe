//! What clients ask for, and what they are told.

use serde::{Deserialize, Serialize};

/// A transfer that a client asks for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Order {
    /// The client's own name for it. A second order of this name changes nothing, so a client that
    /// has not got an answer asks again.
    pub key: String,
    /// The account that pays.
    pub from: i64,
    /// The account that is paid.
    pub to: i64,
    /// How much.
    pub cents: i64,
}

/// A transfer that is in the ledger.
#[derive(Debug, Deserialize, Serialize)]
pub struct Receipt {
    /// The number of its entry.
    pub entry: i64,
    /// What the payer has now.
    pub balance: i64,
}

/// An account in the query of a request. None is all of them.
#[derive(Debug, Deserialize)]
pub struct Account {
    /// Its number.
    pub account: Option<i64>,
}
