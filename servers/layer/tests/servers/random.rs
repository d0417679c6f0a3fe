//! Random clients: what was held is exited, however they leave. `FORWITH_SEED` and `FORWITH_CASES`
//! choose others.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::routing::any;
use forwith::{OwnedExit, OwnedOutcome, async_with};
use forwith_tower::Tracker;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, yield_now};

use crate::common::{Serving, soon, until};
use crate::http2;

/// A small generator: the tests need no more.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

async fn yields(number: u64) {
    for _ in 0..number {
        yield_now().await;
    }
}

#[derive(Clone, Default)]
struct Counts {
    entered: Arc<AtomicUsize>,
    exited: Arc<AtomicUsize>,
}

struct Held(Counts, u64);

impl OwnedExit for Held {
    type Error = String;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), String> {
        yields(self.1).await;
        self.0.exited.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// How long each phase of a handler takes.
#[derive(Clone, Copy, Deserialize)]
struct Plan {
    enter: u64,
    body: u64,
    exit: u64,
    frames: u64,
}

async fn hold(counts: &Counts, plan: Plan) -> Result<Held, String> {
    yields(plan.enter).await;
    counts.entered.fetch_add(1, Ordering::SeqCst);
    Ok(Held(counts.clone(), plan.exit))
}

/// Holds two resources, and one more in the body of the response.
async fn handle(State(counts): State<Counts>, Query(plan): Query<Plan>) -> Result<Body, String> {
    async_with!(hold(&counts, plan), hold(&counts, plan), {
        yields(plan.body).await;
    })?;
    let (mut channel, receive) = futures::channel::mpsc::channel::<Result<Bytes, String>>(0);
    let produce = async move {
        let sent: Result<(), String> = async_with!(hold(&counts, plan), {
            for _ in 0..plan.frames {
                let frame = Ok(Bytes::from_static(&[b'x'; 5000]));
                if futures::SinkExt::send(&mut channel, frame).await.is_err() {
                    break;
                }
                yields(plan.body).await;
            }
        });
        sent.unwrap();
    };
    let produce = futures::StreamExt::filter_map(futures::stream::once(produce), async |()| None);
    Ok(Body::from_stream(futures::stream::select(receive, produce)))
}

/// A client of HTTP/1.1 that leaves at some point, or reads to the end.
async fn leave_http1(address: String, path: String, mut random: Random) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let pipelined = if random.below(8) == 0 { 2 } else { 1 };
    let ask = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(ask.repeat(pipelined).as_bytes()).await;
    let mut part = vec![0; 3000];
    match random.below(4) {
        0 => while matches!(stream.read(&mut part).await, Ok(1..)) {},
        1 => {
            for _ in 0..random.below(10) {
                let _ = stream.read(&mut part).await;
            }
        }
        2 => {
            yields(random.below(300)).await;
            let _ = stream.shutdown().await;
            let _ = stream.read(&mut part).await;
        }
        _ => {
            yields(random.below(300)).await;
            stream.set_zero_linger().unwrap();
        }
    }
}

async fn leave_http2(address: String, path: String, mut random: Random) {
    use http_body_util::BodyExt;
    let mut client = http2::Client::new(&address).await;
    let mut response = client.ask("GET", &path, 0);
    if random.below(3) == 0 {
        yields(random.below(300)).await;
        response.abort();
    } else if let Ok(response) = (&mut response).await {
        let mut body = response.into_body();
        for _ in 0..random.below(15) {
            if body.frame().await.is_none() {
                break;
            }
        }
    }
}

fn setting(name: &str) -> Option<u64> {
    let told = env::var(name).ok()?;
    Some(
        told.parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_exited() {
    let seed = setting("FORWITH_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u64::from(now.unwrap().subsec_nanos()) | 1
    });
    let cases = setting("FORWITH_CASES").unwrap_or(400);
    println!("FORWITH_SEED={seed} FORWITH_CASES={cases}");
    let mut random = Random(seed);
    for at_once in [false, true] {
        let counts = Counts::default();
        let tracker = Tracker::new();
        let mut layer = tracker.layer().time_limit(Duration::from_millis(20));
        if at_once {
            layer = layer.answer_at_once();
        }
        let router = Router::new()
            .route("/", any(handle))
            .with_state(counts.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serve = axum::serve(listener, router.layer(layer));
        let serve = serve.with_graceful_shutdown(tracker.closing());
        let task = tokio::spawn(async { serve.await.unwrap() });
        let server = Serving { address, task };

        let mut clients = JoinSet::new();
        for _ in 0..cases {
            let (enter, exit) = (random.below(3), random.below(50));
            let body = random.below(200);
            let frames = random.below(20);
            let path = format!("/?enter={enter}&body={body}&exit={exit}&frames={frames}");
            let (address, own) = (server.address.clone(), Random(random.below(u64::MAX) | 1));
            if random.below(2) == 0 {
                clients.spawn(leave_http1(address, path, own));
            } else {
                clients.spawn(leave_http2(address, path, own));
            }
            if clients.len() >= 16 {
                soon("a client", clients.join_next())
                    .await
                    .unwrap()
                    .unwrap();
            }
        }
        while let Some(left) = soon("a client", clients.join_next()).await {
            left.unwrap();
        }
        until("a server at rest", || match tracker.running() {
            0 => Ok(()),
            running => Err(running),
        })
        .await;
        let entered = counts.entered.load(Ordering::SeqCst);
        let exited = counts.exited.load(Ordering::SeqCst);
        assert_eq!(entered, exited, "FORWITH_SEED={seed} FORWITH_CASES={cases}");
        assert!(entered as u64 > cases, "they hold things: {entered}");
        let left = tracker.shut_down().serving(server.task).await;
        assert!(left.is_empty(), "FORWITH_SEED={seed}: {left}");
    }
}
