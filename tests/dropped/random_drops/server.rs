//! A server that grants locks, and knows which are held.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use forwith::{AsyncExit, BoxExit, Outcome, OwnedExit, OwnedOutcome};

use super::case::Level;
use crate::common::{Failure, turns};

/// What a strike has hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Enter,
    Body,
    Exit,
    /// Nothing is held any more, or not yet.
    Nothing,
}

#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    last: usize,
    held: BTreeSet<usize>,
    entering: usize,
    exiting: usize,
    struck: Option<Phase>,
    wrong: Vec<String>,
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn grant(&self) -> usize {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        state.held.insert(number);
        number
    }

    fn release(&self, number: usize) {
        let mut state = self.state();
        if !state.held.remove(&number) {
            state.wrong.push(format!("{number} is released twice"));
        }
    }

    /// Notes what runs, just before it is struck. The first strike counts.
    pub fn strike(&self) {
        let mut state = self.state();
        let phase = match *state {
            State { exiting: 1.., .. } => Phase::Exit,
            State { entering: 1.., .. } => Phase::Enter,
            _ if state.held.is_empty() => Phase::Nothing,
            _ => Phase::Body,
        };
        state.struck.get_or_insert(phase);
    }

    pub fn struck(&self) -> Phase {
        self.state().struck.unwrap_or(Phase::Nothing)
    }

    /// The number of locks that are held.
    pub fn held(&self) -> usize {
        self.state().held.len()
    }

    pub fn wrong(&self) -> Vec<String> {
        self.state().wrong.clone()
    }
}

/// A lock whose exit owns all it needs.
pub struct Owned {
    server: Server,
    number: usize,
    level: Level,
}

/// Holds the lock from the first poll on: the answer is on its way.
pub async fn lock(server: Server, level: Level) -> Result<Owned, Failure> {
    server.state().entering += 1;
    let number = server.grant();
    turns(level.enter).await;
    server.state().entering -= 1;
    Ok(Owned {
        server,
        number,
        level,
    })
}

pub async fn boxed(server: Server, level: Level) -> Result<BoxExit<Failure>, Failure> {
    let lock = lock(server, level).await?;
    Ok(BoxExit::new(lock).map_error(|Failure(text)| Failure(text)))
}

impl OwnedExit for Owned {
    type Error = Failure;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
        exit(&self.server, self.number, self.level).await
    }
}

/// A lock whose exit borrows.
pub struct Borrowed<'a> {
    server: &'a Server,
    number: usize,
    level: Level,
}

/// Holds the lock from the last poll on: nobody would know of an enter that is dropped.
pub async fn borrow(server: &Server, level: Level) -> Result<Borrowed<'_>, Failure> {
    server.state().entering += 1;
    turns(level.enter).await;
    server.state().entering -= 1;
    Ok(Borrowed {
        server,
        number: server.grant(),
        level,
    })
}

impl AsyncExit for Borrowed<'_> {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        exit(self.server, self.number, self.level).await
    }
}

async fn exit(server: &Server, number: usize, level: Level) -> Result<(), Failure> {
    server.state().exiting += 1;
    turns(level.exit).await;
    server.state().exiting -= 1;
    server.release(number);
    if level.fails {
        return Err("the server is gone".into());
    }
    Ok(())
}
