//! A server that grants locks. A client asks, the server acts, and the answer is on its way: a
//! client that is gone by then has never heard of it.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use forwith::{OwnedExit, OwnedOutcome};
use forwith_runtime::sleep;

use super::random::Random;

/// The longest way of a message, in milliseconds.
pub const LONGEST_WAY: u64 = 4;

#[derive(Clone, Default)]
pub struct Server(Arc<Counts>);

#[derive(Default)]
struct Counts {
    granted: AtomicUsize,
    given_back: AtomicUsize,
}

impl Server {
    pub fn granted(&self) -> usize {
        self.0.granted.load(Ordering::Relaxed)
    }

    pub fn given_back(&self) -> usize {
        self.0.given_back.load(Ordering::Relaxed)
    }
}

/// What the work of a client is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has not begun, or has ended.
    Idle,
    Enters,
    Body,
    Exits,
}

/// The client of one piece of work.
#[derive(Clone)]
pub struct Client(Arc<Connection>);

struct Connection {
    server: Server,
    random: Mutex<Random>,
    phase: Mutex<Phase>,
}

impl Client {
    pub fn new(server: &Server, seed: u64) -> Self {
        Client(Arc::new(Connection {
            server: server.clone(),
            random: Mutex::new(Random::new(seed)),
            phase: Mutex::new(Phase::Idle),
        }))
    }

    pub fn phase(&self) -> Phase {
        *self.0.phase.lock().expect(UNBROKEN)
    }

    pub fn set_phase(&self, phase: Phase) {
        *self.0.phase.lock().expect(UNBROKEN) = phase;
    }

    /// Waits as long as a message may take.
    pub async fn wait(&self) {
        sleep(self.way()).await;
    }

    fn way(&self) -> Duration {
        self.0.random.lock().expect(UNBROKEN).time(LONGEST_WAY)
    }

    /// Asks for a lock.
    pub async fn lock(self) -> Result<Lock, Infallible> {
        self.set_phase(Phase::Enters);
        self.wait().await;
        self.0.server.0.granted.fetch_add(1, Ordering::Relaxed);
        self.wait().await;
        self.set_phase(Phase::Body);
        Ok(Lock(self))
    }
}

const UNBROKEN: &str = "nobody panics while it is locked";

/// A lock on the server.
pub struct Lock(Client);

impl Lock {
    /// Gives the lock back.
    pub async fn give_back(self) -> Result<(), Infallible> {
        let client = self.0;
        client.set_phase(Phase::Exits);
        client.wait().await;
        client.0.server.0.given_back.fetch_add(1, Ordering::Relaxed);
        client.wait().await;
        client.set_phase(Phase::Body); // of the one around
        Ok(())
    }
}

impl OwnedExit for Lock {
    type Error = Infallible;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Infallible> {
        self.give_back().await
    }
}
