//! The server of the tests, its resource, and clients.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use forwith::{OwnedExit, OwnedOutcome, async_with};
use forwith_tower::{TrackLayer, Tracker};
use futures::stream;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long a test waits for what must come.
const BOUND: Duration = Duration::from_secs(30);

/// What has happened in a server.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Whether there are so many of that line.
    pub fn has(&self, number: usize, line: &str) -> Result<(), Vec<String>> {
        let lines = self.lines();
        let found = lines.iter().filter(|has| *has == line).count();
        if found == number { Ok(()) } else { Err(lines) }
    }

    /// Waits until there is such a line.
    pub async fn until(&self, line: &str) {
        until(&format!("the line {line:?}"), || {
            let lines = self.lines();
            lines
                .iter()
                .any(|has| has == line)
                .then_some(())
                .ok_or(lines)
        })
        .await;
    }
}

/// Looks until there is something, and panics with what was seen instead.
pub async fn until<T, E: Debug>(what: &str, mut look: impl FnMut() -> Result<T, E>) -> T {
    let mut seen = None;
    let looking = async {
        loop {
            match look() {
                Ok(found) => return found,
                Err(instead) => seen = Some(instead),
            }
            sleep(Duration::from_millis(2)).await;
        }
    };
    let found = timeout(BOUND, looking).await.ok();
    found.unwrap_or_else(|| panic!("waited in vain for {what}, and saw {seen:?}"))
}

/// Bounds something that must come.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let value = timeout(BOUND, future).await.ok();
    value.unwrap_or_else(|| panic!("waited in vain for {what}"))
}

/// Doors that a test opens.
#[derive(Clone)]
pub struct Doors {
    /// Handlers wait here in their body.
    pub body: Arc<Semaphore>,
    /// Exits wait here.
    pub exit: Arc<Semaphore>,
}

impl Doors {
    fn new() -> Self {
        Doors {
            body: Arc::new(Semaphore::new(0)),
            exit: Arc::new(Semaphore::new(0)),
        }
    }
}

/// Waits at a door, and leaves it open for others.
pub async fn pass(door: &Semaphore) {
    drop(door.acquire().await.unwrap());
}

pub fn open(door: &Semaphore) {
    door.add_permits(1000);
}

/// The resource that handlers hold. Its exit is two steps, between which it waits at a door.
pub struct Held(App);

pub async fn hold(app: &App) -> Result<Held, String> {
    app.log.push("enter");
    Ok(Held(app.clone()))
}

impl OwnedExit for Held {
    type Error = String;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), String> {
        self.0.log.push(format!("exit {outcome:?}"));
        pass(&self.0.doors.exit).await;
        self.0.log.push("exited");
        Ok(())
    }
}

#[derive(Clone)]
pub struct App {
    pub log: Log,
    pub doors: Doors,
    pub tracker: Tracker,
}

impl App {
    pub fn new() -> Self {
        crate::events::hear();
        App {
            log: Log::default(),
            doors: Doors::new(),
            tracker: Tracker::new(),
        }
    }

    /// Waits until nothing runs in the server.
    pub async fn until_idle(&self) {
        until("a server at rest", || match self.tracker.running() {
            0 => Ok(()),
            running => Err((running, self.log.lines())),
        })
        .await;
    }

    /// Waits until the log tells of a cancellation of that request.
    pub async fn until_cancelled(&self, request: &str) {
        until("an event", || match crate::events::of(request) {
            events if events.is_empty() => Err(self.log.lines()),
            _ => Ok(()),
        })
        .await;
    }

    /// The handlers of the tests.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/hello", get(async || "hello"))
            .route("/wait", get(wait).post(wait))
            .route("/wait/{name}", get(wait).post(wait))
            .route("/read", post(read))
            .route("/stream", get(streamed))
            .route("/wait_and_stream/{name}", get(wait_and_stream))
            .route("/exact", get(exact))
            .route("/panic", get(panics))
            .route("/panic/stream", get(panics_in_its_body))
            .with_state(self.clone())
    }

    /// Serves on a free port.
    pub async fn serve(&self, layer: TrackLayer) -> Serving {
        self.serve_router(self.router().layer(layer)).await
    }

    pub async fn serve_router(&self, router: Router) -> Serving {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = axum::serve(listener, router).with_graceful_shutdown(self.tracker.closing());
        Serving {
            address: address.to_string(),
            task: tokio::spawn(async { serve.await.unwrap() }),
        }
    }
}

/// A server that runs.
pub struct Serving {
    pub address: String,
    pub task: JoinHandle<()>,
}

impl Serving {
    pub async fn connect(&self) -> Client {
        Client(TcpStream::connect(&self.address).await.unwrap())
    }
}

