//! A server in a temporary folder, which ends with the process of the tests.

use std::borrow::Borrow;
use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::until::BOUND;
use crate::way::Way;

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

impl Server {
    /// Starts a server in a new folder. When it ends it is started again, until this is dropped.
    ///
    /// `script` gets the folder as `$dir`, a free port as `$port`, and in `$as` what runs a command
    /// as `user`. It defines the functions `run`, which is the server, and `is_ready`. It may set
    /// `$pid_file`, if the server writes its id into one itself, `$signal` to another signal than
    /// `QUIT`, which ends the server (a background shell ignores that, so it is for servers that
    /// handle it), and `$afterwards` to a command that runs then.
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
    pub(crate) fn start(
        name: &'static str,
        user: &str,
        script: &str,
    ) -> Result<Server, StartError> {
        let port = free_port();
        let dir = tempfile::Builder::new()
            .prefix(&name.to_lowercase())
            .tempdir()
            .unwrap()
            .keep();
        let whole = format!(
            "set -e\n\
             pid_file=server.pid signal=QUIT\n\
             {script}\n\
             set +e\n\
             again() {{\n\
                until [ -e ending ]; do\n\
                    run & echo $! >server.pid\n\
                    wait $!\n\
                    [ -e ready ] || {{ kill $$; exit; }}\n\
                    while [ -e down ] && ! [ -e ending ]; do sleep 0.01; done\n\
                done\n\
             }}\n\
             again &\n\
             until is_ready; do sleep 0.05; done\n\
             touch ready\n\
             read -r _\n\
             touch ending\n\
             kill -$signal $(cat $pid_file) 2>/dev/null\n\
             wait\n\
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
                return Err(StartError::NotUp { name, log });
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Server {
            port,
            slow_port: Way::slow(port).port,
            dir,
            _life: life,
        })
    }

    /// Kills the server, as a crash would. It stays down until [`up`](Server::up) is called.
    ///
    /// # Panics
    ///
    /// Panics if it is down already.
    pub fn kill(&self) {
        fs::write(self.dir.join("down"), "").unwrap();
        self.signal("-KILL");
    }

    /// Starts a server that was killed, on the same port, and waits until it listens.
    ///
    /// # Panics
    ///
    /// Panics if that does not come.
    pub fn up(&self) {
        let before = self.pid();
        fs::remove_file(self.dir.join("down")).unwrap();
        let begun = Instant::now();
        let is_back = || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
        while self.pid() == before || !is_back() {
            assert!(begun.elapsed() < START_BOUND, "the server is not back");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills the server, and starts it again.
    ///
    /// # Panics
    ///
    /// Panics if it does not come back.
    pub fn restart(&self) {
        self.kill();
        self.up();
    }

    /// Sends it a signal, such as `-STOP`.
    ///
    /// # Panics
    ///
    /// Panics if it is down.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, self.pid().trim()])
            .status();
        assert!(status.unwrap().success(), "the server is down");
    }

    fn pid(&self) -> String {
        fs::read_to_string(self.dir.join("server.pid")).unwrap_or_default()
    }
}

/// How long a server may take to come up. Two cores may be busy with a build.
pub(crate) const START_BOUND: Duration = BOUND.saturating_mul(4);

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

/// Why a server has not started.
#[derive(Clone, Debug)]
pub enum StartError {
    /// Its program is not there.
    NotInstalled {
        /// The server.
        name: &'static str,
        /// The package of Debian that has it.
        package: &'static str,
    },
    /// It did not come up.
    NotUp {
        /// The server.
        name: &'static str,
        /// What it has printed.
        log: String,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::NotInstalled { name, package } => {
                write!(
                    f,
                    "{name} is not installed: on Debian, `apt install {package}`"
                )
            }
            StartError::NotUp { name, log } => write!(f, "{name} did not come up: {log}"),
        }
    }
}

impl Error for StartError {}

/// Gives a test its server, if that is installed. Says so if not, or fails where it must be.
///
/// # Panics
///
/// Panics with what the server has printed, if it did not come up.
pub(crate) fn present<S>(started: Result<S, impl Borrow<StartError>>) -> Option<S> {
    let error = match started {
        Ok(started) => return Some(started),
        Err(error) => error,
    };
    let error = error.borrow();
    let may_be_missing = env::var_os("FORWITH_SERVERS_REQUIRED").is_none();
    match error {
        StartError::NotInstalled { .. } if may_be_missing => {
            eprintln!("NOTE: {error}. So this test has looked at nothing");
            None
        }
        _ => panic!("{error}"),
    }
}

/// What is to be found.
pub(crate) struct Program {
    /// The server, in prose.
    pub(crate) name: &'static str,
    /// The package of Debian that has it.
    pub(crate) package: &'static str,
}

impl Program {
    /// Finds a file of it in these folders, or else in those of the shell.
    pub(crate) fn find(&self, dirs: &[PathBuf], file: &str) -> Result<PathBuf, StartError> {
        let paths = env::var_os("PATH").unwrap_or_default();
        let mut paths = dirs.iter().cloned().chain(env::split_paths(&paths));
        let found = paths.find_map(|dir| Some(dir.join(file)).filter(|path| path.exists()));
        found.ok_or(StartError::NotInstalled {
            name: self.name,
            package: self.package,
        })
    }

    /// Starts it: [`Server::start`] has the script.
    pub(crate) fn start(&self, user: &str, script: &str) -> Result<Server, StartError> {
        Server::start(self.name, user, script)
    }
}
