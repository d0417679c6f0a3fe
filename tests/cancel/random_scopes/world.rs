//! The state of a run as the test sees it, and the invariants that are checked at each step.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::task::{Poll, Waker};

use forwith::{CancelToken, Cancelled, Outcome, is_cancelled};

use super::tree::{Kind, Node, Stop};

/// The part of its parent that contains a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Inner,
    Body,
    Enter,
    UncancelledEnter,
    Exit,
    Shielded,
}

impl Role {
    /// Whether it hides cancellations from outside.
    fn is_protected(self) -> bool {
        matches!(self, Role::UncancelledEnter | Role::Exit | Role::Shielded)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Other,
    With,
    /// A scope, or a future in a race.
    Region,
    Race,
    Shield,
    Select,
}

/// The phase of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    New,
    /// A resource is being entered.
    Entering,
    /// A resource in its body, or any other node that runs.
    Runs,
    Exiting,
    Ended,
}

#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is the answer to a question of its own"
)]
struct State {
    parent: Option<usize>,
    role: Role,
    what: What,
    life: Life,
    /// Whether the body of a resource, or the future of a region, exists.
    has_future: bool,
    /// The ending of the body, if it ended.
    body: Option<Result<Result<(), usize>, String>>,
    /// Whether a region was told to stop, and whether it has registered with the scope around, as
    /// it has an entry.
    stopped: bool,
    had_member: bool,
    grace_is_over: bool,
    /// The first to end of a race or a select.
    winner: Option<usize>,
    shielded: bool,
}

/// A stop with its waiter.
struct Waiting {
    at: usize,
    waker: Option<Waker>,
    /// Its reason is the number of the scope.
    handle: CancelToken<usize>,
    by_handle: bool,
}

#[derive(Default)]
pub struct World {
    nodes: RefCell<Vec<State>>,
    pub wrong: RefCell<Vec<String>>,
    /// The number of polls of the whole, which may jump.
    pub now: Cell<usize>,
    waiting: RefCell<Vec<Option<Waiting>>>,
    /// The tokens of the scopes, in order.
    handles: RefCell<Vec<(usize, CancelToken<usize>)>>,
    /// Whether the whole is being dropped.
    pub dropping: Cell<bool>,
    /// The number of futures that wait for the next turn.
    pub waiting_for_turn: Cell<usize>,
    panics: RefCell<Vec<usize>>,
    cut: Cell<usize>,
    /// The number of races that were dropped, perhaps with a panic that they kept.
    dropped_races: Cell<usize>,
    pub seen: Cell<Seen>,
}

/// Counts of rare events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Exits that a cancellation began.
    pub cancelled: usize,
    pub cut: usize,
    pub abandoned: usize,
    /// Scopes whose grace ended.
    pub ungraceful: usize,
    /// Scopes that gave a value though they had been stopped.
    pub finished_anyway: usize,
    /// Races that awaited exits after the first had ended.
    pub losers_awaited: usize,
}

impl World {
    pub fn new(root: &Node) -> Self {
        let world = World::default();
        world.add(root, None, Role::Inner);
        world
    }

    fn add(&self, node: &Node, parent: Option<usize>, role: Role) {
        let what = match &node.kind {
            Kind::With(_) => What::With,
            Kind::Scope(_) | Kind::Racer(_) => What::Region,
            Kind::Race(_) => What::Race,
            Kind::Shield(_) => What::Shield,
            Kind::Together(super::tree::Together::Select, _) => What::Select,
            _ => What::Other,
        };
        let shielded = matches!(&node.kind, Kind::With(with) if with.shielded);
        self.nodes.borrow_mut().push(State {
            parent,
            role,
            what,
            life: Life::New,
            has_future: false,
            body: None,
            stopped: false,
            had_member: false,
            grace_is_over: false,
            winner: None,
            shielded,
        });
        let waiting = match &node.kind {
            Kind::Scope(scoped) => Some(self.waiting(node.id, scoped.stop)),
            _ => None,
        };
        self.waiting.borrow_mut().push(waiting);
        self.add_children(node);
    }

    fn add_children(&self, node: &Node) {
        let id = Some(node.id);
        match &node.kind {
            Kind::With(with) => {
                let enter = if with.shielded {
                    Role::UncancelledEnter
                } else {
                    Role::Enter
                };
                self.add(&with.enter, id, enter);
                self.add(&with.body, id, Role::Body);
                self.add(&with.exit, id, Role::Exit);
            }
            Kind::Shield(inner) => self.add(inner, id, Role::Shielded),
            kind => {
                for child in kind.clone().children() {
                    self.add(child, id, Role::Inner);
                }
            }
        }
    }

