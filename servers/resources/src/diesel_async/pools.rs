//! Pools.

use std::future::Future;

use super::held::{Conn, Sealed};

/// A pool of diesel-async, of deadpool or bb8. Nobody else can implement it.
pub trait Pool: Sealed + Clone + Send + 'static {
    /// Its objects.
    type Conn: Conn;

    #[doc(hidden)]
    fn take(
        self,
    ) -> impl Future<Output = Result<Self::Conn, <Self::Conn as Conn>::Error>> + Send + 'static;
}

mod deadpool {
    use deadpool::managed::{Manager, Object, Pool, PoolError, TimeoutType};
    use diesel::pg::Pg;
    use diesel::result::Error;
    use diesel_async::pooled_connection::PoolError as Backend;
    use diesel_async::{AsyncConnection, AsyncConnectionCore};

    use super::{Conn, Sealed};

    impl<M: Manager> Sealed for Pool<M> {}
    impl<M: Manager> Sealed for Object<M> {}

    impl<M> super::Pool for Pool<M>
    where
        M: Manager<Error = Backend> + Send + Sync + 'static,
        M::Type: AsyncConnection + AsyncConnectionCore<Backend = Pg> + Send + 'static,
    {
        type Conn = Object<M>;

        async fn take(self) -> Result<Object<M>, PoolError<Backend>> {
            self.get().await
        }
    }

    impl<M> Conn for Object<M>
    where
        M: Manager<Error = Backend> + Send + Sync + 'static,
        M::Type: AsyncConnection + AsyncConnectionCore<Backend = Pg> + Send + 'static,
    {
        type Connection = M::Type;
        type Error = PoolError<Backend>;

        fn get(&self) -> &M::Type {
            self
        }

        fn get_mut(&mut self) -> &mut M::Type {
            self
        }

        fn discard(self) {
            drop(Object::take(self));
        }

        fn error(error: Error) -> Self::Error {
            PoolError::Backend(Backend::QueryError(error))
        }

        fn timed_out() -> Self::Error {
            PoolError::Timeout(TimeoutType::Recycle)
        }
    }
}

mod bb8 {
    use std::fmt;

    use bb8::{ManageConnection, Pool, PooledConnection, RunError};
    use diesel::pg::Pg;
    use diesel::result::Error;
    use diesel_async::pooled_connection::PoolError as Backend;
    use diesel_async::{AsyncConnection, AsyncConnectionCore};

    use super::{Conn, Sealed};

    /// An object of a pool of bb8.
    // A type of its own: the compiler forgets that the lifetime is `'static` when it looks whether
    // a future is `Send` (rust-lang/rust#64552), so no task could hold a `PooledConnection`.
    pub struct Bb8Object<M: ManageConnection>(PooledConnection<'static, M>);

    impl<M: ManageConnection> Sealed for Pool<M> {}
    impl<M: ManageConnection> Sealed for Bb8Object<M> {}

    impl<M> super::Pool for Pool<M>
    where
        M: ManageConnection<Error = Backend>,
        M::Connection: AsyncConnection + AsyncConnectionCore<Backend = Pg> + Send + 'static,
    {
        type Conn = Bb8Object<M>;

        async fn take(self) -> Result<Bb8Object<M>, RunError<Backend>> {
            self.get_owned().await.map(Bb8Object)
        }
    }

    impl<M> Conn for Bb8Object<M>
    where
        M: ManageConnection<Error = Backend>,
        M::Connection: AsyncConnection + AsyncConnectionCore<Backend = Pg> + Send + 'static,
    {
        type Connection = M::Connection;
        type Error = RunError<Backend>;

        fn get(&self) -> &M::Connection {
            &self.0
        }

        fn get_mut(&mut self) -> &mut M::Connection {
            &mut self.0
        }

        /// The pool closes it, since its manager of transactions is in error.
        fn discard(self) {
            drop(self);
        }

        fn error(error: Error) -> Self::Error {
            RunError::User(Backend::QueryError(error))
        }

        fn timed_out() -> Self::Error {
            RunError::TimedOut
        }
    }

    impl<M: ManageConnection> fmt::Debug for Bb8Object<M> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Bb8Object").finish_non_exhaustive()
        }
    }
}

pub use bb8::Bb8Object;
