//! A way to a server that can be cut or held up.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// A way to a server, over a port of its own.
pub struct Way {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_held: Mutex<bool>,
    changed: Condvar,
    open: Mutex<Vec<TcpStream>>,
}

impl Way {
    pub fn to(port: u16) -> Way {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let way = Way {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        let state = Arc::clone(&way.state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                let clone = |stream: &TcpStream| stream.try_clone().unwrap();
                let mut open = state.open.lock().unwrap();
                open.extend([clone(&client), clone(&server)]);
                for (from, to) in [(clone(&client), clone(&server)), (server, client)] {
                    let state = Arc::clone(&state);
                    thread::spawn(move || state.pass_on(from, to));
                }
            }
        });
        way
    }

    /// Closes all connections. New ones are let through.
    pub fn cut(&self) {
        for stream in self.state.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets nothing through any more, until this is called with `false`.
    pub fn hold(&self, is_held: bool) {
        *self.state.is_held.lock().unwrap() = is_held;
        self.state.changed.notify_all();
    }
}

impl State {
    fn pass_on(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let held = self.is_held.lock().unwrap();
            drop(self.changed.wait_while(held, |is_held| *is_held).unwrap());
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        drop((from.shutdown(Shutdown::Read), to.shutdown(Shutdown::Write)));
    }
}
