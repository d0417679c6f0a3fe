//! The library by itself: what it does to make these resources necessary.

use super::site::{Site, keep_busy, one_thread};
use forwith_testing::strike::poll_times;

/// Without this, `HeldFolder` need not await the calls in flight.
#[test]
fn folder_of_tempfile_comes_back_behind_its_removal() {
    let runtime = one_thread();
    let site = Site::new();
    runtime.block_on(async {
        let folder = tempfile::tempdir_in(site.path()).unwrap();
        let busy = keep_busy();
        let call = tokio::fs::create_dir_all(folder.path().join("a"));
        assert!(poll_times(1, call).await.is_none());
        folder.close().unwrap();
        assert!(site.names().is_empty());
        drop(busy);
        tokio::task::spawn_blocking(|| ()).await.unwrap(); // behind the call
    });
    assert_eq!(
        site.names().len(),
        1,
        "a call of tokio that is dropped no longer takes place, or `create_dir_all` no longer \
         brings a folder back: change the row in the README"
    );
}
