//! Connections, as the peer sees their end.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use forwith::{CancelToken, async_with};
use forwith_resources::tokio::{socket, tcp};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, yield_now};
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::endings::{ENDINGS, Ending};
use forwith_testing::soon;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Plain,
    Tcp,
    Tls,
}

const KINDS: [Kind; 3] = [Kind::Plain, Kind::Tcp, Kind::Tls];

/// What the peer does before it reads to the end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Peer {
    Reads,
    /// Writes bytes that nobody reads.
    Chatters,
}

/// What the peer has read, and how its reading ended.
type Seen = (usize, Result<(), ErrorKind>);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Both ends of TLS with a certificate that is known here alone.
fn tls() -> (TlsAcceptor, TlsConnector) {
    let signed = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let certificate = signed.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let server = ServerConfig::builder().with_no_client_auth();
    let server = server
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots);
    let client = client.with_no_client_auth();
    (Arc::new(server).into(), Arc::new(client).into())
}

/// A listener, and a client of it in a task.
struct Site {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

impl Site {
    async fn new() -> Self {
        let (acceptor, connector) = tls();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Site {
            listener,
            acceptor,
            connector,
        }
    }

    async fn connect(&self, kind: Kind) -> Box<dyn Stream> {
        let address = self.listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        if kind != Kind::Tls {
            return Box::new(stream);
        }
        let name = ServerName::try_from("localhost").unwrap();
        Box::new(self.connector.connect(name, stream).await.unwrap())
    }

