//! The programs, and the server whose resources they hold.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use forwith::resource::OutlivingEnter;
use forwith::{
    AsyncEnterExt, AsyncExit, ExitStack, Handoff, Outcome, OwnedExit, OwnedOutcome, async_with,
    scope,
};
use futures::future::join;

use super::{Case, Phase, Shape, Strike};
use crate::common::{Failure, Trace, poll, yield_once};

/// From the innermost to the outermost.
pub(super) const NAMES: [&str; 3] = ["c", "b", "a"];

pub(super) type Program = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// What grants and takes back the resources of a program, and notes it.
#[derive(Debug)]
pub(super) struct Server {
    name: &'static str,
    held: Mutex<BTreeSet<&'static str>>,
    trace: Trace,
    /// Whether answers wait until this is unset.
    is_slow: AtomicBool,
}

impl Server {
    pub(super) fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Server {
            name,
            held: Mutex::default(),
            trace: Trace::new(),
            is_slow: AtomicBool::new(false),
        })
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.trace.lines()
    }

    pub(super) fn held(&self) -> usize {
        self.held.lock().unwrap().len()
    }

    pub(super) fn set_slow(&self, is_slow: bool) {
        self.is_slow.store(is_slow, Ordering::SeqCst);
    }

    /// Takes two turns, or as many as the server is slow.
    async fn answer(&self) {
        yield_once().await;
        while self.is_slow.load(Ordering::SeqCst) {
            yield_once().await;
        }
        yield_once().await;
    }

    fn grant(&self, name: &'static str) {
        assert!(self.held.lock().unwrap().insert(name), "{}", self.name);
    }

    async fn enter(&self, name: &'static str, is_awaited: bool) {
        self.grant(name);
        if is_awaited {
            self.trace.note(format!("entering {name}"));
            self.answer().await;
            self.trace.note(format!("entered {name}"));
        }
    }

    async fn exit(&self, name: &'static str, outcome: Outcome<'_>) {
        self.trace.note(format!("exiting {name}: {outcome:?}"));
        self.answer().await;
        assert!(self.held.lock().unwrap().remove(name), "{}", self.name);
        self.trace.note(format!("exited {name}"));
    }
}

/// A resource whose exit owns all it needs.
struct Owned(&'static str, Arc<Server>);

impl OwnedExit for Owned {
    type Error = Failure;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Failure> {
        self.1.exit(self.0, outcome.as_outcome()).await;
        Ok(())
    }
}

fn owned(server: &Arc<Server>, name: &'static str, is_awaited: bool) -> OutlivingEnter<Owned> {
    let server = server.clone();
    let enter = async move {
        server.enter(name, is_awaited).await;
        Ok(Owned(name, server))
    };
    enter.outliving()
}

/// A resource whose exit borrows, so that it cannot be handed over.
struct Borrowed<'a>(&'static str, &'a Server);

impl AsyncExit for Borrowed<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.1.exit(self.0, outcome).await;
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.1.trace.note(format!("abandoned {}", self.0));
        handoff.lost();
    }
}

async fn borrowed<'a>(
    server: &'a Arc<Server>,
    name: &'static str,
    is_awaited: bool,
) -> Result<Borrowed<'a>, Failure> {
    server.enter(name, is_awaited).await;
    Ok(Borrowed(name, server))
}

/// The body of the innermost resource.
async fn body(phase: Phase) {
    if phase != Phase::Exit {
        std::future::pending::<()>().await;
    }
}

/// Nested and stacked resources of one kind.
macro_rules! programs {
    ($nested:ident, $stacked:ident, $open:ident) => {
        type Boxed<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

        pub(super) fn $nested(server: &Arc<Server>, depth: usize, phase: Phase) -> Boxed<'_> {
            Box::pin(async move {
                let is_awaited = depth == 1 && phase == Phase::Enter;
                async_with!($open(server, NAMES[depth - 1], is_awaited), {
                    if depth > 1 {
                        $nested(server, depth - 1, phase).await?;
                    } else {
                        body(phase).await;
                    }
                })
            })
        }

        pub(super) fn $stacked(server: &Arc<Server>, depth: usize, phase: Phase) -> Boxed<'_> {
            Box::pin(async move {
                async_with!(ExitStack::new() as stack, {
                    for at in (0..depth).rev() {
                        let is_awaited = at == 0 && phase == Phase::Enter;
                        stack.enter($open(server, NAMES[at], is_awaited)).await?;
                    }
                    body(phase).await;
                })
            })
        }
    };
}

mod of_owned {
    use super::*;
    programs!(nested, stacked, owned);
}

mod of_borrowed {
    use super::*;
    programs!(nested, stacked, borrowed);
}

/// The program of a case. It never ends by itself.
pub(super) fn program(case: Case, servers: &[Arc<Server>]) -> Program {
    let one = |server: &Arc<Server>| one(case, server.clone());
    match (case.shape, servers) {
        (Shape::Joined, [left, right]) => {
            let both = join(one(left), one(right));
            Box::pin(async {
                let (left, right) = both.await;
                left.and(right)
            })
        }
        (_, servers) => one(&servers[0]),
    }
}

fn one(case: Case, server: Arc<Server>) -> Program {
    let Case { depth, phase, .. } = case;
    Box::pin(async move {
        match (case.shape, case.is_owned) {
            (Shape::Stacked, true) => of_owned::stacked(&server, depth, phase).await?,
            (Shape::Stacked, false) => of_borrowed::stacked(&server, depth, phase).await?,
            (_, true) => of_owned::nested(&server, depth, phase).await?,
            (_, false) => of_borrowed::nested(&server, depth, phase).await?,
        }
        // An error or a value that was on its way when a scope is cancelled would arrive.
        std::future::pending().await
    })
}

/// Polls a program once, and gives it back in a later turn.
pub(super) async fn polled_once(mut program: Program) -> Program {
    poll_fn(|cx| {
        assert!(program.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    yield_once().await;
    program
}

/// Polls a program, and strikes it.
pub(super) async fn struck(program: Program, case: Case) {
    // A cancelled enter that borrows leaves nothing behind.
    let has_exit = case.is_owned || case.phase != Phase::Enter || case.depth > 1;
    match case.strike {
        Strike::Cancelled => {
            let cancelled = scope(program, poll(0)).await.unwrap_err();
            assert!(cancelled.is_graceful());
        }
        Strike::GraceOver => {
            let cancelled = scope(program, poll(0)).grace(|| ready(())).await;
            assert_eq!(cancelled.unwrap_err().is_graceful(), !has_exit);
        }
        _ => drop(polled_once(program).await),
    }
}