    fn waiting(&self, id: usize, stop: Stop) -> Waiting {
        let handle = CancelToken::with_reasons();
        self.handles.borrow_mut().push((id, handle.clone()));
        let at = match stop {
            Stop::At(at) | Stop::HandleAt(at) => at,
            Stop::Never | Stop::Fired => usize::MAX,
        };
        if let Stop::HandleAt(0) = stop {
            handle.cancel_with(id);
        }
        Waiting {
            at,
            waker: None,
            handle,
            by_handle: matches!(stop, Stop::HandleAt(_) | Stop::Fired),
        }
    }

    // ---- what holds ----

    fn wrong(&self, what: String) {
        self.wrong.borrow_mut().push(what);
    }

    fn expect(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong(what());
        }
    }

    fn expect_eq<T: Copy + PartialEq + Debug>(&self, what: &str, id: usize, left: T, right: T) {
        self.expect(left == right, || {
            format!("{what} of {id} is {left:?}, not {right:?}")
        });
    }

    fn get<T>(&self, id: usize, get: impl FnOnce(&State) -> T) -> T {
        get(&self.nodes.borrow()[id])
    }

    fn set(&self, id: usize, set: impl FnOnce(&mut State)) {
        set(&mut self.nodes.borrow_mut()[id]);
    }

    fn parent(&self, id: usize) -> Option<usize> {
        self.get(id, |node| node.parent)
    }

    /// The nodes around, from the nearest on.
    fn around(&self, id: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    fn is_inside(&self, inner: usize, outer: usize) -> bool {
        self.around(inner).any(|id| id == outer)
    }

    /// Whether a node must stop.
    fn is_stopping(&self, id: usize) -> bool {
        let mut at = id;
        loop {
            if self.get(at, |node| node.role.is_protected()) {
                return false;
            }
            let Some(parent) = self.parent(at) else {
                return false;
            };
            if self.get(parent, |node| node.what == What::Region && node.stopped) {
                return true;
            }
            at = parent;
        }
    }

    /// The expected answer of [`is_cancelled`] in a node.
    fn is_cancelled(&self, id: usize) -> bool {
        let mut around = self.around(id);
        let region = around.find(|id| self.get(*id, |node| node.what == What::Region));
        region.is_some_and(|id| self.get(id, |node| node.stopped) || self.is_stopping(id))
    }

    /// Whether a cancellation from outside has to wait for this node.
    fn is_member(&self, id: usize) -> bool {
        self.get(id, |node| match node.what {
            What::With => match node.life {
                Life::Entering => node.shielded,
                life => matches!(life, Life::Runs | Life::Exiting),
            },
            What::Shield => node.life == Life::Runs,
            What::Region => node.has_future && node.had_member,
            What::Race | What::Select | What::Other => false,
        })
    }

    fn has_members(&self, id: usize) -> bool {
        let mut all = 0..self.nodes.borrow().len();
        all.any(|inner| self.is_member(inner) && self.is_inside(inner, id))
    }

    /// Registers an entry inside.
    fn joined(&self, id: usize) {
        for around in self.around(id) {
            self.set(around, |node| node.had_member = true);
        }
    }

    /// Code in this node runs, so all nodes around must be in a phase that allows it.
    pub fn touch(&self, id: usize) {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            let role = self.get(at, |node| node.role);
            let (what, life) = self.get(parent, |node| (node.what, node.life));
            let right = match (what, role) {
                (What::With, Role::Enter | Role::UncancelledEnter) => life == Life::Entering,
                (What::With, Role::Exit) => life == Life::Exiting,
                (What::With | What::Region | What::Shield | What::Race, _) => life == Life::Runs,
                _ => true,
            };
            self.expect(right, || {
                format!("{id} runs while {parent} around it is {life:?}")
            });
            at = parent;
        }
        self.expect_eq("is_cancelled", id, is_cancelled(), self.is_cancelled(id));
    }

    fn see(&self, count: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.get();
        count(&mut seen);
        self.seen.set(seen);
    }

    // ---- what happens ----

    /// A shield or a race begins.
    pub fn begins(&self, id: usize) {
        self.touch(id);
        self.set(id, |node| node.life = Life::Runs);
        if self.get(id, |node| node.what == What::Shield) {
            self.joined(id);
        }
    }

    /// A shield or a race has ended or was dropped.
    pub fn ended(&self, id: usize, finished: bool) {
        self.set(id, |node| node.life = Life::Ended);
        let what = self.get(id, |node| node.what);
        if finished {
            self.expect(!self.has_members(id), || {
                format!("{id} ended while others were inside")
            });
        } else if what == What::Race {
            self.dropped_races.set(self.dropped_races.get() + 1);
        } else if what == What::Shield {
            self.expect(self.may_be_dropped(id), || {
                format!("shield {id} was dropped half-way")
            });
        }
    }

    /// The body of a resource, or the future of a region, is about to be polled.
    pub fn polls(&self, id: usize) {
        let what = self.get(id, |node| node.what);
        let first = !self.get(id, |node| node.has_future);
        self.set(id, |node| node.has_future = true);
        let stopped = match what {
            What::Region => {
                self.set(id, |node| node.life = Life::Runs);
                self.get(id, |node| node.stopped) || self.is_stopping(id)
            }
            _ => self.is_stopping(id),
        };
        self.expect(!first || !self.has_fired(id), || {
            format!("{what:?} {id} begins after its stop")
        });
        self.expect(!stopped || (!first && self.has_members(id)), || {
            format!("{what:?} {id} was polled after its stop")
        });
    }

    /// The body of a resource, or the future of a region, has ended.
    pub fn has_ended(&self, id: usize, how: Result<Result<(), usize>, String>) {
        self.set(id, |node| node.body = Some(how));
        let Some(parent) = self.parent(id) else {
            return;
        };
        let what = self.get(parent, |node| node.what);
        let is_racer = what == What::Race && self.get(id, |node| node.what == What::Region);
        if is_racer && self.get(parent, |node| node.winner.is_none()) {
            self.set(parent, |node| node.winner = Some(id));
            self.stop_the_others(parent, id);
            let is_left = self.has_members(parent);
            self.see(|seen| seen.losers_awaited += usize::from(is_left));
        }
    }

    fn stop_the_others(&self, race: usize, winner: usize) {
        for (id, node) in self.nodes.borrow_mut().iter_mut().enumerate() {
            if node.parent == Some(race) && id != winner {
                node.stopped = true;
            }
        }
    }

    /// The body of a resource, or the future of a region, was dropped.
    pub fn is_gone(&self, id: usize) {
        self.set(id, |node| node.has_future = false);
    }

    pub fn entering(&self, id: usize) {
        self.touch(id);
        self.expect(!self.is_stopping(id), || {
            format!("{id} is entered after the stop")
        });
        self.set(id, |node| node.life = Life::Entering);
        if self.get(id, |node| node.shielded) {
            self.joined(id);
        }
    }

    /// The enter has failed or was dropped.
    pub fn not_entered(&self, id: usize, finished: bool) {
        let shielded = self.get(id, |node| node.shielded);
        self.set(id, |node| node.life = Life::Ended);
        self.expect(finished || !shielded || self.may_be_dropped(id), || {
            format!("the shielded enter of {id} was dropped")
        });
        self.expect(!self.has_members(id), || {
            format!("the enter of {id} went before what was inside")
        });
    }

    pub fn entered(&self, id: usize) {
        self.set(id, |node| node.life = Life::Runs);
        self.joined(id);
    }

    pub fn exiting(&self, id: usize, outcome: Outcome) {
        self.expect_eq("the life", id, self.get(id, |node| node.life), Life::Runs);
        let body = self.get(id, |node| node.body.clone());
        let right = match (&body, outcome) {
            (Some(Ok(Ok(()))), outcome) => outcome == Outcome::Completed,
            (Some(Ok(Err(_))), outcome) => outcome == Outcome::Failed,
            (Some(Err(message)), outcome) => outcome == Outcome::Panicked(message),
            (None, Outcome::Cancelled) => self.is_stopping(id),
            (None, _) => false,
        };
        self.expect(right, || {
            format!("the exit of {id} saw {outcome:?} when the body was {body:?}")
        });
        self.expect_no_body(id);
        self.see(|seen| seen.cancelled += usize::from(outcome == Outcome::Cancelled));
        self.set(id, |node| node.life = Life::Exiting);
        self.touch(id);
    }

    fn expect_no_body(&self, id: usize) {
        self.expect(!self.get(id, |node| node.has_future), || {
            format!("the body of {id} is still there")
        });
        self.expect(!self.has_members(id), || {
            format!("{id} exits before its contents")
        });
    }

    pub fn exited(&self, id: usize) {
        self.expect(!self.has_members(id), || {
            format!("the exit of {id} ends before what is inside")
        });
        self.set(id, |node| node.life = Life::Ended);
    }

    /// The exit has panicked.
    pub fn exit_panicked(&self, id: usize) {
        self.set(id, |node| node.life = Life::Ended);
    }

    /// The exit was dropped while it ran.
    pub fn cut(&self, id: usize) {
        self.expect(self.may_be_dropped(id), || {
            format!("the exit of {id} was dropped half-way")
        });
        self.set(id, |node| node.life = Life::Ended);
        self.cut.set(self.cut.get() + 1);
        self.see(|seen| seen.cut += 1);
    }

    pub fn abandoned(&self, id: usize) {
        self.expect_eq("the life", id, self.get(id, |node| node.life), Life::Runs);
        let body_ended = self.get(id, |node| node.body.is_some());
        self.expect(!body_ended && self.may_be_dropped(id), || {
            format!("{id} was abandoned")
        });
        self.see(|seen| seen.abandoned += 1);
        self.expect_no_body(id);
        self.set(id, |node| node.life = Life::Ended);
    }

    /// Control has left an `async_with!`.
    pub fn behind(&self, id: usize) {
        self.touch(id);
        let body = self.get(id, |node| node.body.clone());
        let entered = !matches!(self.get(id, |node| node.life), Life::Ended);
        self.expect(!entered, || format!("control came behind {id} too early"));
        self.expect(!matches!(body, Some(Err(_))), || {
            format!("control came behind {id}, which had panicked")
        });
    }

    /// A stop has fired, and its scope has seen it.
    pub fn stop(&self, id: usize) {
        self.set(id, |node| node.stopped = true);
    }

    pub fn grace_is_over(&self, id: usize) {
        self.set(id, |node| node.grace_is_over = true);
    }

    /// A scope gives its result.
    pub fn gives(&self, id: usize, given: &Result<Result<(), usize>, Cancelled<usize>>) {
        self.set(id, |node| node.life = Life::Ended);
        self.expect_no_body(id);
        let (body, stopped, grace_is_over) = self.get(id, |node| {
            (node.body.clone(), node.stopped, node.grace_is_over)
        });
        let right = match given {
            Ok(value) => body == Some(Ok(*value)) && !grace_is_over,
            Err(cancelled) => {
                body.is_none()
                    && stopped
                    && *cancelled.reason() == id
                    && cancelled.is_graceful() != grace_is_over
            }
        };
        self.see(|seen| {
            seen.ungraceful += usize::from(grace_is_over);
            seen.finished_anyway += usize::from(stopped && given.is_ok());
        });
        self.expect(right, || {
            format!("{id} gives {given:?} when it was {body:?}, grace over: {grace_is_over}")
        });
        self.expect(
            !self.is_stopping(id) || given.is_ok() || self.was_own(id),
            || format!("{id} ended though the scope around had been stopped"),
        );
    }

    /// Whether a scope was stopped by its own stop, perhaps after another.
    fn was_own(&self, id: usize) -> bool {
        self.get(id, |node| node.stopped)
    }

    pub fn race_gives(&self, id: usize, winner: usize) {
        let won = self.get(id, |node| node.winner);
        self.expect(won == Some(winner), || {
            format!("race {id} gives {winner}, but {won:?} was first")
        });
        self.ended(id, true);
    }

    /// The first of a select has ended, and the others are dropped.
    pub fn select_ends(&self, id: usize) {
        self.set(id, |node| node.winner = Some(id));
    }

    pub fn panics(&self, id: usize) -> String {
        self.panics.borrow_mut().push(id);
        format!("panic of {id}")
    }

    /// Whether a node may be dropped.
    fn may_be_dropped(&self, id: usize) -> bool {
        let by_panic = |from: &usize| *from == id || !self.is_inside(*from, id);
        let by_those_around = self.around(id).any(|id| {
            self.get(id, |node| {
                node.grace_is_over || node.what == What::Select && node.winner.is_some()
            })
        });
        let unwinds = std::thread::panicking();
        unwinds
            || self.dropping.get()
            || by_those_around
            || self.panics.borrow().iter().any(by_panic)
    }

    // ---- stops ----

    /// Waits for the time of a stop.
    pub fn poll_stop(&self, id: usize, waker: &Waker) -> Poll<()> {
        let mut all = self.waiting.borrow_mut();
        let waiting = all[id].as_mut().expect("it is a scope");
        if waiting.at <= self.now.get() {
            return Poll::Ready(());
        }
        waiting.waker = Some(waker.clone());
        Poll::Pending
    }

    pub fn handle(&self, id: usize) -> CancelToken<usize> {
        let all = self.waiting.borrow();
        all[id].as_ref().expect("it is a scope").handle.clone()
    }

    /// Cancels a token.
    pub fn fire(&self, number: usize) {
        let handles = self.handles.borrow();
        let handle = handles.get(number % handles.len().max(1)).cloned();
        drop(handles);
        if let Some((id, handle)) = handle {
            handle.cancel_with(id);
            self.expect(!handle.cancel_with(usize::MAX), || {
                format!("the token of {id} took two reasons")
            });
        }
    }

    /// Fires the stops that are due.
    pub fn fire_due(&self) {
        let mut due = Vec::new();
        for (id, waiting) in self.waiting.borrow_mut().iter_mut().enumerate() {
            let Some(waiting) = waiting else { continue };
            if waiting.at <= self.now.get() {
                due.push((id, waiting.waker.take(), waiting.handle.clone()));
            }
        }
        for (id, waker, handle) in due {
            handle.cancel_with(id);
            waker.inspect(Waker::wake_by_ref);
        }
    }

    /// Whether the stop of a scope has fired, seen or not.
    fn has_fired(&self, id: usize) -> bool {
        let all = self.waiting.borrow();
        let waiting = all[id].as_ref();
        waiting.is_some_and(|waiting| {
            if waiting.by_handle {
                waiting.handle.is_cancelled()
            } else {
                waiting.at <= self.now.get()
            }
        })
    }

    /// When the next stop is due.
    pub fn next_stop(&self) -> Option<usize> {
        let all = self.waiting.borrow();
        let at = all.iter().flatten().map(|waiting| waiting.at);
        at.filter(|at| *at != usize::MAX && *at > self.now.get())
            .min()
    }

    // ---- the end ----

    /// No future is woken and no stop remains, so all stopped nodes must have ended.
    pub fn idle(&self) {
        self.expect(self.waiting_for_turn.get() == 0, || {
            format!("{} were woken, and not polled", self.waiting_for_turn.get())
        });
        for id in 0..self.nodes.borrow().len() {
            let (what, life, stopped) = self.get(id, |node| (node.what, node.life, node.stopped));
            let has_future = self.get(id, |node| node.has_future);
            let hangs = match what {
                What::Region => has_future && (stopped || self.has_fired(id)),
                What::Race => {
                    life == Life::Runs
                        && self.get(id, |node| node.winner.is_some())
                        && !self.has_members(id)
                }
                _ => false,
            };
            self.expect(!hangs || self.is_stopping(id), || {
                format!("{what:?} {id} hangs after its stop")
            });
        }
    }

    /// Everything that was entered has ended.
    pub fn over(&self) {
        for (id, node) in self.nodes.borrow().iter().enumerate() {
            let ended = match node.what {
                What::With => matches!(node.life, Life::New | Life::Ended),
                _ => true,
            };
            self.expect(ended && !node.has_future, || {
                format!("{id} is still {:?}", node.life)
            });
        }
    }

    /// The whole has panicked with this message.
    pub fn panicked(&self, message: &str) {
        let known = self.panics.borrow();
        let mut known = known.iter().map(|id| format!("panic of {id}"));
        self.expect(known.any(|known| known == message), || {
            format!("a panic of nobody: {message}")
        });
    }

    /// Every cut exit was reported. So was every panic that did not leave the whole, unless it
    /// waited for an exit that was cut or a race that was dropped.
    pub fn told(&self, cut: usize, panicked: usize) {
        self.expect_eq("the count of cuts", 0, cut, self.cut.get());
        let raised = self.panics.borrow().len();
        let dropped = self.dropping.get() || self.nodes.borrow().iter().any(State::drops);
        let lost = cut + self.dropped_races.get();
        let accounted = panicked <= raised && raised <= panicked + lost;
        self.expect(dropped || accounted, || {
            format!("{raised} panicked, but {panicked} came out")
        });
    }
}

impl State {
    /// Whether a node may have dropped another.
    fn drops(&self) -> bool {
        self.grace_is_over || self.what == What::Select
    }
}
