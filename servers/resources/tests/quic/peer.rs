//! A peer that reads all streams to their end, and says how each ended.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use quinn::rustls::RootCertStore;
use quinn::rustls::pki_types::PrivateKeyDer;
use quinn::{
    ClientConfig, Connecting, Connection, ConnectionError, Endpoint, ReadError, RecvStream,
    ServerConfig, VarInt,
};
use tokio::sync::Semaphore;

use forwith_testing::until;

/// What a stream has brought, and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// So many bytes, and a clean end.
    Whole(usize),
    /// It was reset with this code.
    Reset(u64),
    /// Its connection ended before.
    Lost,
}

/// What the streams and connections have brought.
#[derive(Clone, Debug, Default)]
struct Log {
    streams: Arc<Mutex<Vec<Seen>>>,
    closes: Arc<Mutex<Vec<ConnectionError>>>,
    /// It reads as long as this has a permit.
    reads: Option<Arc<Semaphore>>,
}

/// A peer, and a client for it.
pub struct Peer {
    pub server: Endpoint,
    pub client: Endpoint,
    addr: SocketAddr,
    config: ClientConfig,
    log: Log,
}

/// What a stream holds that nobody reads, so that longer ones wait.
pub const WINDOW: usize = 1 << 16;

impl Peer {
    pub fn new() -> Peer {
        Peer::with(None)
    }

    /// A peer that reads once it is told to.
    pub fn reading_when(reads: Arc<Semaphore>) -> Peer {
        Peer::with(Some(reads))
    }

    fn with(reads: Option<Arc<Semaphore>>) -> Peer {
        let key = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let cert = key.cert.der().clone();
        let private = PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into());
        let mut config = ServerConfig::with_single_cert(vec![cert.clone()], private).unwrap();
        let transport = Arc::get_mut(&mut config.transport).unwrap();
        transport.stream_receive_window(VarInt::from_u32(1 << 16));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Endpoint::server(config, any).unwrap();
        let mut client = Endpoint::client(any).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(cert).unwrap();
        let config = ClientConfig::with_root_certificates(Arc::new(roots)).unwrap();
        client.set_default_client_config(config.clone());
        let log = Log {
            reads,
            ..Log::default()
        };
        tokio::spawn(serve(server.clone(), log.clone()));
        Peer {
            addr: server.local_addr().unwrap(),
            server,
            client,
            config,
            log,
        }
    }

    pub fn connecting(&self) -> Connecting {
        self.connecting_from(&self.client)
    }

    /// Another client, of the runtime that is current.
    pub fn client_here(&self) -> Endpoint {
        let mut client = Endpoint::client(([127, 0, 0, 1], 0).into()).unwrap();
        client.set_default_client_config(self.config.clone());
        client
    }

    pub fn connecting_from(&self, client: &Endpoint) -> Connecting {
        client.connect(self.addr, "localhost").unwrap()
    }

    /// The streams that have ended.
    pub fn streams(&self) -> Vec<Seen> {
        self.log.streams.lock().unwrap().clone()
    }

    /// Waits until all connections have ended, and gives how the streams and connections did.
    pub async fn ended(&self, what: &str) -> (Vec<Seen>, Vec<u64>) {
        until(what, async || {
            let open = (
                self.client.open_connections(),
                self.server.open_connections(),
                Arc::strong_count(&self.log.streams) - 2, // this, and that of the task
            );
            if open == (0, 0, 0) { Ok(()) } else { Err(open) }
        })
        .await;
        let closes = std::mem::take(&mut *self.log.closes.lock().unwrap());
        let closes = closes.into_iter().filter_map(|close| match close {
            ConnectionError::ApplicationClosed(close) => Some(close.error_code.into_inner()),
            _ => None,
        });
        let streams = std::mem::take(&mut *self.log.streams.lock().unwrap());
        (streams, closes.collect())
    }
}

async fn serve(server: Endpoint, log: Log) {
    while let Some(incoming) = server.accept().await {
        let log = log.clone();
        tokio::spawn(async move {
            if let Ok(connection) = incoming.await {
                serve_one(connection, log).await;
            }
        });
    }
}

async fn serve_one(connection: Connection, log: Log) {
    let uni = async {
        loop {
            match connection.accept_uni().await {
                Ok(stream) => drop(tokio::spawn(read(stream, log.clone()))),
                Err(close) => return log.closes.lock().unwrap().push(close),
            }
        }
    };
    let bi = async {
        while let Ok((mut send, recv)) = connection.accept_bi().await {
            let log = log.clone();
            tokio::spawn(async move {
                read(recv, log).await;
                drop(send.write_all(b"answer").await);
                drop((send.finish(), send.stopped().await));
            });
        }
    };
    tokio::join!(uni, bi);
}

async fn read(mut stream: RecvStream, log: Log) {
    let mut length = 0;
    let seen = loop {
        if let Some(reads) = &log.reads {
            drop(reads.acquire().await.unwrap());
        }
        match stream.read_chunk(usize::MAX, true).await {
            Ok(Some(chunk)) => length += chunk.bytes.len(),
            Ok(None) => break Seen::Whole(length),
            Err(ReadError::Reset(code)) => break Seen::Reset(code.into_inner()),
            Err(_) => break Seen::Lost,
        }
    };
    log.streams.lock().unwrap().push(seen);
}
