//! A small FTP server. It answers for a slow file when it is told to.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use suppaftp::FtpResult;
use suppaftp::tokio::AsyncFtpStream;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// An FTP server, as long as its runtime runs.
#[derive(Clone)]
pub struct Server {
    port: u16,
    /// The lengths of the files.
    files: Arc<Mutex<BTreeMap<String, usize>>>,
    sessions: Arc<AtomicUsize>,
    goodbyes: Arc<AtomicUsize>,
    /// The commands, as they came.
    commands: Arc<Mutex<Vec<String>>>,
    /// A command with the word "slow" is answered when this has a permit.
    pub answers: Arc<Semaphore>,
}

impl Server {
    pub async fn start() -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Server {
            port: listener.local_addr().unwrap().port(),
            files: Arc::default(),
            sessions: Arc::default(),
            goodbyes: Arc::default(),
            commands: Arc::default(),
            answers: Arc::new(Semaphore::new(0)),
        };
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = shared.clone();
                tokio::spawn(async move {
                    server.sessions.fetch_add(1, Ordering::SeqCst);
                    drop(server.serve(client).await);
                    server.sessions.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// A call for [`session`](forwith_resources::suppaftp::session).
    pub async fn connect(&self) -> FtpResult<AsyncFtpStream> {
        let mut ftp = AsyncFtpStream::connect(("127.0.0.1", self.port)).await?;
        ftp.login("user", "password").await?;
        Ok(ftp)
    }

    pub fn put(&self, path: &str, length: usize) {
        self.files.lock().unwrap().insert(path.into(), length);
    }

    pub fn files(&self) -> BTreeMap<String, usize> {
        self.files.lock().unwrap().clone()
    }

    pub fn clear(&self) {
        self.files.lock().unwrap().clear();
    }

    /// The number of open sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.load(Ordering::SeqCst)
    }

    /// The number of sessions that were said goodbye to.
    pub fn goodbyes(&self) -> usize {
        self.goodbyes.load(Ordering::SeqCst)
    }

    /// Whether this command has come.
    pub fn has_heard(&self, command: &str) -> Result<(), Vec<String>> {
        let commands = self.commands.lock().unwrap();
        if commands.iter().any(|heard| heard == command) {
            Ok(())
        } else {
            Err(commands.clone())
        }
    }

    async fn serve(&self, client: TcpStream) -> io::Result<()> {
        let mut client = BufReader::new(client);
        client.write_all(b"220 forwith\r\n").await?;
        let mut data = None;
        loop {
            let mut line = String::new();
            if client.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim();
            self.commands.lock().unwrap().push(line.into());
            let (command, path) = line.split_once(' ').unwrap_or((line, ""));
            if path.contains("slow") {
                self.answers.acquire().await.unwrap().forget();
            }
            let answer = match command {
                "USER" => "331 go on".into(),
                "PASS" => "230 welcome".into(),
                "PASV" => {
                    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
                    let port = listener.local_addr()?.port();
                    data = Some(listener);
                    format!("227 here (127,0,0,1,{},{})", port / 256, port % 256)
                }
                "STOR" => {
                    self.files.lock().unwrap().insert(path.into(), 0);
                    client.write_all(b"150 go on\r\n").await?;
                    self.store(path, data.take().unwrap()).await?;
                    let is_full = path.contains("full");
                    if is_full { "552 full" } else { "226 stored" }.into()
                }
                "SIZE" => match self.files().get(path) {
                    Some(length) => format!("213 {length}"),
                    None => "550 no such file".into(),
                },
                "DELE" => {
                    let is_kept = path.contains("kept");
                    let found = !is_kept && self.files.lock().unwrap().remove(path).is_some();
                    if found {
                        "250 deleted"
                    } else {
                        "550 not deleted"
                    }
                    .into()
                }
                "PWD" => "257 \"/\" is here".into(),
                "QUIT" => {
                    self.goodbyes.fetch_add(1, Ordering::SeqCst);
                    client.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "502 unknown".into(),
            };
            client.write_all((answer + "\r\n").as_bytes()).await?;
        }
    }

    async fn store(&self, path: &str, data: TcpListener) -> io::Result<()> {
        let (mut data, _) = data.accept().await?;
        let mut bytes = vec![0; 1 << 16];
        loop {
            let read = data.read(&mut bytes).await.unwrap_or(0);
            if read == 0 {
                return Ok(());
            }
            *self.files.lock().unwrap().get_mut(path).unwrap() += read;
        }
    }
}
