//! What a program must do, without futures: an interpreter of bodies, poll by poll.

use super::program::{Body, Limit, NAMES, Way};

/// How a program ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Gave(Result<String, String>),
    Panicked(String),
    Dropped,
    Cancelled,
}

/// What happens to a program from outside, behind so many polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    None,
    Drop(usize),
    Cancel(usize),
}

/// One thing that a body does.
#[derive(Clone, Debug)]
enum Step {
    Note(String),
    Yield,
    Entered(&'static str),
    /// The exit begins.
    Exiting(&'static str, String),
    Exited(&'static str),
    Ends(Way),
}

/// A body that runs.
struct Running {
    number: usize,
    /// What is left to do, the next one last.
    steps: Vec<Step>,
    /// The resources that have been entered, the innermost last, and whether the exit runs.
    open: Vec<(&'static str, bool)>,
}

/// What a body has come to in a poll.
enum Polled {
    Waits,
    Ended(Way),
    /// It was cancelled, and its exits have ended.
    Vacated,
}

/// Runs a program. Gives the trace and the end.
pub fn run(bodies: &[Body], limit: Limit, strike: Strike) -> (Vec<String>, End, usize) {
    let mut model = Model {
        trace: Vec::new(),
        waiting: bodies.iter().copied().enumerate().collect(),
        places: Vec::new(),
        limit: match limit {
            Limit::AtMost(limit) => limit,
            Limit::Unlimited => usize::MAX,
        },
        end: None,
        is_stopped: false,
        is_cancelled: false,
    };
    model.waiting.reverse();
    let mut polls = 0;
    loop {
        if strike == Strike::Drop(polls) {
            model.drop_all();
            return (model.trace, End::Dropped, polls);
        }
        if strike == Strike::Cancel(0) {
            return (model.trace, End::Cancelled, 1);
        }
        polls += 1;
        if let Some(end) = model.poll() {
            return (model.trace, end, polls);
        }
        // A scope asks its stop behind the work, and polls the work once more.
        if strike == Strike::Cancel(polls - 1) {
            if !model.has_open() {
                model.drop_all();
                return (model.trace, End::Cancelled, polls);
            }
            model.is_cancelled = !model.is_stopped;
            if let Some(end) = model.poll() {
                return (model.trace, end, polls);
            }
        }
    }
}

struct Model {
    trace: Vec<String>,
    /// The items, the next one last.
    waiting: Vec<(usize, Body)>,
    places: Vec<Option<Running>>,
    limit: usize,
    end: Option<End>,
    is_stopped: bool,
    is_cancelled: bool,
}

impl Model {
    fn has_open(&self) -> bool {
        let mut running = self.places.iter().flatten();
        running.any(|running| !running.open.is_empty())
    }

    fn poll(&mut self) -> Option<End> {
        if !self.is_stopped && !self.is_cancelled {
            self.turn();
        } else if self.is_stopped {
            for place in 0..self.places.len() {
                self.poll_cancelled(place);
            }
        }
        if !self.is_stopped && (self.is_cancelled || self.end.is_some()) {
            self.stop();
        }
        if self.places.iter().any(Option::is_some) {
            return None;
        }
        if self.is_cancelled {
            return Some(match self.end.take() {
                Some(End::Panicked(message)) => End::Panicked(message),
                _ => End::Cancelled,
            });
        }
        let end = self.end.take();
        Some(end.unwrap_or(End::Gave(Ok("ended".to_owned()))))
    }

    /// Polls all bodies, and begins those of new items.
    fn turn(&mut self) {
        for place in 0..self.places.len() {
            self.poll_body(place);
            if self.end.is_some() {
                return;
            }
        }
        while let Some(place) = self.free_place() {
            let Some((number, body)) = self.waiting.pop() else {
                return;
            };
            self.places[place] = Some(Running::new(number, body));
            self.poll_body(place);
            if self.end.is_some() {
                return;
            }
        }
    }

    fn free_place(&mut self) -> Option<usize> {
        if let Some(free) = self.places.iter().position(Option::is_none) {
            return Some(free);
        }
        let has_room = self.places.len() < self.limit;
        has_room.then(|| {
            self.places.push(None);
            self.places.len() - 1
        })
    }

    fn poll_body(&mut self, place: usize) {
        let Some(running) = &mut self.places[place] else {
            return;
        };
        let number = running.number;
        if let Polled::Ended(way) = running.poll(&mut self.trace) {
            self.places[place] = None;
            self.end = ended(way, number);
        }
    }

    fn poll_cancelled(&mut self, place: usize) {
        let Some(running) = &mut self.places[place] else {
            return;
        };
        let number = running.number;
        match running.poll_cancelled(&mut self.trace) {
            Polled::Waits => {}
            Polled::Ended(way) => {
                self.places[place] = None;
                // Only a panic counts, unless there is one already.
                if way == Way::Panic && !matches!(self.end, Some(End::Panicked(_))) {
                    self.end = ended(way, number);
                }
            }
            Polled::Vacated => {
                self.places[place] = None;
                self.trace.push(format!("dropped {number}"));
            }
        }
    }

    fn stop(&mut self) {
        self.is_stopped = true;
        for place in &mut self.places {
            if let Some(running) = place.take_if(|running| running.open.is_empty()) {
                self.trace.push(format!("dropped {}", running.number));
            }
        }
        for place in 0..self.places.len() {
            self.poll_cancelled(place);
        }
    }

    fn drop_all(&mut self) {
        for running in self.places.iter().flatten() {
            for (name, is_exiting) in running.open.iter().rev() {
                let how = if *is_exiting { "cut" } else { "abandoned" };
                self.trace.push(format!("{how} {name}"));
            }
            self.trace.push(format!("dropped {}", running.number));
        }
    }
}

/// How a loop ends by a body.
fn ended(way: Way, number: usize) -> Option<End> {
    Some(match way {
        Way::End | Way::Continue => return None,
        Way::Break => End::Gave(Ok(format!("broke {number}"))),
        Way::Return => End::Gave(Ok(format!("returned {number}"))),
        Way::Fail => End::Gave(Err(format!("failed {number}"))),
        Way::Jump => End::Gave(Ok(format!("jumped {number}"))),
        Way::Panic => End::Panicked(format!("panicked {number}")),
    })
}

impl Running {
    fn new(number: usize, body: Body) -> Self {
        let names = &NAMES[number][..body.resources];
        let mut steps = Vec::new();
        let yields = |count: u32| (0..count).map(|_| Step::Yield);
        steps.extend(yields(body.before));
        for name in names {
            steps.push(Step::Note(format!("entering {name}")));
            steps.push(Step::Yield);
            steps.push(Step::Entered(name));
        }
        steps.extend(yields(body.inside));
        let outcome = match body.way {
            Way::Fail => "Failed".to_owned(),
            Way::Panic => format!("Panicked({:?})", format!("panicked {number}")),
            _ => "Completed".to_owned(),
        };
        for name in names.iter().rev() {
            steps.push(Step::Exiting(name, outcome.clone()));
            steps.push(Step::Yield);
            steps.push(Step::Exited(name));
        }
        steps.push(Step::Note(format!("dropped {number}")));
        steps.push(Step::Ends(body.way));
        steps.reverse();
        Running {
            number,
            steps,
            open: Vec::new(),
        }
    }

    /// Goes on to the next yield.
    fn poll(&mut self, trace: &mut Vec<String>) -> Polled {
        while let Some(step) = self.steps.pop() {
            match step {
                Step::Note(line) => trace.push(line),
                Step::Yield => return Polled::Waits,
                Step::Entered(name) => {
                    trace.push(format!("entered {name}"));
                    self.open.push((name, false));
                }
                Step::Exiting(name, outcome) => {
                    trace.push(format!("exiting {name}: {outcome}"));
                    self.open.last_mut().expect("it is open").1 = true;
                }
                Step::Exited(name) => {
                    trace.push(format!("exited {name}"));
                    self.open.pop();
                }
                Step::Ends(way) => return Polled::Ended(way),
            }
        }
        Polled::Vacated
    }

    /// Goes on in a body that was cancelled: if no exit runs, all that is open is exited now.
    fn poll_cancelled(&mut self, trace: &mut Vec<String>) -> Polled {
        if let Some((_, false)) = self.open.last() {
            self.steps.clear();
            for (name, _) in &self.open {
                self.steps.push(Step::Exited(name));
                self.steps.push(Step::Yield);
                self.steps.push(Step::Exiting(name, "Cancelled".to_owned()));
            }
        }
        self.poll(trace)
    }
}
