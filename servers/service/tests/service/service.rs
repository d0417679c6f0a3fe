//! A service in a process of its own, with a database and numbers of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use forwith_example_service::start::Ended;
use forwith_testing::{Server, postgres, redis, until};
use sqlx::{Connection, PgConnection, query_scalar, raw_sql};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_forwith-example-service");

/// What the test's own sessions are called.
const LOOKS: &str = "looks";

/// Where a test's service finds its servers.
pub struct Urls {
    /// The URL of the database.
    pub database: String,
    /// The URL of Redis.
    pub redis: String,
}

impl Urls {
    /// Creates a database on the servers that the tests share. Gives nothing where they are not
    /// installed.
    pub async fn shared() -> Option<Self> {
        static TAKEN: AtomicUsize = AtomicUsize::new(1);
        let (postgres, redis) = spawn_blocking(|| Some((postgres()?, redis()?)))
            .await
            .unwrap()?;
        let number = TAKEN.fetch_add(1, Ordering::Relaxed);
        let mut conn = PgConnection::connect(&postgres_url(postgres))
            .await
            .unwrap();
        let create = format!("CREATE DATABASE service_{number}");
        raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut conn)
            .await
            .unwrap();
        Some(Urls {
            database: format!(
                "postgres://test@127.0.0.1:{}/service_{number}",
                postgres.port
            ),
            redis: format!("redis://127.0.0.1:{}/{number}", redis.port),
        })
    }

    /// The URLs of these servers.
    pub fn of(postgres: &Server, redis: &Server) -> Self {
        Urls {
            database: postgres_url(postgres),
            redis: format!("redis://127.0.0.1:{}", redis.port),
        }
    }

    /// Connects to the database, for the test's own looks.
    pub async fn connect(&self) -> PgConnection {
        let url = format!("{}?application_name={LOOKS}", self.database);
        PgConnection::connect(&url).await.unwrap()
    }

    /// Waits until the service has no session, which may take the server a moment.
    pub async fn until_no_session(&self) {
        let mut conn = self.connect().await;
        let states = "SELECT string_agg(state, ', ') FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name <> $1 \
             AND backend_type = 'client backend'";
        until("the end of all sessions", async || {
            let states = query_scalar(states).bind(LOOKS);
            let states: Option<String> = states.fetch_one(&mut conn).await.unwrap();
            states.map_or(Ok(()), Err)
        })
        .await;
    }

    /// The locks that are held.
    pub async fn locks(&self) -> Vec<String> {
        let client = redis::Client::open(&*self.redis).unwrap();
        let mut conn = client.get_multiplexed_async_connection().await.unwrap();
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg("*")
            .query_async(&mut conn)
            .await
            .unwrap();
        let is_lock = |key: &String| !key.contains("fencing");
        keys.into_iter().filter(is_lock).collect()
    }
}

fn postgres_url(server: &Server) -> String {
    format!("postgres://test@127.0.0.1:{}/postgres", server.port)
}

/// A service that runs. It is killed when this is dropped.
pub struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: SocketAddr,
    /// The folder of the statements.
    pub dir: TempDir,
}

impl Service {
    /// Starts it, and waits until it listens.
    pub async fn start(kind: &'static str, urls: &Urls) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .args(["serve", "--port", "0", "--kind", kind, "--dir"])
            .arg(dir.path())
            .env("DATABASE_URL", &urls.database)
            .env("REDIS_URL", &urls.redis)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let mut stdout = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let address = line.trim().strip_prefix("listening on ");
            let address = address.unwrap_or_else(|| panic!("{}", rest(&mut child)));
            Service {
                address: address.parse().unwrap(),
                child,
                stdout,
                dir,
            }
        })
        .await
        .unwrap()
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
    }

    /// Waits until it has ended. Gives its last line, and what it has written to stderr.
    pub async fn ended(mut self) -> (Ended, String) {
        let said = {
            let mut stderr = self.child.stderr.take().unwrap();
            thread::spawn(move || {
                let mut said = String::new();
                stderr.read_to_string(&mut said).unwrap();
                said
            })
        };
        until("the end of the service", async || {
            self.child.try_wait().unwrap().ok_or("that it runs")
        })
        .await;
        let said = said.join().unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {said}");
        let mut lines = String::new();
        self.stdout.read_to_string(&mut lines).unwrap();
        let last = lines.lines().last().unwrap();
        (serde_json::from_str(last).unwrap(), said)
    }
}

fn rest(child: &mut Child) -> String {
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    said
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
