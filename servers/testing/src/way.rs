//! A way to a server that can be slow, cut or held up.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A moment, which is enough to make a client wait.
const MOMENT: Duration = Duration::from_millis(1);

/// A way to a server, over a port of its own at 127.0.0.1.
pub struct Way {
    /// Where clients connect to.
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    open: AtomicUsize,
    /// Both ends of each connection.
    ends: Mutex<Vec<TcpStream>>,
    held: Mutex<Held>,
    trap: Option<Trap>,
}

#[derive(Default)]
struct Held {
    is_held: bool,
    /// What waits, in the order in which it came, and where it goes.
    waiting: Vec<(TcpStream, Vec<u8>)>,
}

/// What is done when a text has come along so often.
struct Trap {
    text: &'static str,
    times: usize,
    seen: AtomicUsize,
    act: Box<dyn Fn() + Send + Sync>,
}

impl Way {
    /// A way that is as quick as the server.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn to(port: u16) -> Way {
        open(port, Duration::ZERO, Duration::ZERO, None)
    }

    /// A way on which each answer takes a moment, so that every question is waited for.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn slow(port: u16) -> Way {
        open(port, Duration::ZERO, MOMENT, None)
    }

    /// A way on which each question takes a moment, too.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn slow_both_ways(port: u16) -> Way {
        open(port, MOMENT, MOMENT, None)
    }

    /// A way that does something when this text has come from the client so often, before it is
    /// passed on.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn with_trap(
        port: u16,
        text: &'static str,
        times: usize,
        act: impl Fn() + Send + Sync + 'static,
    ) -> Way {
        let trap = Trap {
            text,
            times,
            seen: AtomicUsize::new(0),
            act: Box::new(act),
        };
        open(port, Duration::ZERO, Duration::ZERO, Some(trap))
    }

    /// The number of connections that the client has not ended.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::Relaxed)
    }

    /// Closes all connections. New ones are let through.
    pub fn cut(&self) {
        for end in lock(&self.state.ends).drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Sends these bytes to all clients, as if the server had.
    ///
    /// # Panics
    ///
    /// Panics if a client has gone.
    pub fn tell(&self, bytes: &[u8]) {
        for client in lock(&self.state.ends).iter_mut().step_by(2) {
            client.write_all(bytes).unwrap();
        }
    }

    /// Lets nothing through any more, until this is called with `false`.
    pub fn hold(&self, is_held: bool) {
        let mut held = lock(&self.state.held);
        held.is_held = is_held;
        if !is_held {
            for (mut to, bytes) in held.waiting.drain(..) {
                let _ = to.write_all(&bytes);
            }
        }
    }
}

fn open(port: u16, there: Duration, back: Duration, trap: Option<Trap>) -> Way {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let state = State {
        trap,
        ..State::default()
    };
    let way = Way {
        port: listener.local_addr().unwrap().port(),
        state: Arc::new(state),
    };
    let state = Arc::clone(&way.state);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
                continue;
            };
            state.open.fetch_add(1, Ordering::Relaxed);
            let clone = |stream: &TcpStream| stream.try_clone().unwrap();
            lock(&state.ends).extend([clone(&client), clone(&server)]);
            let (from, to) = (clone(&client), clone(&server));
            let (questions, answers) = (Arc::clone(&state), Arc::clone(&state));
            thread::spawn(move || {
                questions.pass_on(from, to, there, |bytes| questions.look(bytes));
                questions.open.fetch_sub(1, Ordering::Relaxed);
            });
            thread::spawn(move || answers.pass_on(server, client, back, |_| ()));
        }
    });
    way
}

impl State {
    fn look(&self, bytes: &[u8]) {
        let Some(trap) = &self.trap else { return };
        let more = String::from_utf8_lossy(bytes).matches(trap.text).count();
        let before = trap.seen.fetch_add(more, Ordering::Relaxed);
        if (before..before + more).contains(&(trap.times - 1)) {
            (trap.act)();
        }
    }

    fn pass_on(
        &self,
        mut from: TcpStream,
        mut to: TcpStream,
        delay: Duration,
        look: impl Fn(&[u8]),
    ) {
        to.set_nodelay(true).unwrap();
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            thread::sleep(delay);
            look(&bytes[..read]);
            let mut held = lock(&self.held);
            if held.is_held {
                let to = to.try_clone().unwrap();
                held.waiting.push((to, bytes[..read].to_vec()));
                continue;
            }
            drop(held);
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        drop((from.shutdown(Shutdown::Read), to.shutdown(Shutdown::Write)));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
