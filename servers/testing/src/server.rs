//! A server in a temporary folder, which ends with the process of the tests.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::slow_way::slow_way;
use crate::until::BOUND;

/// A server that runs as long as this process.
#[derive(Debug)]
pub struct Server {
    /// Where it listens, at 127.0.0.1.
    pub port: u16,
    /// A port on which each answer takes a moment, so that every question is waited for.
    pub slow_port: u16,
    /// The folder of the server.
    pub dir: PathBuf,
    /// A shell reads from here. Once this process has ended, in whichever way, it ends the server
    /// by its id, and removes the folder.
    _life: ChildStdin,
}

/// A server that is started by the first test that asks for it.
pub(crate) type Once = OnceLock<Option<Result<Server, String>>>;

impl Server {
    /// Starts a server in a new folder.
    ///
    /// `script` gets the folder as `$dir`, a free port as `$port`, and in `$as` what runs a command
    /// as `user`. It sets `$server` to the id of the process, and makes the file `ready` when the
    /// server answers. It may set `$signal` to another signal than `QUIT`, which ends the server,
    /// and `$afterwards` to a command that runs then.
    ///
    /// # Errors
    ///
    /// What the server has printed, if it does not come up.
    ///
    /// # Panics
    ///
    /// Panics if the folder or the shell cannot be made.
    #[expect(
        clippy::zombie_processes,
        reason = "the shell outlives this process by a moment"
    )]
    pub fn start(name: &str, user: &str, script: &str) -> Result<Server, String> {
        let port = free_port();
        let dir = tempfile::Builder::new()
            .prefix(name)
            .tempdir()
            .unwrap()
            .keep();
        let whole = format!(
            "{script}\n\
             read -r _\n\
             kill -${{signal:-QUIT}} $server 2>/dev/null || true\n\
             wait $server\n\
             eval \"$afterwards\"\n\
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
            if ended.is_some() || begun.elapsed() > START_BOUND {
                let log = fs::read_to_string(dir.join("log")).unwrap();
                drop(life);
                let _ = shell.wait();
                let _ = fs::remove_dir_all(&dir);
                return Err(format!("no {name}: {log}"));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Server {
            port,
            slow_port: slow_way(port),
            dir,
            _life: life,
        })
    }
}

/// How long a server may take to come up. Two cores may be busy with a build.
const START_BOUND: Duration = BOUND.saturating_mul(4);

/// Gives a port at 127.0.0.1 on which nobody listens.
///
/// # Panics
///
/// Panics if there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
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

/// Starts a server at the first call, if its program is there. Says so if not, or fails where it
/// must be.
///
/// # Panics
///
/// Panics with what the server has printed, if it does not come up.
pub(crate) fn started(
    once: &'static Once,
    name: &str,
    start: impl FnOnce() -> Option<Result<Server, String>>,
) -> Option<&'static Server> {
    let started = once.get_or_init(start).as_ref();
    if started.is_none() {
        assert!(
            env::var_os("FORWITH_SERVERS_REQUIRED").is_none(),
            "{name} is not installed"
        );
        eprintln!("NOTE: {name} is not installed, so this test has looked at nothing");
    }
    started.map(|started| started.as_ref().unwrap_or_else(|log| panic!("{log}")))
}

/// Finds a program in these folders, or else in those of the shell.
pub(crate) fn find(dirs: &[PathBuf], program: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH").unwrap_or_default();
    let mut paths = dirs.iter().cloned().chain(env::split_paths(&paths));
    paths.find_map(|dir| Some(dir.join(program)).filter(|path| path.exists()))
}