    /// Connects a peer, and accepts it.
    async fn peer(&self, kind: Kind, peer: Peer) -> (JoinHandle<Seen>, TcpStream) {
        let address = self.listener.local_addr().unwrap();
        let connector = self.connector.clone();
        let task = tokio::spawn(async move {
            // It may be cut before this has looked.
            let stream = match TcpStream::connect(address).await {
                Ok(stream) if kind == Kind::Tls => stream,
                Ok(stream) => return see(stream, peer).await,
                Err(error) => return (0, Err(error.kind())),
            };
            let name = ServerName::try_from("localhost").unwrap();
            match connector.connect(name, stream).await {
                Ok(stream) => see(stream, peer).await,
                Err(error) => (0, Err(error.kind())),
            }
        });
        let (stream, _) = self.listener.accept().await.unwrap();
        (task, stream)
    }
}

async fn see(mut stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer) -> Seen {
    let mut read = Vec::new();
    let ended = async {
        if peer == Peer::Chatters {
            stream.write_all(b"hello").await?;
            stream.flush().await?;
            // And once more, when the other side has no more to say, and most of that has not
            // arrived yet.
            for _ in 0..1000 {
                yield_now().await;
            }
            stream.write_all(b"hello").await?;
            stream.flush().await?;
        }
        stream.read_to_end(&mut read).await
    };
    let ended = ended.await.map(drop).map_err(|error| error.kind());
    (read.len(), ended)
}

const SIZE: usize = 1_000_000;

#[tokio::test]
async fn peer_can_tell_the_end_from_a_cut() {
    let site = Site::new().await;
    for kind in KINDS {
        for peer in [Peer::Reads, Peer::Chatters] {
            for ending in ENDINGS {
                let what = format!("{kind:?}, {peer:?}, {ending:?}");
                let (task, stream) = site.peer(kind, peer).await;
                let token = CancelToken::new();
                macro_rules! work {
                    ($enter:expr) => {{
                        let work = async {
                            async_with!($enter as stream, {
                                if peer == Peer::Chatters {
                                    stream.read_exact(&mut [0; 1]).await?; // the rest is there
                                }
                                stream.write_all(&vec![1; SIZE]).await?;
                                stream.flush().await?;
                                ending.end(&token).await?;
                            })
                        };
                        ending.run(&token, work).await
                    }};
                }
                match kind {
                    Kind::Plain => work!(socket(async { Ok(stream) })),
                    Kind::Tcp => work!(tcp(async { Ok(stream) })),
                    Kind::Tls => work!(socket(site.acceptor.accept(stream))),
                }
                let (read, ended) = soon(&what, task).await.unwrap();
                let expected = match (kind, peer) {
                    _ if ending == Ending::Completes => Some(Ok(())),
                    (Kind::Plain, Peer::Reads) => Some(Ok(())),
                    (Kind::Tcp, Peer::Reads) => Some(Err(ErrorKind::ConnectionReset)),
                    (Kind::Tls, Peer::Reads) => Some(Err(ErrorKind::UnexpectedEof)),
                    (_, Peer::Chatters) => None, // it may be its writing that fails
                };
                match expected {
                    Some(expected) => assert_eq!(ended, expected, "{what}"),
                    None => assert!(ended.is_err(), "{what}"),
                }
                assert!(read == SIZE || ending != Ending::Completes, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn connection_is_struck_in_each_phase() {
    let site = Site::new().await;
    let phase = Cell::new(Phase::Enter);
    for kind in [Kind::Tcp, Kind::Tls] {
        for with in STRIKES {
            for at in PHASES {
                for time in 1.. {
                    let what = format!("{kind:?}, {with:?} in {at:?}, {time}");
                    assert!(time < 1000, "{what}");
                    let (task, stream) = site.peer(kind, Peer::Reads).await;
                    macro_rules! work {
                        ($enter:expr) => {{
                            let work = async {
                                async_with!($enter as stream, {
                                    phase.set(Phase::Body);
                                    stream.write_all(b"hello").await?;
                                    stream.flush().await?;
                                    yield_now().await;
                                    phase.set(Phase::Exit);
                                })
                            };
                            strike(with, at, time, &phase, work).await
                        }};
                    }
                    let ended: Ended<io::Result<()>> = if kind == Kind::Tls {
                        work!(socket(site.acceptor.accept(stream)))
                    } else {
                        work!(tcp(async {
                            yield_now().await;
                            Ok(stream)
                        }))
                    };
                    let seen = soon(&what, task).await.unwrap();
                    let is_whole = match &ended {
                        Ended::First(_) => Some(true),
                        Ended::Struck if at != Phase::Exit => Some(false),
                        Ended::Struck if with == Strike::Dropped => Some(true),
                        Ended::Struck => None, // as far as it was
                    };
                    match is_whole {
                        Some(true) => assert_eq!(seen, (5, Ok(())), "{what}"),
                        // Nothing was opened, so there is nothing to reset.
                        Some(false) if at == Phase::Enter && kind == Kind::Tcp => {}
                        Some(false) => assert!(seen.1.is_err(), "{what}"),
                        None => assert!(seen.0 == 5, "{what}"),
                    }
                    if let Ended::First(ended) = ended {
                        ended.unwrap();
                        assert!(time > 1 || with == Strike::Cancelled, "{what}");
                        break;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn peer_that_has_no_end_is_not_awaited_for_ever() {
    let site = Site::new().await;
    for kind in KINDS {
        for talks in [false, true] {
            let address = site.listener.local_addr().unwrap();
            let (near, far) = tokio::join!(TcpStream::connect(address), site.listener.accept());
            let (near, mut far) = (near.unwrap(), far.unwrap().0);
            let talking = tokio::spawn(async move {
                while talks && far.write_all(b"hello").await.is_ok() {
                    yield_now().await;
                }
                far
            });
            let limit = Duration::from_millis(20);
            let ended: io::Result<()> = match kind {
                Kind::Tls => continue,
                Kind::Plain => {
                    let enter = socket(async { Ok(near) }).close_limit(limit);
                    async { async_with!(enter as stream, { stream.write_all(b"1").await? }) }.await
                }
                Kind::Tcp => {
                    let enter = tcp(async { Ok(near) }).close_limit(limit);
                    async { async_with!(enter as stream, { stream.write_all(b"1").await? }) }.await
                }
            };
            ended.unwrap();
            drop(soon("the peer", talking).await.unwrap());
        }
    }
}

/// What is written is still in the program, because the peer does not read.
#[tokio::test]
async fn end_that_cannot_be_written_is_an_error() {
    let site = Site::new().await;
    let (peer, accepted) = tokio::join!(site.connect(Kind::Tls), async {
        let (stream, _) = site.listener.accept().await.unwrap();
        site.acceptor.accept(stream).await
    });
    let ended: io::Result<()> = async {
        let enter = socket(async { accepted }).close_limit(Duration::from_millis(20));
        async_with!(enter as stream, {
            // As much as goes out, and some more.
            let writes = async {
                loop {
                    stream.write_all(&[1; 10_000]).await?;
                }
            };
            let written = tokio::time::timeout(Duration::from_millis(200), writes).await;
            let still: Result<io::Result<()>, _> = written;
            assert!(still.is_err(), "nobody reads");
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::TimedOut);
    drop(peer);
}

#[tokio::test]
async fn peer_that_has_reset_the_connection_is_an_error() {
    let site = Site::new().await;
    let address = site.listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), site.listener.accept());
    let (near, far) = (near.unwrap(), far.unwrap().0);
    let ended: io::Result<()> = async {
        async_with!(tcp(async { Ok(near) }) as stream, {
            stream.write_all(b"hello").await?;
            far.readable().await?;
            drop(far); // with bytes that it has not read
        })
    }
    .await;
    let kind = ended.unwrap_err().kind();
    assert!(
        matches!(kind, ErrorKind::ConnectionReset | ErrorKind::NotConnected),
        "{kind:?}"
    );
}

/// Without this, `socket` need not exist.
#[tokio::test]
async fn tls_that_is_dropped_has_no_end() {
    let site = Site::new().await;
    let (task, stream) = site.peer(Kind::Tls, Peer::Reads).await;
    let mut stream = site.acceptor.accept(stream).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    assert_eq!(
        task.await.unwrap(),
        (5, Err(ErrorKind::UnexpectedEof)),
        "this release of tokio-rustls sends `close_notify` when a stream is dropped (0.26.6 does \
         not): change the row in the README"
    );
}

/// Without this, the exit need not read what the peer still sends.
#[tokio::test]
async fn connection_that_is_dropped_with_unread_bytes_is_reset() {
    let site = Site::new().await;
    let (task, mut stream) = site.peer(Kind::Plain, Peer::Chatters).await;
    stream.read_exact(&mut [0; 1]).await.unwrap();
    stream.write_all(&vec![1; SIZE]).await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    let (_, ended) = task.await.unwrap();
    assert!(
        ended.is_err(),
        "this system does not reset a connection with unread bytes: change the row in the README"
    );
}
