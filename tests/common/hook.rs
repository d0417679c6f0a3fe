//! The hook for exits that went wrong, when several tests of a process want one each.
//!
//! The process has one hook. Here it is a function that calls the hook of its thread, which is the
//! thread where the exit went wrong.

use std::cell::Cell;
use std::fmt::Debug;
use std::io::{self, Write as _};
use std::process;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::{self, ThreadId};

use forwith::report::{ExitError, set_hook};

pub type Hook = fn(&ExitError<'_>);

/// The kind of an [`ExitError`], for tests that count or compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Failed,
    Panicked,
    Lost,
    Cut,
    Hung,
}

impl Kind {
    pub fn of(error: &ExitError<'_>) -> Self {
        match error {
            ExitError::Failed { .. } => Kind::Failed,
            ExitError::Panicked { .. } => Kind::Panicked,
            ExitError::Lost { .. } => Kind::Lost,
            ExitError::Cut { .. } => Kind::Cut,
            ExitError::Hung { .. } => Kind::Hung,
            _ => unreachable!("{error:?}"),
        }
    }
}

/// The error or the message of an [`ExitError`], or else its kind.
pub fn shown(error: &ExitError<'_>) -> String {
    let shown: &dyn Debug = match error {
        ExitError::Failed { error, .. } => error,
        ExitError::Panicked { message, .. } => message,
        other => &Kind::of(other),
    };
    format!("{shown:?}")
}

thread_local! {
    static OF_THREAD: Cell<Option<Hook>> = const { Cell::new(None) };
}

/// The hook of threads that have none of their own.
static OF_PROCESS: Mutex<Option<Hook>> = Mutex::new(None);

/// Sets the hook of this thread.
pub fn set(hook: Hook) {
    install();
    OF_THREAD.set(Some(hook));
}

/// Calls `f` while this thread has that hook.
pub fn during<T>(hook: Hook, f: impl FnOnce() -> T) -> T {
    install();
    let _restore = Restore(OF_THREAD.replace(Some(hook)));
    f()
}

/// Calls `f` while all threads without a hook of their own have that one.
pub fn during_on_all_threads<T>(_turn: &Turn, hook: Hook, f: impl FnOnce() -> T) -> T {
    install();
    *OF_PROCESS.lock().unwrap() = Some(hook);
    let value = f();
    *OF_PROCESS.lock().unwrap() = None;
    value
}

/// Held by tests that depend on the one reaper of the process or on the number of lost exits, and
/// by tests that lose exits beside them.
pub struct Turn {
    _guard: MutexGuard<'static, ()>,
}

static HOLDER: Mutex<Option<ThreadId>> = Mutex::new(None);

pub fn take_turn() -> Turn {
    static TURN: Mutex<()> = Mutex::new(());
    install();
    let guard = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    *HOLDER.lock().unwrap() = Some(thread::current().id());
    Turn { _guard: guard }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *HOLDER.lock().unwrap() = None;
    }
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_hook(call));
}

fn call(error: &ExitError<'_>) {
    match OF_THREAD.get().or_else(|| *OF_PROCESS.lock().unwrap()) {
        Some(hook) => hook(error),
        None => unexpected(error),
    }
}

/// Reports an error of a thread without a hook. If the exit was lost, the count of the test that
/// has the turn is wrong.
fn unexpected(error: &ExitError<'_>) {
    let is_lost = matches!(
        error,
        ExitError::Lost { .. } | ExitError::Cut { .. } | ExitError::Hung { .. }
    );
    let holder = *HOLDER.lock().unwrap();
    if is_lost && holder.is_some_and(|holder| holder != thread::current().id()) {
        let name = thread::current().name().map(String::from);
        // Past the capture of libtest.
        let _ = writeln!(io::stderr(), "{name:?} loses an exit, and must take a turn");
        process::abort();
    }
    eprintln!("{error}");
}

struct Restore(Option<Hook>);

impl Drop for Restore {
    fn drop(&mut self) {
        OF_THREAD.set(self.0);
    }
}
