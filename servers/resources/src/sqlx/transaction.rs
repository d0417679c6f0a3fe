//! A transaction that owns its connection.

use std::fmt;
use std::ops::{Deref, DerefMut};

use forwith::{OwnedExit, OwnedOutcome};
use sqlx::Error;

use super::held::Held;
use super::lent::{Lender, Transacting};
use super::{CommitUnknown, Supported};

/// A transaction, and the connection of the pool on which it runs. It derefs to the connection, so
/// statements are executed on `&mut **tx`.
///
/// It is a resource of [`async_with!`](forwith::async_with), from
/// [`transaction`](super::transaction()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | commits |
/// | fails, panics, or is cancelled | rolls back |
/// | is dropped | rolls back in the [reaper](forwith::reaper) |
///
/// A rollback is [bounded](super::Begin::rollback_limit).
/// The exit owns all it needs, so it goes on in the reaper when its future is dropped. A connection
/// that is not known to be clean behind its exit is closed.
///
/// # Errors
///
/// - A commit fails, too, if a statement has failed in the transaction and the body went on,
///   unless it is [unchecked](super::Begin::unchecked_commit). PostgreSQL itself answers such a
///   `COMMIT` with success, and rolls back.
/// - A commit that the server has not answered is a [`CommitUnknown`].
/// - A rollback that fails or takes too long is an error, and the connection is closed.
pub struct HeldTransaction<DB: Supported> {
    held: Held<DB>,
    asks_before_commit: bool,
}

impl<DB: Supported> HeldTransaction<DB> {
    /// The connection, as queries want it: `query.execute(tx.conn())`.
    ///
    /// `&mut **tx` is the same. Behind an adapter, such as
    /// [`error_into`](forwith::AsyncEnterExt::error_into), this needs no further star.
    pub fn conn(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }

    pub(super) fn new(held: Held<DB>, asks_before_commit: bool) -> Self {
        HeldTransaction {
            held,
            asks_before_commit,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> OwnedExit for HeldTransaction<DB> {
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), Error> {
        let held = &mut self.held;
        if !outcome.is_completed() {
            return held.clean().await;
        }
        let committed = if self.asks_before_commit {
            commit(held, 0).await
        } else {
            commit_unchecked(held, 0).await
        };
        if committed.is_ok() {
            held.set_clean();
        } else {
            // The error of the commit is the one that counts.
            drop(held.clean().await);
        }
        committed
    }
}

/// Commits down to this depth, if the server still knows what it is asked for.
pub(super) async fn commit<DB: Supported>(held: &mut Held<DB>, depth: usize) -> Result<(), Error> {
    held.check().await?;
    commit_unchecked(held, depth).await
}

async fn commit_unchecked<DB: Supported>(held: &mut Held<DB>, depth: usize) -> Result<(), Error> {
    held.expect_whole()?;
    let committed = held.commit(depth).await;
    if depth > 0 {
        return committed; // a savepoint
    }
    committed.map_err(CommitUnknown::wrap)
}

impl<DB: Supported> Deref for HeldTransaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.held.get()
    }
}

impl<DB: Supported> DerefMut for HeldTransaction<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }
}

impl<DB: Supported> Lender for HeldTransaction<DB> {
    type Database = DB;

    fn held(&mut self) -> &mut Held<DB> {
        &mut self.held
    }
}

impl<DB: Supported> Transacting for HeldTransaction<DB> {}

impl<DB: Supported> fmt::Debug for HeldTransaction<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTransaction").finish_non_exhaustive()
    }
}
