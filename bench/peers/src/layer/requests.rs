//! Requests to an empty handler, with each layer and without.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use forwith_tower::Tracker;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tower::{Service, ServiceExt};
use tower_http::timeout::TimeoutLayer;

/// What stands around the handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layered {
    Not,
    Timeout,
    Ours,
}

/// How the handler is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The service of the router is called, without a server.
    Call,
    /// A connection of hyper, in memory.
    Connection,
}

/// A limit that no request reaches.
const LIMIT: Duration = Duration::from_secs(30);

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

impl Layered {
    pub const ALL: [Layered; 3] = [Layered::Not, Layered::Timeout, Layered::Ours];

    pub const fn name(self) -> &'static str {
        match self {
            Layered::Not => "none",
            Layered::Timeout => "timeout",
            Layered::Ours => "ours",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Layered::ALL.into_iter().find(|which| which.name() == name)
    }

    fn router(self) -> Router {
        let router = Router::new().route("/", get(async || ()));
        match self {
            Layered::Not => router,
            Layered::Timeout => {
                let status = axum::http::StatusCode::REQUEST_TIMEOUT;
                router.layer(TimeoutLayer::with_status_code(status, LIMIT))
            }
            Layered::Ours => router.layer(Tracker::new().layer().time_limit(LIMIT)),
        }
    }
}

impl Way {
    pub const fn name(self) -> &'static str {
        match self {
            Way::Call => "call",
            Way::Connection => "connection",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Way::Call, Way::Connection]
            .into_iter()
            .find(|way| way.name() == name)
    }

    pub const fn text(self) -> &'static str {
        match self {
            Way::Call => "the router alone",
            Way::Connection => "a connection of hyper",
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Sends so many requests, one after the other, and gives the number of bytes that were answered.
pub fn run(way: Way, which: Layered, requests: u64) -> u64 {
    runtime().block_on(async {
        match way {
            Way::Call => call(which.router(), requests).await,
            Way::Connection => connection(which.router(), requests).await,
        }
    })
}

async fn call(router: Router, requests: u64) -> u64 {
    let mut service = router.into_service::<Body>();
    let mut answered = 0;
    for _ in 0..requests {
        let request = Request::get("/")
            .body(Body::empty())
            .expect("it is a request");
        let service = ServiceExt::<Request>::ready(&mut service).await;
        let response: Result<Response, Infallible> = match service {
            Ok(service) => service.call(request).await,
            Err(never) => match never {},
        };
        answered += response.map_or(0, |response| u64::from(response.status().as_u16()));
    }
    answered
}

async fn connection(router: Router, requests: u64) -> u64 {
    let (mut client, server) = tokio::io::duplex(4096);
    let service = TowerToHyperService::new(router);
    let serve = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let serve = tokio::spawn(serve);
    let mut answer = vec![0; 4096];
    let mut answered = 0;
    for _ in 0..requests {
        client.write_all(ASK).await.expect("the server reads");
        // The answer is one write.
        let read = client.read(&mut answer).await.expect("the server answers");
        assert!(answer[..read].ends_with(b"\r\n\r\n"), "an answer is whole");
        answered += read as u64;
    }
    drop(client);
    let _ = serve.await;
    answered
}

/// A server on a thread of its own.
pub struct Server {
    address: SocketAddr,
}

impl Server {
    pub fn start(which: Layered) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        listener.set_nonblocking(true).expect("it is a socket");
        let address = listener.local_addr().expect("it is bound");
        thread::spawn(move || {
            runtime().block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
                // Or the kernel waits for more to send with it.
                let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap_or(()));
                let _ = axum::serve(listener, which.router()).await;
            });
        });
        Server { address }
    }

    /// Asks so many times over one connection, sixteen requests at a time.
    pub fn ask(&self, requests: u64) {
        const AT_A_TIME: u8 = 16;
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_nodelay(true).expect("it is a socket");
        let asks = ASK.repeat(AT_A_TIME.into());
        let mut answer = Vec::new();
        let mut part = [0; 8192];
        for _ in 0..requests / u64::from(AT_A_TIME) {
            stream.write_all(&asks).expect("the server reads");
            answer.clear();
            let mut answers = 0;
            while answers < usize::from(AT_A_TIME) {
                let read = stream.read(&mut part).expect("the server answers");
                assert!(read > 0, "the server goes on");
                answer.extend_from_slice(&part[..read]);
                answers = answer.windows(4).filter(|end| *end == b"\r\n\r\n").count();
            }
        }
    }
}
