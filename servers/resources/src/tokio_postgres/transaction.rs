//! A transaction that owns its connection.

use std::fmt;
use std::ops::Deref;

use forwith::{OwnedExit, OwnedOutcome};

use super::held::{Conn, Held};
use super::lent::{Lender, Transacting};

/// A transaction, and the object of the pool on which it runs. It derefs to the object, so its
/// statements are those of a client.
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
///
/// The exit owns all it needs, so it goes on in the reaper when its future is dropped.
///
/// # Errors
///
/// - A commit fails, too, if a statement has failed in the transaction and the body went on.
///   PostgreSQL itself answers such a `COMMIT` with success, and rolls back.
/// - Of a commit that the server has not answered, [`is_commit_unknown`](super::is_commit_unknown)
///   says so.
/// - A rollback that fails or takes too long is an error, and the connection is closed.
pub struct HeldTransaction<C: Conn> {
    held: Held<C>,
}

impl<C: Conn> HeldTransaction<C> {
    pub(super) fn new(held: Held<C>) -> Self {
        HeldTransaction { held }
    }
}

#[diagnostic::do_not_recommend]
impl<C: Conn> OwnedExit for HeldTransaction<C> {
    type Error = C::Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), C::Error> {
        let held = &mut self.held;
        if !outcome.is_completed() {
            return held.clean().await;
        }
        let committed = held.commit(0).await;
        if committed.is_ok() {
            held.set_clean();
        } else {
            // The error of the commit is the one that counts.
            drop(held.clean().await);
        }
        committed
    }
}

// Not `DerefMut`: the client's own `transaction()` in a transaction would commit it.
impl<C: Conn> Deref for HeldTransaction<C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.held.get()
    }
}

impl<C: Conn> Lender for HeldTransaction<C> {
    type Conn = C;

    fn held(&mut self) -> &mut Held<C> {
        &mut self.held
    }
}

impl<C: Conn> Transacting for HeldTransaction<C> {}

impl<C: Conn> fmt::Debug for HeldTransaction<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTransaction").finish_non_exhaustive()
    }
}