/// Holds a resource until its door opens.
async fn wait(State(app): State<App>, body: Body) -> Response {
    let done = async_with!(hold(&app), {
        // The body of the request stays unread.
        let _unread = body;
        app.log.push("waits");
        pass(&app.doors.body).await;
        app.log.push("done");
        "done"
    });
    Response::new(done.unwrap().into())
}

/// Holds a resource until the body of the request has been read and its door opens.
async fn read(State(app): State<App>, body: Body) -> Response {
    let len = async_with!(hold(&app), {
        app.log.push("reads");
        let len = body.collect().await.unwrap().to_bytes().len();
        app.log.push(format!("read {len}"));
        pass(&app.doors.body).await;
        app.log.push("done");
        len
    });
    Response::new(len.unwrap().to_string().into())
}

/// A stream that holds a resource: the frames are sent from a body of `async_with!`. Without an end
/// it waits at the door of the body after every thousand frames.
pub fn frames(
    app: App,
    frame: Bytes,
    number: usize,
) -> impl stream::Stream<Item = Result<Bytes, String>> + Send {
    paced(app, frame, number, 1000)
}

/// A stream that waits at the door of the body after every so many frames.
pub fn paced(
    app: App,
    frame: Bytes,
    number: usize,
    pace: usize,
) -> impl stream::Stream<Item = Result<Bytes, String>> + Send {
    let (mut channel, receive) = futures::channel::mpsc::channel(0);
    let produce = async move {
        let sent: Result<(), String> = async_with!(hold(&app), {
            for count in 1..=number {
                app.log.push(format!("frame {count}"));
                if futures::SinkExt::send(&mut channel, Ok(frame.clone()))
                    .await
                    .is_err()
                {
                    break;
                }
                if count % pace == 0 {
                    pass(&app.doors.body).await;
                }
            }
        });
        sent.unwrap();
    };
    // It is polled with the stream, and not in a task: so it is in the scope of the body. It comes
    // first, so the first frame is there at once.
    stream::select(
        stream::StreamExt::filter_map(stream::once(produce), async |()| None),
        receive,
    )
}

/// Streams without an end, and holds a resource meanwhile.
async fn streamed(State(app): State<App>) -> Response {
    let frame = Bytes::from("a frame of the stream\n".repeat(1000));
    Response::new(Body::from_stream(frames(app, frame, usize::MAX)))
}

/// Holds a resource until its door opens, and then streams.
async fn wait_and_stream(app: State<App>) -> Response {
    let waited = wait(State(app.0.clone()), Body::empty()).await;
    assert!(waited.status().is_success());
    streamed(app).await
}

/// Streams ten bytes that the head has announced, and waits behind them at the door of the body.
async fn exact(State(app): State<App>) -> Response {
    let body = Body::from_stream(paced(app, Bytes::from_static(b"01234"), 2, 2));
    let mut response = Response::new(body);
    response.headers_mut().insert("content-length", 10.into());
    response
}

async fn panics(State(app): State<App>) -> Response {
    let never: Result<(), String> = async_with!(hold(&app), { panic!("in a handler") });
    never.unwrap();
    unreachable!()
}

async fn panics_in_its_body(State(app): State<App>) -> Response {
    let mut left = 2;
    let frames = stream::poll_fn(move |_| {
        app.log.push("polled");
        left -= 1;
        assert!(left >= 0, "in a body");
        std::task::Poll::Ready(Some(Ok::<_, String>("frame")))
    });
    Response::new(Body::from_stream(frames))
}

/// A client of HTTP/1.1 that says what it wants, byte by byte.
pub struct Client(pub TcpStream);

impl Client {
    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    pub async fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"))
            .await;
    }

    pub async fn post(&mut self, path: &str, len: usize, sent: usize) {
        let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {len}\r\n\r\n");
        self.send(&head).await;
        self.0.write_all(&vec![b'x'; sent]).await.unwrap();
    }

    /// Reads until the text is there.
    pub async fn read_until(&mut self, text: &str) -> String {
        let mut all = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&all).contains(text) {
                let read = self.0.read_buf(&mut all).await.unwrap();
                assert!(
                    read > 0,
                    "the server closed: {:?}",
                    String::from_utf8_lossy(&all)
                );
            }
        };
        soon(&format!("the text {text:?}"), reading).await;
        String::from_utf8(all).unwrap()
    }

    /// Reads to the end, or to an error of the connection.
    pub async fn read_to_end(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        let reading = async { while matches!(self.0.read_buf(&mut all).await, Ok(1..)) {} };
        soon("the end of the connection", reading).await;
        all
    }

    /// Leaves with a reset instead of an end.
    pub fn reset(self) {
        self.0.set_zero_linger().unwrap();
    }
}
