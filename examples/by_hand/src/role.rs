//! A role: one coroutine on stage.

use std::future::{Future, poll_fn};
use std::mem;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use forwith::{CancelToken, scope};
use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
use forwith_runtime::{Timeline, now, timeline};

use crate::journal::{Journal, Voice};
use crate::plays::{Play, Servers, perform};
use crate::words::seconds;

/// The coroutine's future; its output says in words how it ended.
type Act = Pin<Box<dyn Future<Output = String>>>;

pub struct Role {
    pub number: usize,
    pub name: String,
    state: State,
    stop: CancelToken,
    journal: Rc<Journal>,
}

enum State {
    Alive(Coroutine<Act>),
    /// How it ended: `returned 27`, `was dropped`.
    Ended(String),
}

impl Role {
    pub fn new(number: usize, play: Play, servers: Servers, journal: &Rc<Journal>) -> Self {
        let stop = CancelToken::new();
        let voice = Voice {
            number,
            journal: journal.clone(),
        };
        let act: Act = Box::pin(act(play, servers, voice, stop.clone()));
        Role {
            number,
            name: play.to_string(),
            state: State::Alive(Coroutine::new(act)),
            stop,
            journal: journal.clone(),
        }
    }

    /// Starts recording it, at this time.
    pub fn record(mut self, timeline: &Timeline, now: Duration) -> Self {
        if let State::Alive(mut coroutine) = self.state {
            coroutine.advance_to(now);
            let lane = format!("{} {}", self.number, self.name);
            self.state = State::Alive(coroutine.record(timeline, lane));
        }
        self
    }

    pub fn is_alive(&self) -> bool {
        matches!(self.state, State::Alive(_))
    }

    pub fn is_cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// How it ended, if it has.
    pub fn end(&self) -> Option<&str> {
        match &self.state {
            State::Alive(_) => None,
            State::Ended(how) => Some(how),
        }
    }

    pub fn is_started(&self) -> bool {
        self.request().is_some()
    }

    /// Its request, if it has been started and has not ended.
    pub fn request(&self) -> Option<Request> {
        match &self.state {
            State::Alive(coroutine) => coroutine.request(),
            State::Ended(_) => None,
        }
    }

    /// How much longer it waits, if it waits for time.
    pub fn remaining_wait(&self) -> Option<Duration> {
        match self.request() {
            Some(Request::Sleep { duration, .. }) => Some(duration).filter(|wait| !wait.is_zero()),
            _ => None,
        }
    }

    /// Whether it has been started, and has what it asked for.
    pub fn may_continue(&self) -> bool {
        self.is_started() && self.remaining_wait().is_none()
    }

    pub fn advance_to(&mut self, now: Duration) {
        if let State::Alive(coroutine) = &mut self.state {
            coroutine.advance_to(now);
        }
    }

    /// Runs it to its next wait.
    pub fn send(&mut self, now: Duration) {
        let State::Alive(coroutine) = &mut self.state else {
            return;
        };
        let step = caught(|| coroutine.send(Reply::Now(now)));
        match step {
            Ok(Ok(Step::Yielded(request))) => self.asks(&request),
            Ok(Ok(Step::Returned(end))) | Err(end) => {
                tell_end(&self.journal, self.number, &end);
                self.state = State::Ended(end);
            }
            Ok(Err(finished)) => self.state = State::Ended(finished.to_string()),
        }
    }

    /// Asks it to stop; it hears of that with the next `send`.
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Drops the coroutine; returns whether a server has noticed.
    pub fn drop(&mut self) -> bool {
        self.journal.look();
        self.state = State::Ended("was dropped".to_owned());
        self.journal.look()
    }

    fn asks(&self, request: &Request) {
        tell_request(&self.journal, self.number, request);
    }

    /// Hands the coroutine over to a scheduler that begins at this time: the future ends with it,
    /// and says how.
    pub fn hand_over(&mut self, begun: Duration) -> Option<impl Future<Output = String> + use<>> {
        let none = State::Ended(String::new());
        let coroutine = match mem::replace(&mut self.state, none) {
            State::Alive(coroutine) => coroutine,
            ended @ State::Ended(_) => {
                self.state = ended;
                return None;
            }
        };
        let (number, journal) = (self.number, self.journal.clone());
        let mut coroutine = coroutine.into_future();
        // If it has asked to let the others run first, they do.
        let mut gives_way = coroutine.coroutine().request() == Some(Request::Yield);
        Some(poll_fn(move |cx| {
            if mem::take(&mut gives_way) {
                return Pin::new(&mut coroutine).poll(cx);
            }
            let time = seconds(begun.saturating_add(now()));
            journal.add(format!("{time}> send {number}"));
            let polled = caught(|| Pin::new(&mut coroutine).poll(cx));
            let polled = polled.unwrap_or_else(Poll::Ready);
            match (&polled, coroutine.coroutine().request()) {
                (Poll::Ready(end), _) => tell_end(&journal, number, end),
                (Poll::Pending, Some(request)) => tell_request(&journal, number, &request),
                (Poll::Pending, None) => {}
            }
            polled
        }))
    }

    /// Notes how it ended elsewhere.
    pub fn set_ended(&mut self, how: String) {
        self.state = State::Ended(how);
    }
}

fn tell_request(journal: &Journal, number: usize, request: &Request) {
    journal.add(format!("{number} asks: {request}"));
}

fn tell_end(journal: &Journal, number: usize, end: &str) {
    journal.add(format!("{number} {end}."));
}

/// Runs the play in a scope; says how it ended.
async fn act(play: Play, servers: Servers, voice: Voice, stop: CancelToken) -> String {
    let stop = async {
        stop.cancelled().await;
        timeline::note("is told to stop");
    };
    match scope(perform(play, servers, voice), stop).await {
        Ok(Ok(value)) => format!("returned {value}"),
        Ok(Err(error)) => format!("failed: {error}"),
        Err(_) => "was cancelled".to_owned(),
    }
}

/// Runs a coroutine's code; a panic becomes the way it ended.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {})); // a sentence tells of it
    let result = catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(hook);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        format!(
            "panicked: {}",
            text.unwrap_or("with something that is no text")
        )
    })
}
