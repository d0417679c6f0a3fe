//! A small driver: it speaks the protocol, counts sessions, and starts no browser.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fantoccini::error::NewSessionError;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex as Turn, Semaphore};

const NULL: &str = "null";
const INVALID: &str = r#"{"error":"invalid session id","message":"gone","stacktrace":""}"#;
const BROKEN: &str = r#"{"error":"unknown error","message":"it does not end","stacktrace":""}"#;

/// A driver, as long as its runtime runs.
#[derive(Clone, Default)]
pub struct Driver {
    pub port: u16,
    /// Each by its id, with the turn of its commands.
    pub open: Arc<Mutex<HashMap<String, Arc<Turn<()>>>>>,
    /// The number of sessions that there were.
    pub made: Arc<AtomicUsize>,
    /// Pages load as long as this has no permit.
    pub loads: Option<Arc<Semaphore>>,
    /// New sessions wait for a permit of this.
    pub starts: Option<Arc<Semaphore>>,
    /// No session can be deleted.
    pub refuses: bool,
}

impl Driver {
    pub async fn start(mut self) -> Driver {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        self.port = listener.local_addr().unwrap().port();
        let driver = self.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(driver.clone().serve(client));
            }
        });
        self
    }

    /// The number of sessions.
    pub fn sessions(&self) -> usize {
        self.open.lock().unwrap().len()
    }

    /// Forgets the sessions, as a driver does whose browsers have ended.
    pub fn lose_sessions(&self) {
        self.open.lock().unwrap().clear();
    }

    /// A call for [`browser`](forwith_resources::fantoccini::browser).
    pub fn connect(
        &self,
    ) -> impl Future<Output = Result<Client, NewSessionError>> + Send + 'static {
        let url = format!("http://127.0.0.1:{}", self.port);
        async move {
            let builder = ClientBuilder::new(HttpConnector::new());
            builder.connect(&url).await
        }
    }

    async fn serve(self, client: TcpStream) -> io::Result<()> {
        let mut client = BufReader::new(client);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let begun = head.len();
                if client.read_line(&mut head).await? == 0 {
                    return Ok(());
                }
                let line = head[begun..].to_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            client.read_exact(&mut vec![0; length]).await?;
            // A command goes on when its client leaves.
            let driver = self.clone();
            let (status, value) = tokio::spawn(driver.answer(head)).await.unwrap();
            let body = format!(r#"{{"value":{value}}}"#);
            let head = format!(
                "HTTP/1.1 {status} .\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            );
            client.write_all((head + &body).as_bytes()).await?;
        }
    }

    async fn answer(self, head: String) -> (u16, String) {
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let mut path = path.split('/').skip(2);
        let Some(id) = path.next() else {
            if let Some(starts) = &self.starts {
                starts.acquire().await.unwrap().forget();
            }
            let mut sessions = self.open.lock().unwrap();
            let id = format!("session-{}", self.made.fetch_add(1, Ordering::SeqCst));
            sessions.insert(id.clone(), Arc::default());
            return (
                200,
                format!(r#"{{"sessionId":"{id}","capabilities":{{}}}}"#),
            );
        };
        let Some(turn) = self.open.lock().unwrap().get(id).cloned() else {
            return (404, INVALID.into());
        };
        let _turn = turn.lock().await;
        match (method, path.next()) {
            ("DELETE", None) if self.refuses => (500, BROKEN.into()),
            ("DELETE", None) => {
                self.open.lock().unwrap().remove(id);
                (200, NULL.into())
            }
            ("POST", Some("url")) => {
                if let Some(loads) = &self.loads {
                    drop(loads.acquire().await.unwrap());
                }
                (200, NULL.into())
            }
            _ => (200, r#""about:blank""#.into()),
        }
    }
}
