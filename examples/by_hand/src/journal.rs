//! The journal: what has happened, for the player to see.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;

use forwith_runtime::mock::Entry;
use forwith_runtime::timeline;

/// Lines in the order in which things happened.
#[derive(Default)]
pub struct Journal {
    lines: RefCell<Vec<String>>,
    servers: RefCell<Vec<Watched>>,
}

/// A server's log, and how much of it has been seen.
struct Watched {
    name: &'static str,
    log: Box<dyn Fn() -> Vec<Entry>>,
    seen: Cell<usize>,
}

impl Journal {
    /// Watches a server: from now on, what reaches it is added to the journal.
    pub fn watch(&self, name: &'static str, log: impl Fn() -> Vec<Entry> + 'static) {
        self.servers.borrow_mut().push(Watched {
            name,
            log: Box::new(log),
            seen: Cell::new(0),
        });
    }

    /// Adds a line, after what has reached the servers by now.
    pub fn add(&self, line: impl Into<String>) {
        self.look();
        self.lines.borrow_mut().push(line.into());
    }

    /// Adds what has reached the servers; returns whether anything has.
    pub fn look(&self) -> bool {
        let mut lines = self.lines.borrow_mut();
        let before = lines.len();
        for server in &*self.servers.borrow() {
            let log = (server.log)();
            let seen = server.seen.replace(log.len());
            lines.extend(log.into_iter().skip(seen).map(|entry| {
                let untimed = Entry { at: None, ..entry };
                format!("   {}: {untimed}", server.name)
            }));
        }
        lines.len() > before
    }

    /// Takes the lines that have not been shown yet.
    pub fn take(&self) -> Vec<String> {
        self.look();
        mem::take(&mut self.lines.borrow_mut())
    }
}

/// A coroutine's way to say something.
pub struct Voice {
    pub number: usize,
    pub journal: Rc<Journal>,
}

impl Voice {
    /// Adds a line as it is. The timeline has no room for it.
    pub fn print(&self, line: String) {
        self.journal.add(line);
    }

    pub fn say(&self, text: &str) {
        self.journal.add(format!("{} says: {text}", self.number));
        timeline::note(text.to_owned());
    }
}
