//! Pools.

use std::future::Future;

use super::held::Conn;

/// A pool of `deadpool-postgres` or `bb8-postgres`. Nobody else can implement it.
pub trait Pool: super::held::Sealed + Clone + Send + 'static {
    /// Its objects.
    type Conn: Conn;

    #[doc(hidden)]
    fn take(
        self,
    ) -> impl Future<Output = Result<Self::Conn, <Self::Conn as Conn>::Error>> + Send + 'static;
}

#[cfg(feature = "deadpool-postgres")]
mod deadpool {
    use deadpool_postgres::{Object, Pool, PoolError, TimeoutType};
    use tokio_postgres::Client;

    use crate::tokio_postgres::held::{Conn, Sealed};

    impl Sealed for Pool {}
    impl Sealed for Object {}

    impl super::Pool for Pool {
        type Conn = Object;

        async fn take(self) -> Result<Object, PoolError> {
            self.get().await
        }
    }

    impl Conn for Object {
        type Error = PoolError;

        fn client(&self) -> &Client {
            self
        }

        fn discard(self) {
            drop(Object::take(self)); // ends the task of the connection
        }

        fn timed_out() -> PoolError {
            PoolError::Timeout(TimeoutType::Recycle)
        }
    }
}

#[cfg(feature = "bb8-postgres")]
mod bb8 {
    use std::fmt;
    use std::ops::{Deref, DerefMut};

    use bb8::{ManageConnection, Pool, PooledConnection, RunError};
    use tokio_postgres::{Client, Error};

    use crate::tokio_postgres::held::{Conn, Sealed};

    /// An object of a pool of bb8. It derefs to the [`Client`].
    // A type of its own: the compiler forgets that the lifetime is `'static` when it looks whether
    // a future is `Send` (rust-lang/rust#64552), so no task could hold a `PooledConnection`.
    pub struct Bb8Object<M: ManageConnection>(PooledConnection<'static, M>);

    impl<M: ManageConnection> Sealed for Pool<M> {}
    impl<M: ManageConnection> Sealed for Bb8Object<M> {}

    impl<M> super::Pool for Pool<M>
    where
        M: ManageConnection<Connection = Client, Error = Error>,
    {
        type Conn = Bb8Object<M>;

        async fn take(self) -> Result<Bb8Object<M>, RunError<Error>> {
            self.get_owned().await.map(Bb8Object)
        }
    }

    impl<M> Conn for Bb8Object<M>
    where
        M: ManageConnection<Connection = Client, Error = Error>,
    {
        type Error = RunError<Error>;

        fn client(&self) -> &Client {
            self
        }

        fn discard(mut self) {
            // The pool drops it, since it is closed. There is no other way to have that.
            self.__private_api_close();
        }

        fn timed_out() -> RunError<Error> {
            RunError::TimedOut
        }
    }

    impl<M: ManageConnection> Deref for Bb8Object<M> {
        type Target = M::Connection;

        fn deref(&self) -> &M::Connection {
            &self.0
        }
    }

    impl<M: ManageConnection> DerefMut for Bb8Object<M> {
        fn deref_mut(&mut self) -> &mut M::Connection {
            &mut self.0
        }
    }

    impl<M: ManageConnection> fmt::Debug for Bb8Object<M> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Bb8Object").finish_non_exhaustive()
        }
    }
}

#[cfg(feature = "bb8-postgres")]
pub use bb8::Bb8Object;
