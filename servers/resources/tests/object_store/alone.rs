//! The library by itself: what it does to make these resources necessary.

use std::fs;

use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt};
use tokio::io::AsyncWriteExt;

use super::watched::{Fault, Watched, stored};
use forwith_testing::strike::{panic_of, poll_times};

/// Without this, `Upload` need not keep the futures of its parts.
#[tokio::test]
async fn part_of_object_store_that_is_dropped_becomes_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let path = Path::from("object");
    let mut upload = store.put_multipart(&path).await.unwrap();
    drop(upload.put_part("lost".into()));
    upload.put_part("kept".into()).await.unwrap();
    let completed = upload.complete().await;
    let object = stored(&store, &path).await;
    assert!(
        completed.is_ok() && object.as_deref() == Some(b"\0\0\0\0kept"),
        "this release of object_store no longer stores zeros in place of a part that was dropped \
         (0.14.2 does): change the row in the README"
    );
}

/// Without this, an upload whose future is dropped needs no reaper.
#[tokio::test]
async fn upload_of_object_store_stays_open_behind_its_drop() {
    let store = Watched::new(Fault::None);
    let mut upload = store.put_multipart(&Path::from("object")).await.unwrap();
    upload.put_part("part".into()).await.unwrap();
    drop(upload);
    assert_eq!(store.seen().open(), 1);
}

/// Without this, `Buffered` need not refuse to be used behind a write that failed.
#[tokio::test]
async fn writer_of_object_store_stores_the_rest_behind_a_write_that_failed() {
    let store = Watched::new(Fault::PartFails(1));
    let path = Path::from("object");
    let mut writer = BufWriter::with_capacity(store.clone(), path.clone(), 4);
    writer = writer.with_max_concurrency(1);
    writer.write_all(b"lost").await.unwrap();
    let mut failed = 0;
    for byte in b"kept" {
        failed += usize::from(writer.write_all(&[*byte]).await.is_err());
    }
    assert_eq!(failed, 1);
    let ended = writer.shutdown().await;
    assert!(
        ended.is_ok() && stored(&*store, &path).await.is_some(),
        "this release of object_store no longer completes an upload of which a part has failed \
         (0.14.2 does): change the row in the README, and see whether `Buffered::is_broken` is \
         still needed"
    );
}

/// Without this, `Buffered` need not refuse to be used behind a beginning that failed.
#[tokio::test]
async fn writer_of_object_store_panics_behind_a_beginning_that_failed() {
    let store = Watched::new(Fault::BeginFails);
    let mut writer = BufWriter::with_capacity(store, Path::from("object"), 4);
    assert!(writer.write_all(b"lost").await.is_err());
    let message = panic_of(writer.write_all(b"lost")).await;
    assert!(
        message.contains("resumed after completion"),
        "this release of object_store answers behind a beginning that failed (0.14.2 panics): \
         change the row in the README"
    );
}

/// Without this, `Buffered` could deref to the writer of the library.
#[tokio::test]
async fn writer_of_object_store_loses_its_buffer_when_a_put_is_dropped() {
    let store = Watched::new(Fault::None);
    let path = Path::from("object");
    let mut writer = BufWriter::with_capacity(store.clone(), path.clone(), 10);
    writer.put("buffered".into()).await.unwrap();
    assert!(poll_times(1, writer.put("more".into())).await.is_none());
    let ended = writer.shutdown().await;
    assert!(
        ended.is_ok() && stored(&*store, &path).await.is_none(),
        "this release of object_store no longer loses its buffer and its path when a `put` is \
         dropped (0.14.2 does): change the row in the README"
    );
    assert_eq!(
        stored(&*store, &Path::default()).await.as_deref(),
        Some(&b""[..])
    );
}

/// Without this, `Buffered` need not flush before it aborts.
#[tokio::test]
async fn abort_of_object_store_forgets_an_upload_that_begins() {
    let store = Watched::new(Fault::None);
    let mut writer = BufWriter::with_capacity(store.clone(), Path::from("object"), 4);
    assert!(poll_times(5, writer.write_all(b"lost")).await.is_none());
    writer.abort().await.unwrap();
    assert_eq!(
        store.seen().open(),
        1,
        "this release of object_store no longer forgets an upload that begins while it is aborted \
         (0.14.2 does): change the row in the README"
    );
}

/// Nothing can be done about this from outside.
#[tokio::test]
async fn folder_of_object_store_keeps_its_file_when_it_cannot_be_renamed() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let mut upload = store.put_multipart(&Path::from("object")).await.unwrap();
    fs::create_dir(folder.path().join("object")).unwrap();
    assert!(upload.complete().await.is_err());
    let aborted = upload.abort().await;
    drop(upload);
    assert!(
        aborted.is_err() && folder.path().join("object#1").exists(),
        "this release of object_store removes its file when it cannot be renamed (0.14.2 does \
         not): change the README"
    );
}
