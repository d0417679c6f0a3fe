//! Recipes that write files.

use std::io::{Error, Read, Result};
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::thread;

use async_compression::tokio::bufread::GzipDecoder;
use async_zip::base::read1::seek::ZipArchiveReader;
use forwith_recipes::{csv, file, gzip, tar, zip};
use futures::{StreamExt, poll};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Gives some bytes, and then an error.
struct Cut(usize);

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(Error::other("cut")));
        }
        let count = self.0.min(bytes.remaining());
        bytes.put_slice(&vec![b'x'; count]);
        self.0 -= count;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn csv_is_written() {
    let folder = folder();
    let path = folder.path().join("animals.csv");
    csv::store(&path, &[["cow", "Moo!"], ["cat", "Meow, meow"]])
        .await
        .unwrap();
    assert_eq!(text(&path), "cow,Moo!\ncat,\"Meow, meow\"\n");

    let full = csv::store(Path::new("/dev/full"), &[["cow", "Moo!"]]).await;
    assert!(full.is_err(), "the disk is full");
}

/// Takes bytes, and is ready to flush only when another thread has said so.
#[derive(Clone, Default)]
struct Slow {
    is_ready: Arc<AtomicBool>,
    is_flushed: Arc<AtomicBool>,
}

impl AsyncWrite for Slow {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.is_ready.load(Relaxed) {
            self.is_flushed.store(true, Relaxed);
            return Poll::Ready(Err(Error::other("the disk is full")));
        }
        let (is_ready, waker) = (self.is_ready.clone(), cx.waker().clone());
        thread::spawn(move || {
            is_ready.store(true, Relaxed);
            waker.wake();
        });
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_flush(cx)
    }
}

/// csv-async alone: the destructor waits for the flush, and the thread with it. Nobody hears of the
/// error.
#[tokio::test]
async fn csv_alone_blocks_its_thread() {
    let slow = Slow::default();
    let mut csv = csv_async::AsyncWriter::from_writer(slow.clone());
    csv.write_record(["cow", "Moo!"]).await.unwrap();
    drop(csv);
    assert!(
        slow.is_flushed.load(Relaxed),
        "csv-async does not wait in its destructor any more: its row is out of date"
    );
}

#[tokio::test]
async fn file_is_written() {
    let folder = folder();
    let path = folder.path().join("animals.txt");
    file::store(&path, "cow: Moo!").await.unwrap();
    assert_eq!(text(&path), "cow: Moo!");
    assert!(file::store(Path::new("/dev/full"), "cow").await.is_err());
}

/// async-fs alone: what was written is kept back until a flush, so a drop loses it.
#[tokio::test]
async fn file_alone_reports_no_error() {
    let mut file = async_fs::File::create("/dev/full").await.unwrap();
    let written = futures::AsyncWriteExt::write_all(&mut file, b"cow").await;
    assert!(
        written.is_ok(),
        "async-fs reports a full disk by the write: the recipe is not needed for that"
    );
    drop(file);
}

async fn unpacked(path: &Path) -> Result<usize> {
    let mut gzip = GzipDecoder::new(BufReader::new(File::open(path).await?));
    gzip.read_to_end(&mut Vec::new()).await
}

#[tokio::test]
async fn gzip_has_an_end_only_if_it_is_whole() {
    let folder = folder();
    let path = folder.path().join("bytes.gz");
    let bytes = vec![b'x'; 400_000];
    gzip::compress(&bytes[..], &path).await.unwrap();
    assert_eq!(unpacked(&path).await.unwrap(), bytes.len());

    let cut = gzip::compress(Cut(400_000), &path).await;
    assert_eq!(cut.unwrap_err().to_string(), "cut");
    assert!(unpacked(&path).await.is_err(), "a reader sees the cut");
}

/// async-compression alone: even a flush makes no valid end.
#[tokio::test]
async fn gzip_alone_needs_a_shutdown() {
    let folder = folder();
    let path = folder.path().join("bytes.gz");
    let file = File::create(&path).await.unwrap();
    let mut gzip = async_compression::tokio::write::GzipEncoder::new(file);
    gzip.write_all(&[b'x'; 1000]).await.unwrap();
    gzip.flush().await.unwrap();
    drop(gzip);
    assert!(
        unpacked(&path).await.is_err(),
        "async-compression ends a stream that is only flushed: its row is out of date"
    );
}

