//! Work with each resource can be spawned. It compiles, or does not.

use std::error::Error;
use std::io;

use forwith::{AsyncEnterExt, async_with};
use forwith_resources::tokio::{child, file, join_set, replaced, socket, tcp, writer, writer_on};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

fn spawned<F: Future + Send + 'static>(_: fn() -> F) {}
fn sent<A, F: Future + Send + 'static>(_: fn(A) -> F) {}

#[test]
fn work_with_a_process_is_send() {
    async fn owned() -> io::Result<()> {
        let mut command = Command::new("true");
        command.arg("1");
        async_with!(child(command) as child, {
            child.wait().await?;
        })
    }
    async fn borrowed() -> io::Result<()> {
        async_with!(child(Command::new("true").arg("1")) as child, {
            child.wait().await?;
        })
    }
    spawned(owned);
    spawned(borrowed);
}

#[test]
fn work_with_a_file_is_send() {
    async fn work() -> io::Result<()> {
        async_with!(file(File::create("a")).sync_all() as file, {
            async_with!(writer_on(BufWriter::new(&mut **file)) as out, {
                out.write_all(b"1").await?;
            })?;
        })?;
        async_with!(file(File::options().append(true).open("a")) as file, {
            file.write_all(b"1").await?;
        })?;
        async_with!(file(File::create("a")).outliving() as file, {
            file.write_all(b"1").await?;
        })?;
        async_with!(replaced("b") as file, {
            file.write_all(b"1").await?;
        })?;
        async_with!(writer(BufWriter::new(File::create("c").await?)) as out, {
            out.write_all(b"1").await?;
        })
    }
    /// Types with lifetimes in them.
    async fn erased(out: Box<dyn AsyncWrite + Send + Unpin>) -> io::Result<()> {
        async_with!(writer(out) as out, {
            out.write_all(b"1").await?;
        })
    }
    spawned(work);
    sent(erased);
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

#[test]
fn work_with_a_socket_is_send() {
    async fn work(acceptor: TlsAcceptor) -> io::Result<()> {
        async_with!(tcp(TcpStream::connect("[::1]:1")) as stream, {
            stream.write_all(b"1").await?;
        })?;
        let open = TcpStream::connect("[::1]:1").await?;
        async_with!(socket(acceptor.accept(open)) as stream, {
            stream.write_all(b"1").await?;
        })
    }
    /// Types with lifetimes in them.
    async fn erased(stream: Box<dyn Stream>) -> io::Result<()> {
        async_with!(socket(async { Ok(stream) }) as stream, {
            stream.write_all(b"1").await?;
        })
    }
    sent(work);
    sent(erased);
}

#[test]
fn work_with_a_set_of_tasks_is_send() {
    async fn quiet() -> Result<(), tokio::task::JoinError> {
        async_with!(join_set(JoinSet::new()) as set, {
            set.spawn(async {});
        })
    }
    async fn fallible() -> io::Result<()> {
        async_with!(join_set(JoinSet::new()) as set, {
            set.spawn(async { Ok(1) });
        })
    }
    /// Types with lifetimes in them.
    async fn erased() -> Result<(), Box<dyn Error + Send + Sync>> {
        async_with!(join_set(JoinSet::new()) as set, {
            set.spawn(async { Ok(Box::new(1) as Box<dyn std::any::Any + Send>) });
        })
    }
    spawned(quiet);
    spawned(fallible);
    spawned(erased);
}
