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
    use bb8::{Pool, PooledConnection, RunError};
    use bb8_postgres::PostgresConnectionManager;
    use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
    use tokio_postgres::{Client, Error, Socket};

    use crate::tokio_postgres::held::{Conn, Sealed};

    type Manager<T> = PostgresConnectionManager<T>;

    /// What the manager asks of a connector.
    impl<T> Sealed for Pool<Manager<T>>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
    }

    impl<T> Sealed for PooledConnection<'static, Manager<T>>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
    }

    impl<T> super::Pool for Pool<Manager<T>>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        type Conn = PooledConnection<'static, Manager<T>>;

        async fn take(self) -> Result<Self::Conn, RunError<Error>> {
            self.get_owned().await
        }
    }

    impl<T> Conn for PooledConnection<'static, Manager<T>>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
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
}
