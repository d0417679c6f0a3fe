//! Servers in temporary folders, which end with the process of the tests.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// How long a test waits for what must come.
pub const BOUND: Duration = Duration::from_secs(30);

/// A server that runs as long as this process.
pub struct Server {
    pub port: u16,
    /// A port on which each answer takes a moment.
    pub slow_port: u16,
    /// A shell reads from here. Once this process has ended, in whichever way, it ends the server
    /// by its id, and removes the folder.
    _life: ChildStdin,
}

impl Server {
    /// Starts one in a new folder. `script` gets the folder as `$dir` and a free port as `$port`.
    /// It sets `$server` to the id of the process.
    #[expect(
        clippy::zombie_processes,
        reason = "the shell outlives this process by a moment"
    )]
    fn start(name: &str, user: &str, script: &str) -> Result<Server, String> {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let dir = tempfile::Builder::new()
            .prefix(name)
            .tempdir()
            .unwrap()
            .keep();
        let whole = format!(
            "{script}\n\
             read -r _\n\
             kill -QUIT $server 2>/dev/null || true\n\
             wait $server\n\
             cd / && rm -rf \"$dir\""
        );
        let log = fs::File::create(dir.join("log")).unwrap();
        let mut shell = Command::new("sh")
            .args(["-c", &whole])
            .current_dir(&dir)
            .env("dir", &dir)
            .env("port", port.to_string())
            .env("as", as_user(user, &dir))
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let life = shell.stdin.take().unwrap();
        let begun = Instant::now();
        while !dir.join("ready").exists() {
            let ended = shell.try_wait().unwrap();
            if ended.is_some() || begun.elapsed() > BOUND {
                return Err(format!(
                    "no {name}: {}",
                    fs::read_to_string(dir.join("log")).unwrap()
                ));
            }
            thread::sleep(Duration::from_millis(10));
        }
        let slow_port = slow_way(port);
        Ok(Server {
            port,
            slow_port,
            _life: life,
        })
    }
}

/// A command in front of others that runs them as this user: servers refuse to run as root.
fn as_user(user: &str, dir: &Path) -> String {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    if id != b"0\n" {
        return String::new();
    }
    let status = Command::new("chown").arg(user).arg(dir).status().unwrap();
    assert!(status.success());
    format!("setpriv --reuid={user} --regid={user} --init-groups")
}

/// Says that a server is missing, or fails where it must not be.
fn missing(name: &str) {
    assert!(
        env::var_os("FORWITH_SERVERS_REQUIRED").is_none(),
        "{name} is not installed"
    );
    eprintln!("NOTE: {name} is not installed, so this test has looked at nothing");
}

/// Finds a program in these folders, or else in those of the shell.
fn find(dirs: &[PathBuf], program: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH").unwrap_or_default();
    let mut paths = dirs.iter().cloned().chain(env::split_paths(&paths));
    paths.find_map(|dir| fs::canonicalize(dir.join(program)).ok())
}

/// PostgreSQL, or nothing where it is not installed.
pub fn postgres() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Result<Server, String>>> = OnceLock::new();
    let started = SERVER.get_or_init(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok();
        let bins = versions.into_iter().flatten().flatten();
        let mut bins: Vec<_> = bins.map(|version| version.path().join("bin")).collect();
        bins.sort();
        bins.reverse();
        let initdb = find(&bins, "initdb")?;
        let bin = initdb.parent()?.display();
        Some(Server::start(
            "postgres",
            "postgres",
            &format!(
                "set -e\n\
             $as {bin}/initdb --pgdata=data --username=test --auth=trust --no-sync --no-locale \
                --encoding=UTF8 >/dev/null\n\
             $as {bin}/postgres -D data -p $port -k \"$dir\" -c listen_addresses=127.0.0.1 \
                -c fsync=off -c max_connections=100 -c log_min_messages=panic &\n\
             server=$!\n\
             until grep -q ready data/postmaster.pid; do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e"
            ),
        ))
    });
    if started.is_none() {
        missing("PostgreSQL");
    }
    started
        .as_ref()
        .map(|started| started.as_ref().unwrap_or_else(|log| panic!("{log}")))
}

/// MariaDB, or nothing where it is not installed.
pub fn mariadb() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Result<Server, String>>> = OnceLock::new();
    let started = SERVER.get_or_init(|| {
        let server = find(&["/usr/sbin".into()], "mariadbd")?;
        let server = server.display();
        let install = find(&[], "mariadb-install-db")?;
        let install = install.display();
        Some(Server::start(
            "mariadb",
            "mysql",
            &format!(
                "set -e\n\
             $as {install} --no-defaults --datadir=\"$dir/data\" --skip-test-db \
                --auth-root-authentication-method=normal >/dev/null\n\
             $as {server} --no-defaults --datadir=\"$dir/data\" --socket=\"$dir/socket\" \
                --port=$port --bind-address=127.0.0.1 --pid-file=\"$dir/pid\" \
                --innodb-flush-log-at-trx-commit=0 --performance-schema=ON \
                --performance-schema-instrument=transaction=ON \
                --performance-schema-consumer-events-transactions-current=ON &\n\
             server=$!\n\
             until mariadb --no-defaults --user=root --socket=\"$dir/socket\" \
                --execute='CREATE DATABASE IF NOT EXISTS test' 2>/dev/null\n\
             do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e"
            ),
        ))
    });
    if started.is_none() {
        missing("MariaDB");
    }
    started
        .as_ref()
        .map(|started| started.as_ref().unwrap_or_else(|log| panic!("{log}")))
}

/// A way to the server on which each answer takes a moment, so that every question is waited for.
/// Gives its port.
fn slow_way(port: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let way = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(client) = client else { continue };
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                continue;
            };
            let (to_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || pass_on(client, to_server, Duration::ZERO));
            thread::spawn(move || pass_on(server, to_client, Duration::from_millis(1)));
        }
    });
    way
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    to.set_nodelay(true).unwrap();
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        thread::sleep(delay);
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    drop((from.shutdown(Shutdown::Read), to.shutdown(Shutdown::Write)));
}

/// Looks until there is something, and panics with what was seen instead.
pub async fn until<T, E: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let begun = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => {
                assert!(
                    begun.elapsed() < BOUND,
                    "waited in vain for {what}, and saw {seen:?}"
                );
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Bounds something that must come.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let soon = tokio::time::timeout(BOUND, future).await;
    soon.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
