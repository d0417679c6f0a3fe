//! A small mail server. It judges a mail when it is told to.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lettre::{AsyncSmtpTransport, Message, Tokio1Executor};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use forwith_testing::until;

pub type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// A mail server, as long as its runtime runs.
#[derive(Clone)]
pub struct Server {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    /// The mails that were judged, and those that are about to be.
    pub seen: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    /// A mail with the word "slow" is judged when this has a permit.
    pub verdicts: Arc<Semaphore>,
}

impl Server {
    pub async fn start() -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Server {
            port: listener.local_addr().unwrap().port(),
            taken: Arc::default(),
            seen: Arc::default(),
            connections: Arc::default(),
            verdicts: Arc::new(Semaphore::new(0)),
        };
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = shared.clone();
                tokio::spawn(async move {
                    server.connections.fetch_add(1, Ordering::SeqCst);
                    drop(server.serve(client).await);
                    server.connections.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub fn transport(&self) -> Smtp {
        Smtp::builder_dangerous("127.0.0.1").port(self.port).build()
    }

    /// The subjects of the mails that were taken.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    pub fn clear(&self) {
        self.taken.lock().unwrap().clear();
    }

    /// The number of open connections.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until the server has so many mails before it.
    pub async fn has_seen(&self, mails: usize) {
        until("the mails", async || {
            match self.seen.load(Ordering::SeqCst) {
                seen if seen == mails => Ok(()),
                other => Err(other),
            }
        })
        .await;
    }

    async fn serve(&self, client: TcpStream) -> io::Result<()> {
        let mut client = BufReader::new(client);
        client.write_all(b"220 forwith\r\n").await?;
        loop {
            let mut line = String::new();
            if client.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let answer = match line.get(..4).unwrap_or_default() {
                "EHLO" => "250 forwith\r\n",
                "QUIT" => {
                    client.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                "DATA" => {
                    client.write_all(b"354 go on\r\n").await?;
                    match self.judge(&mut client).await? {
                        Some(answer) => answer,
                        None => return Ok(()),
                    }
                }
                _ => "250 ok\r\n",
            };
            client.write_all(answer.as_bytes()).await?;
        }
    }

    /// Reads a mail, and gives the answer to it, or nothing if the connection is to be cut.
    async fn judge(&self, client: &mut BufReader<TcpStream>) -> io::Result<Option<&'static str>> {
        let mut subject = String::new();
        loop {
            let mut line = String::new();
            if client.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            if let Some(found) = line.strip_prefix("Subject: ") {
                subject = found.trim().into();
            }
            if line == ".\r\n" {
                break;
            }
        }
        self.seen.fetch_add(1, Ordering::SeqCst);
        if subject.contains("slow") {
            self.verdicts.acquire().await.unwrap().forget();
        }
        if subject.contains("refused") {
            return Ok(Some("554 refused\r\n"));
        }
        self.taken.lock().unwrap().push(subject.clone());
        Ok((!subject.contains("cut")).then_some("250 taken\r\n"))
    }
}

/// A mail with this subject.
pub fn mail(subject: &str) -> Message {
    Message::builder()
        .from("a@example.org".parse().unwrap())
        .to("b@example.org".parse().unwrap())
        .subject(subject)
        .body(String::from("Hello."))
        .unwrap()
}
