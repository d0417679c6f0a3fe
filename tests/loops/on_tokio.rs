//! `async_for!` over what tokio has: how each ends, what it gives, and that nothing is lost where a
//! loop is dropped, or ends by its `#[until]`.

use std::future::ready;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use forwith::{async_for, scope};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, interval, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn mpsc_gives_each_message_and_ends_with_the_last_sender() {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        for n in 0..5 {
            sender.send(n).await.unwrap();
        }
    });
    let mut seen = Vec::new();
    async_for!(for n in receiver {
        yield_now().await;
        seen.push(n);
    });
    assert_eq!(seen, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn receiver_that_closes_its_channel_still_gets_what_is_in_it() {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    (0..3).for_each(|n| sender.send(n).unwrap());
    receiver.close();
    let mut seen = Vec::new();
    async_for!(for n in &mut receiver {
        seen.push(n);
    });
    assert_eq!(seen, [0, 1, 2]);
    assert!(sender.send(3).is_err());
}

#[tokio::test(start_paused = true)]
async fn loop_that_is_cut_off_loses_no_message() {
    let (sender, mut receiver) = mpsc::channel(100);
    tokio::spawn(async move {
        for n in 0..60 {
            sleep(SECOND).await;
            sender.send(n).await.unwrap();
        }
    });
    let mut seen = Vec::new();
    while seen.len() < 60 {
        // While it waits for the next message, and as it comes.
        let ended = timeout(SECOND.mul_f32(1.5), async {
            async_for!(for n in &mut receiver {
                seen.push(n);
            });
        });
        drop(ended.await);
        async_for!(
            #[until(sleep(SECOND.mul_f32(0.5)))]
            for n in &mut receiver {
                seen.push(n);
            }
        );
        let stopped = scope(
            async {
                async_for!(for n in &mut receiver {
                    seen.push(n);
                });
            },
            sleep(SECOND),
        );
        drop(stopped.await);
    }
    assert_eq!(seen, (0..60).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_is_spawned_and_shut_down() {
    let (sender, receiver) = mpsc::channel::<(String, oneshot::Sender<usize>)>(1);
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(async move {
        let mut handled = 0;
        async_for!(
            #[until(stopped)]
            for (word, answer) in receiver {
                yield_now().await;
                answer.send(word.len()).unwrap();
                handled += 1;
            }
        );
        handled
    });
    for word in ["cat", "horse"] {
        let (answer, answered) = oneshot::channel();
        sender.send((word.into(), answer)).await.unwrap();
        assert_eq!(answered.await, Ok(word.len()));
    }
    stop.send(()).unwrap();
    assert_eq!(worker.await.unwrap(), 2);
    assert!(sender.is_closed());
}

/// Tokio itself makes a task yield that receives 128 messages in one poll. So does the loop, and
/// one turn is enough for both.
#[tokio::test]
async fn full_channel_lets_others_run() {
    let (sender, receiver) = mpsc::unbounded_channel();
    (0..1000).for_each(|n| sender.send(n).unwrap());
    drop(sender);
    let turns = Arc::new(AtomicU32::new(0));
    let counted = turns.clone();
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    });
    let mut count = 0;
    async_for!(for _ in receiver {
        count += 1;
    });
    assert_eq!(count, 1000);
    assert_eq!(turns.load(Ordering::Relaxed), 1000 / 128);
    other.abort();
}

#[tokio::test]
async fn broadcast_gives_lagged_and_goes_on() {
    let (sender, mut receiver) = broadcast::channel(2);
    for n in 0..5 {
        sender.send(n).unwrap();
    }
    let mut seen = Vec::new();
    async_for!(
        #[until(ready(()))]
        for n in &mut receiver {
            seen.push(n);
        }
    );
    assert_eq!(seen, []);
    drop(sender);
    async_for!(for n in receiver {
        seen.push(n);
    });
    assert_eq!(seen, [Err(RecvError::Lagged(3)), Ok(3), Ok(4)]);
}

#[tokio::test]
async fn question_mark_ends_a_loop_over_a_broadcast_at_a_gap() {
    async fn sum(receiver: broadcast::Receiver<u64>) -> Result<u64, RecvError> {
        let mut sum = 0;
        async_for!(for n in receiver {
            sum += n?;
        });
        Ok(sum)
    }
    let (sender, receiver) = broadcast::channel(2);
    let behind = receiver.resubscribe();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    let summed = tokio::spawn(sum(receiver));
    yield_now().await;
    sender.send(3).unwrap();
    drop(sender);
    assert_eq!(summed.await.unwrap(), Ok(6));
    assert_eq!(sum(behind).await, Err(RecvError::Lagged(1)));
}

#[tokio::test]
async fn watch_gives_the_newest_unseen_value_and_the_last_one() {
    let (sender, mut receiver) = watch::channel("first");
    let mut again = receiver.clone();
    again.mark_changed();
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        async_for!(for value in &mut receiver {
            seen.push(value);
            yield_now().await;
        });
        seen
    });
    yield_now().await;
    sender.send("second").unwrap();
    sender.send("third").unwrap();
    yield_now().await;
    yield_now().await;
    sender.send("last").unwrap();
    drop(sender);
    assert_eq!(watching.await.unwrap(), ["third", "last"]);
    let mut seen = Vec::new();
    async_for!(for value in again {
        seen.push(value);
    });
    assert_eq!(seen, ["last"]);
}

