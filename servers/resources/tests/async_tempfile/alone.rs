//! The library by itself: what it does to make these resources necessary.

use async_tempfile::{TempDir, TempFile};
use tokio::io::AsyncWriteExt;

use super::site::{Site, keep_busy, one_thread};
use forwith_testing::strike::poll_times;

/// Polls a call that makes something until it waits for its second step, and drops it there.
fn made_and_dropped<T>(site: &Site, make: impl Future<Output = T>) {
    one_thread().block_on(async {
        let mut make = Box::pin(make);
        // The first step looks whether the folder is there.
        assert!(futures::poll!(&mut make).is_pending());
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        let busy = keep_busy();
        assert!(futures::poll!(&mut make).is_pending());
        drop(make);
        assert!(site.names().is_empty());
        drop(busy);
        tokio::task::spawn_blocking(|| ()).await.unwrap(); // behind the call
    });
}

/// Without this, an enter need not run in a task.
#[test]
fn call_of_async_tempfile_that_is_dropped_leaves_what_it_makes() {
    let site = Site::new();
    made_and_dropped(&site, TempFile::new_in(site.path().to_path_buf()));
    let files = site.names().len();
    made_and_dropped_again(&site);
    assert_eq!(
        (files, site.names().len()),
        (1, 2),
        "this release of async-tempfile removes what a dropped call has made (0.8.0 does not): \
         change the row in the README"
    );
}

fn made_and_dropped_again(site: &Site) {
    let folder = Site::new();
    made_and_dropped(&folder, TempDir::new_in(folder.path().to_path_buf()));
    for name in folder.names() {
        std::fs::rename(&name, site.path().join("folder")).unwrap();
    }
}

/// Without this, `HeldFile` need not persist by itself.
#[test]
fn persist_of_async_tempfile_that_is_dropped_loses_the_file() {
    let site = Site::new();
    one_thread().block_on(async {
        let mut file = TempFile::new_in(site.path().to_path_buf()).await.unwrap();
        file.write_all(b"text").await.unwrap();
        file.flush().await.unwrap();
        let busy = keep_busy();
        let persist = file.persist(site.path().join("saved"));
        assert!(poll_times(1, persist).await.is_none());
        drop(busy);
        tokio::task::spawn_blocking(|| ()).await.unwrap(); // behind the call
    });
    assert!(
        site.names().is_empty(),
        "this release of async-tempfile keeps a file whose `persist` is dropped (0.8.0 does not): \
         change the row in the README"
    );
}

/// Without this, `HeldFile` need not flush.
#[test]
fn persist_of_async_tempfile_does_not_wait_for_the_last_write() {
    let site = Site::new();
    one_thread().block_on(async {
        let mut file = TempFile::new_in(site.path().to_path_buf()).await.unwrap();
        let busy = keep_busy();
        file.write_all(b"text").await.unwrap();
        let kept = file.keep();
        let length = std::fs::metadata(kept).unwrap().len();
        drop(busy);
        assert_eq!(
            length, 0,
            "this release of async-tempfile or of tokio writes before a file is kept (0.8.0 does \
             not): change the row in the README"
        );
    });
}
