//! The methods of forwith, called where the extension traits that users have are imported, too.
//!
//! A method of the same name in one of them would be ambiguous, and this file would not compile.

use std::convert::Infallible;
use std::future::{pending, ready};

use forwith::cancel::accept_cancel;
use forwith::on_tokio::TaskGroup;
use forwith::reaper::{LocalReaper, Reaper};
use forwith::resource::{AsyncEnter, AsyncEnterExt, AsyncExit, Handoff, Outcome};
use forwith::{CancelToken, ExitStack, IntoStream, async_for, async_with, race, scope, shield};
use futures::stream::iter;
use futures::{FutureExt as _, StreamExt as _, TryFutureExt as _};
use tokio_stream::StreamExt as _;
use tower::ServiceExt as _;

use crate::common::hook;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Resource;

impl AsyncExit for Resource {
    type Error = Infallible;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        if handoff.has_reaper() {
            handoff.run(self.exit(Outcome::Cancelled));
        } else {
            handoff.run_local(self.exit(Outcome::Cancelled));
        }
    }
}

/// A resource that is a service as well.
struct Server;

impl AsyncExit for Server {
    type Error = Infallible;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Infallible> {
        Ok(())
    }
}

impl tower::Service<u8> for Server {
    type Response = u8;
    type Error = Infallible;
    type Future = std::future::Ready<Result<u8, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: u8) -> Self::Future {
        ready(Ok(request + 1))
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

#[test]
fn methods_of_resources_clash_with_none() {
    block_on(async {
        let open = || ready(Ok::<_, Infallible>(Resource));
        assert_eq!(open().enter().await, Ok(Resource));
        assert_eq!(Resource.exit(Outcome::Completed).await, Ok(()));
        assert!(Outcome::Completed.is_completed());

        let mapped = open()
            .map_error(|error| error)
            .error_into::<Infallible>()
            .shielded();
        assert_eq!(
            async_with!(mapped as resource, { ***resource }),
            Ok(Resource)
        );

        let answer = async_with!(ready(Ok(Server)) as server, {
            server.ready().await.unwrap().oneshot(1).await.unwrap()
        });
        assert_eq!(answer, Ok(2));

        let entered = async_with!(ExitStack::new() as stack, {
            stack.push(Resource);
            stack.enter(open()).await.unwrap();
            assert!(stack.pop().is_some());
            stack.len()
        });
        assert_eq!(entered, Ok(1));
    });
}

#[test]
fn methods_of_streams_clash_with_none() {
    block_on(async {
        let mut sum = 0;
        async_for!(
            for (_, n) in iter([1, 2]).into_stream().map_while(Some).enumerate() {
                sum += n;
            }
        );
        assert_eq!(sum, 3);
    });
}

#[test]
fn methods_of_scopes_clash_with_none() {
    block_on(async {
        let token = CancelToken::new();
        let cancelled = token.cancelled();
        assert!(!token.is_cancelled());
        let guard = token.clone().drop_guard();
        drop(guard.disarm());
        token.cancel();
        cancelled.await;

        let ended = scope(pending::<()>(), &token).grace(pending::<()>).await;
        assert!(ended.unwrap_err().is_graceful());
        assert_eq!(race((shield(ready(1)), pending())).await, 1);
        assert_eq!(accept_cancel().now_or_never(), None);
    });
}

#[test]
fn methods_of_groups_and_reapers_clash_with_none() {
    let _turn = hook::take_turn();
    block_on(async {
        let value = async_with!(TaskGroup::<Infallible>::new() as group, {
            assert_eq!(group.failed().now_or_never(), None);
            group.spawner().spawn(ready(Ok(()))).unwrap().await;
            group.spawn(ready(Ok(1)).map_ok(|n: u8| n)).await
        });
        assert_eq!(value, Ok(Some(1)));

        let reaper = Reaper::new(|exit| drop(tokio::spawn(exit)));
        let entered = reaper.enter();
        assert_eq!(reaper.pending(), 0);
        reaper.join().await;
        drop(entered);

        let reaper = LocalReaper::new(drop);
        let entered = reaper.enter();
        let _ =
            async { async_with!(ready(Ok(Resource)), { pending::<()>().await }) }.now_or_never();
        reaper.join().await;
        assert_eq!(reaper.pending(), 0);
        drop(entered);
    });
}
