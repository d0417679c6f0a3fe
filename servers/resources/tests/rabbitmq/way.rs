//! A way to the server that takes a moment in both directions, and that can be cut or blocked.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A way to the server for one test.
pub struct Way {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Both ends of each connection.
    ends: Vec<TcpStream>,
    open: usize,
    is_blocked: bool,
}

impl Way {
    pub fn to(port: u16) -> Way {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let way = Way {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        let state = way.state.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                let mut locked = state.lock().unwrap();
                locked.open += 1;
                locked.ends.push(client.try_clone().unwrap());
                locked.ends.push(server.try_clone().unwrap());
                drop(locked);
                let (to_client, to_server) =
                    (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (there, back) = (state.clone(), state.clone());
                thread::spawn(move || {
                    pass_on(client, to_server, &there);
                    there.lock().unwrap().open -= 1;
                });
                thread::spawn(move || pass_on(server, to_client, &back));
            }
        });
        way
    }

    /// The number of connections that the client has not ended.
    pub fn open(&self) -> usize {
        self.state.lock().unwrap().open
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        for end in self.state.lock().unwrap().ends.drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Lets nothing through any more.
    pub fn block(&self) {
        self.state.lock().unwrap().is_blocked = true;
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, state: &Mutex<State>) {
    to.set_nodelay(true).unwrap();
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        thread::sleep(Duration::from_millis(1));
        if state.lock().unwrap().is_blocked {
            continue;
        }
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    drop((from.shutdown(Shutdown::Read), to.shutdown(Shutdown::Write)));
}