#[tokio::test]
async fn tar_has_an_end_only_if_it_is_whole() {
    let folder = folder();
    let (cow, archive) = (folder.path().join("cow"), folder.path().join("animals.tar"));
    std::fs::write(&cow, "Moo!").unwrap();
    tar::pack(&archive, &[&cow]).await.unwrap();

    let mut found = Vec::new();
    let mut entries = tokio_tar::Archive::new(File::open(&archive).await.unwrap());
    let mut entries = entries.entries().unwrap();
    while let Some(entry) = entries.next().await {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).await.unwrap();
        found.push((entry.path().unwrap().display().to_string(), text));
    }
    assert_eq!(found, [("cow".to_owned(), "Moo!".to_owned())]);
    assert_eq!(blocks_of_zeros(&archive), 2, "the end of an archive");

    let missing = folder.path().join("no such file");
    let failed = tar::pack(&archive, &[&cow, &missing]).await;
    assert!(failed.is_err());
    assert_eq!(blocks_of_zeros(&archive), 0);
}

fn blocks_of_zeros(path: &Path) -> usize {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    let blocks = bytes.chunks(512).rev();
    blocks
        .take_while(|block| block.iter().all(|byte| *byte == 0))
        .count()
}

/// Which of the animals an archive has.
async fn names(path: &Path) -> async_zip::error::Result<Vec<&'static str>> {
    let file = async_fs::File::open(path).await.unwrap();
    let zip = ZipArchiveReader::open(futures::io::BufReader::new(file)).await?;
    let has = |name: &&str| {
        zip.find(name.as_bytes())
            .is_ok_and(|mut found| found.next().is_some())
    };
    Ok(["cow", "cat"].into_iter().filter(has).collect())
}

#[tokio::test]
async fn zip_has_all_entries() {
    let folder = folder();
    let path = folder.path().join("animals.zip");
    zip::pack(&path, &[("cow", b"Moo!"), ("cat", b"Meow!")])
        .await
        .unwrap();
    assert_eq!(names(&path).await.unwrap(), ["cow", "cat"]);
}

/// `async_zip` alone: an entry that is dropped is missing, and the archive is well.
#[tokio::test]
async fn zip_alone_lacks_an_entry() {
    let folder = folder();
    let path = folder.path().join("animals.zip");
    let file = File::create(&path).await.unwrap();
    let mut zip = async_zip::tokio::write::ZipFileWriter::with_tokio(file);
    for name in ["cow", "cat"] {
        let entry = async_zip::ZipEntryBuilder::new(name.into(), async_zip::Compression::Stored);
        let mut entry = zip.write_entry_stream(entry).await.unwrap();
        futures::AsyncWriteExt::write_all(&mut entry, b"Moo!")
            .await
            .unwrap();
        if name == "cat" {
            entry.close().await.unwrap();
        }
    }
    let mut file = zip.close().await.unwrap().into_inner();
    file.flush().await.unwrap();
    assert_eq!(
        names(&path).await.unwrap(),
        ["cat"],
        "async_zip has changed what becomes of an entry that is dropped"
    );
}

/// However the future of a recipe is dropped, the file is not taken for whole.
#[tokio::test]
async fn dropped_recipes_leave_nothing_that_looks_whole() {
    let folder = folder();
    let path = folder.path().join("bytes.gz");
    for polls in 1..6 {
        let reaper = forwith::reaper::Reaper::tokio();
        let entered = reaper.enter();
        {
            let mut never = pin!(gzip::compress(Never, &path));
            for _ in 0..polls {
                assert!(poll!(never.as_mut()).is_pending());
                tokio::task::yield_now().await;
            }
        }
        reaper.join().await;
        drop(entered);
        assert!(unpacked(&path).await.is_err(), "after {polls} polls");
    }
}

/// Never gives a byte.
struct Never;

impl AsyncRead for Never {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Poll::Pending
    }
}
