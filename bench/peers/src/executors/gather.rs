//! `gather` for executors that have none of their own.

use forwith_bench::runner::Peer;

/// Spawns each future, and awaits the tasks with `join_all`.
pub fn join_all<P: Peer, F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawned: Vec<_> = futures.into_iter().map(P::spawn).collect();
    futures::future::join_all(spawned)
}