#[tokio::test]
async fn watch_is_not_locked_in_the_body() {
    let (sender, receiver) = watch::channel(0);
    sender.send(1).unwrap();
    async_for!(for n in receiver {
        if n == 3 {
            break;
        }
        sender.send(n + 1).unwrap();
    });
    assert_eq!(*sender.borrow(), 3);
}

#[tokio::test(start_paused = true)]
async fn join_set_gives_tasks_as_they_end() {
    let mut tasks = JoinSet::new();
    for n in [3, 1, 2] {
        tasks.spawn(async move {
            sleep(SECOND * n).await;
            assert_ne!(n, 2, "on purpose");
            n
        });
    }
    let mut seen = Vec::new();
    async_for!(for ended in &mut tasks {
        seen.push(ended.ok());
    });
    assert_eq!(seen, [Some(1), None, Some(3)]);
    assert!(tasks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn interval_gives_ticks_until_it_is_stopped() {
    let begun = Instant::now();
    let mut ticks = Vec::new();
    async_for!(
        #[until(sleep(SECOND * 5 / 2))]
        for tick in interval(SECOND) {
            ticks.push(tick.duration_since(begun).as_secs());
        }
    );
    assert_eq!(ticks, [0, 1, 2]);
}

#[tokio::test]
async fn lines_and_segments_come_in_order() {
    async fn count(text: &[u8]) -> io::Result<usize> {
        let mut letters = 0;
        async_for!(for line in text.lines() {
            letters += line?.len();
        });
        Ok(letters)
    }
    assert_eq!(count(b"cat\r\ncow\n\nhorse").await.unwrap(), 11);
    let error = count(b"cat\n\xff\ncow").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let mut segments = Vec::new();
    async_for!(for segment in BufReader::new(&b"a,bc,,d"[..]).split(b',') {
        segments.push(segment.unwrap());
    });
    assert_eq!(segments, [&b"a"[..], b"bc", b"", b"d"]);
}

#[tokio::test]
async fn line_that_is_no_text_does_not_end_the_loop() {
    let mut lines = Vec::new();
    async_for!(for line in b"cat\n\xff\ncow".lines() {
        lines.push(line.ok());
    });
    assert_eq!(lines, [Some("cat".into()), None, Some("cow".into())]);
}

#[tokio::test]
async fn half_a_line_is_kept_when_the_loop_ends() {
    let (mut writer, reader) = duplex(64);
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"cat\nho").await.unwrap();
    let mut seen = Vec::new();
    let (stop, stopped) = oneshot::channel::<()>();
    let first = async {
        async_for!(
            #[until(stopped)]
            for line in &mut lines {
                seen.push(line.unwrap());
            }
        );
    };
    let rest = async {
        yield_now().await;
        yield_now().await;
        drop(stop);
    };
    tokio::join!(first, rest);
    assert_eq!(seen, ["cat"]);
    writer.write_all(b"rse\n").await.unwrap();
    drop(writer);
    async_for!(for line in lines {
        seen.push(line.unwrap());
    });
    assert_eq!(seen, ["cat", "horse"]);
}

#[tokio::test]
async fn read_dir_gives_each_entry() -> io::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loops");
    let mut names = Vec::new();
    async_for!(for entry in tokio::fs::read_dir(&folder).await? {
        names.push(entry?.file_name().into_string().unwrap());
    });
    names.sort();
    let mut expected = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        expected.push(entry?.file_name().into_string().unwrap());
    }
    expected.sort();
    assert_eq!(names, expected);
    assert!(names.contains(&"on_tokio.rs".to_owned()));
    Ok(())
}

#[tokio::test]
async fn listener_gives_connections_until_it_is_stopped() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let mut from = Vec::new();
        async_for!(
            #[until(stopped)]
            for accepted in &listener {
                let (mut stream, address) = accepted?;
                stream.write_all(b"hello\n").await?;
                from.push(address);
            }
        );
        listener.local_addr()?; // it is still there
        io::Result::Ok(from)
    });
    let mut clients = Vec::new();
    for _ in 0..3 {
        let stream = TcpStream::connect(address).await?;
        clients.push(stream.local_addr()?);
        let said = async_for!(for line in BufReader::new(stream).lines() {
            break line?;
        });
        assert_eq!(said.as_deref(), Some("hello"));
    }
    drop(stop);
    assert_eq!(server.await.unwrap()?, clients);
    Ok(())
}

#[tokio::test]
async fn listener_is_looped_over_by_value() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let client = tokio::spawn(TcpStream::connect(address));
    let from = async_for!(for accepted in listener {
        let (_, address) = accepted?;
        break address;
    });
    let client = client.await.unwrap()?;
    assert_eq!(from, Some(client.local_addr()?));
    Ok(())
}

#[tokio::test]
async fn listener_of_unix_gives_connections() -> io::Result<()> {
    let path = std::env::temp_dir().join(format!("forwith-loops-{}", std::process::id()));
    let mut listener = UnixListener::bind(&path)?;
    let connected = tokio::spawn(UnixStream::connect(path.clone()));
    async_for!(for accepted in &mut listener {
        let (mut stream, _) = accepted?;
        stream.write_all(b"hello\n").await?;
        break;
    });
    let said = async_for!(
        for line in BufReader::new(connected.await.unwrap()?).lines() {
            break line?;
        }
    );
    std::fs::remove_file(path)?;
    assert_eq!(said.as_deref(), Some("hello"));
    Ok(())
}
