//! Temporary folders and files of async-tempfile.

#![cfg(feature = "async-tempfile")]

mod alone;
mod file;
mod folder;
mod sendable;
#[path = "../tempfile/site.rs"]
mod site;

use std::task::Poll;

use async_tempfile::Error;
use site::{Site, keep_busy, one_thread};

/// Polls some work so often, with a thread that is busy then, and drops it. What it has begun takes
/// place behind that, and must not stay.
fn dropped_at_each_wait(work: &impl AsyncFn(&Site) -> Result<(), Error>) {
    for polls in 1..8 {
        let runtime = one_thread();
        let site = Site::new();
        runtime.block_on(async {
            let mut work = Box::pin(work(&site));
            let mut busy = None;
            for _ in 0..polls {
                if let Poll::Ready(ended) = futures::poll!(&mut work) {
                    return ended.unwrap();
                }
                // Lets what came before take place, and its task go on to the next wait.
                drop(busy.take());
                tokio::task::spawn_blocking(|| ()).await.unwrap();
                busy = Some(keep_busy());
                tokio::task::yield_now().await;
            }
            drop((work, busy));
            for _ in 0..20 {
                tokio::task::spawn_blocking(|| ()).await.unwrap();
                tokio::task::yield_now().await; // the task has a turn
            }
        });
        drop(runtime);
        assert!(site.names().is_empty(), "{polls}: {:?}", site.names());
    }
}
