//! Polls a program as strictly as possible, on any executor.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::future::BoxFuture;
use futures::task::AtomicWaker;

use super::trace::{Answer, Trace};

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Gave(Answer),
    Panicked(String),
    /// It was dropped by a strike.
    Dropped,
    /// It was never woken again, and was dropped.
    Idle,
}

/// Polls a program only after a wake. Without a wake a tick passes, which may strike. After two
/// such ticks the program is dropped.
pub struct Drive {
    program: Option<BoxFuture<'static, Answer>>,
    trace: Trace,
    woken: Arc<Woken>,
    idle_ticks: u8,
}

impl Drive {
    pub fn new(program: BoxFuture<'static, Answer>, trace: &Trace) -> Self {
        let woken = Arc::new(Woken::default());
        woken.yes.store(true, Ordering::SeqCst);
        Drive {
            program: Some(program),
            trace: trace.clone(),
            woken,
            idle_ticks: 0,
        }
    }

    /// Drops the program.
    fn end(&mut self, end: End) -> Poll<End> {
        self.trace.end();
        let program = self.program.take();
        self.trace.listening(|| drop(program));
        Poll::Ready(end)
    }

    fn poll_program(&mut self) -> Result<Poll<Answer>, Box<dyn Any + Send>> {
        self.trace.begin_turn();
        let waker = Waker::from(self.woken.clone());
        let program = self.program.as_mut().expect("it has not ended");
        let mut cx = Context::from_waker(&waker);
        let poll = || catch_unwind(AssertUnwindSafe(|| program.as_mut().poll(&mut cx)));
        self.trace.listening(poll)
    }

    /// Lets ticks pass until one wakes or strikes. Gives false if none does.
    fn wait(&mut self) -> bool {
        while !self.woken.yes.load(Ordering::SeqCst) && !self.trace.drop_is_due() {
            if self.idle_ticks == 2 {
                return false;
            }
            self.idle_ticks += 1;
            self.trace.idle();
        }
        true
    }
}

impl Future for Drive {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        self.woken.executor.register(cx.waker());
        if self.trace.drop_is_due() {
            return self.end(End::Dropped);
        }
        if !self.woken.yes.swap(false, Ordering::SeqCst) {
            return Poll::Pending;
        }
        match self.poll_program() {
            Ok(Poll::Ready(answer)) => self.end(End::Gave(answer)),
            Err(payload) => self.end(End::Panicked(message(&*payload))),
            Ok(Poll::Pending) if !self.wait() => self.end(End::Idle),
            Ok(Poll::Pending) if self.trace.drop_is_due() => self.end(End::Dropped),
            Ok(Poll::Pending) => Poll::Pending,
        }
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| format!("{:?}", payload.downcast_ref::<&str>()))
}

/// Whether the program was woken, and the executor's waker.
#[derive(Default)]
struct Woken {
    yes: AtomicBool,
    executor: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.yes.store(true, Ordering::SeqCst);
        self.executor.wake();
    }
}
