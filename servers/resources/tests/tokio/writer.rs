//! Writers that have an end.

use std::cell::Cell;
use std::fs;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use forwith::{CancelToken, async_with};
use forwith_resources::tokio::{file, writer, writer_on};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::endings::{ENDINGS, Ending};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};

/// A writer with a mark at its end. Each call is waited for once.
#[derive(Clone, Default)]
struct Marked {
    written: Arc<Mutex<String>>,
    has_waited: bool,
}

impl Marked {
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.has_waited = !self.has_waited;
        if self.has_waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    fn written(&self) -> String {
        self.written.lock().unwrap().clone()
    }
}

impl AsyncWrite for Marked {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.wait(cx));
        let mut written = self.written.lock().unwrap();
        written.push_str(std::str::from_utf8(bytes).unwrap());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.wait(cx));
        self.written.lock().unwrap().push_str(" end");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn writer_has_an_end_when_the_body_completes() {
    for borrows in [false, true] {
        for ending in ENDINGS {
            let mut marked = Marked::default();
            let seen = marked.clone();
            let token = CancelToken::new();
            let work = async {
                if borrows {
                    async_with!(writer_on(&mut marked) as out, {
                        out.write_all(b"hello").await?;
                        ending.end(&token).await?;
                    })
                } else {
                    async_with!(writer(marked) as out, {
                        out.write_all(b"hello").await?;
                        ending.end(&token).await?;
                    })
                }
            };
            ending.run(&token, work).await;
            let expected = if ending == Ending::Completes {
                "hello end"
            } else {
                "hello"
            };
            assert_eq!(seen.written(), expected, "{ending:?}, {borrows}");
        }
    }
}

#[tokio::test]
async fn writer_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    for borrows in [false, true] {
        for kind in STRIKES {
            for at in PHASES {
                for time in 1.. {
                    assert!(time < 100);
                    let mut marked = Marked::default();
                    let seen = marked.clone();
                    let work = async {
                        if borrows {
                            async_with!(writer_on(&mut marked) as out, {
                                phase.set(Phase::Body);
                                out.write_all(b"hello").await?;
                                phase.set(Phase::Exit);
                            })
                        } else {
                            async_with!(writer(marked) as out, {
                                phase.set(Phase::Body);
                                out.write_all(b"hello").await?;
                                phase.set(Phase::Exit);
                            })
                        }
                    };
                    let ended: Ended<io::Result<()>> = strike(kind, at, time, &phase, work).await;
                    let what = format!("{kind:?} in {at:?}, {time}, {borrows}");
                    let goes_on = kind == Strike::Dropped && at == Phase::Exit && !borrows;
                    let is_whole = matches!(ended, Ended::First(_)) || goes_on;
                    assert_eq!(seen.written().ends_with(" end"), is_whole, "{what}");
                    if let Ended::First(ended) = ended {
                        ended.unwrap();
                        assert!(time > 1 || kind == Strike::Cancelled || at == Phase::Enter);
                        break;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn buffer_in_front_of_a_file_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for ending in ENDINGS {
        let token = CancelToken::new();
        let work = async {
            async_with!(
                file(File::create(&path)) as file,
                writer_on(BufWriter::new(&mut **file)) as out,
                {
                    out.write_all(b"hello").await?;
                    ending.end(&token).await?;
                }
            )
        };
        ending.run(&token, work).await;
        let expected = if ending == Ending::Completes {
            "hello"
        } else {
            ""
        };
        assert_eq!(fs::read_to_string(&path).unwrap(), expected, "{ending:?}");
    }
}

#[tokio::test]
async fn error_of_the_end_is_that_of_the_block() {
    let full = File::options().write(true).open("/dev/full").await;
    let full = BufWriter::new(full.unwrap());
    let ended: io::Result<()> =
        async { async_with!(writer(full) as out, { out.write_all(b"hello").await? }) }.await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::StorageFull);
}

#[tokio::test]
async fn end_that_takes_too_long_is_an_error() {
    // Nobody reads, so the second byte waits.
    let limit = Duration::from_millis(10);
    for borrows in [false, true] {
        let (near, far) = tokio::io::duplex(1);
        let mut near = BufWriter::new(near);
        let ended: io::Result<()> = async {
            if borrows {
                async_with!(writer_on(&mut near).limit(limit) as out, {
                    out.write_all(b"12").await?;
                })
            } else {
                async_with!(writer(near).limit(limit) as out, {
                    out.write_all(b"12").await?;
                })
            }
        }
        .await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(far);
    }
}

#[tokio::test]
async fn end_that_nobody_reads_is_given_up_by_a_cancellation() {
    let phase = Cell::new(Phase::Enter);
    for borrows in [false, true] {
        let (near, _far) = tokio::io::duplex(1);
        let mut near = BufWriter::new(near);
        let work = async {
            if borrows {
                async_with!(writer_on(&mut near) as out, {
                    out.write_all(b"12").await?;
                    phase.set(Phase::Exit);
                })
            } else {
                async_with!(writer(near) as out, {
                    out.write_all(b"12").await?;
                    phase.set(Phase::Exit);
                })
            }
        };
        let ended: Ended<io::Result<()>> =
            strike(Strike::Cancelled, Phase::Exit, 1, &phase, work).await;
        assert!(matches!(ended, Ended::Struck), "{ended:?}");
    }
}

/// Without this, `writer` need not exist.
#[tokio::test]
async fn buffer_of_tokio_that_is_dropped_is_lost() {
    let marked = Marked::default();
    let mut buffer = BufWriter::new(marked.clone());
    buffer.write_all(b"hello").await.unwrap();
    drop(buffer);
    tokio::task::yield_now().await;
    assert_eq!(
        marked.written(),
        "",
        "this release of tokio writes what a buffer holds when it is dropped (1.54.1 does not): \
         change the row in the README"
    );
}
