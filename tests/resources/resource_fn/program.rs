//! Programs with one resource function, and what each of their polls does.

use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::rc::Rc;

use forwith::resource::{Place, Stage, local_resource_fn, owned_resource_fn, resource_fn};
use forwith::{async_with, mark_failed};
use futures::FutureExt;

use crate::common::{Failure, Held, Trace, run_to_panic, yield_once};

/// How the function is made a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Borrowed,
    Owned,
    Pinned,
    Local,
}

/// How the program ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Ends,
    Fails,
    IsMarked,
    Returns,
    Breaks,
    BodyPanics,
    EnterFails,
    EnterPanics,
    ExitFails,
    ExitPanics,
}

pub(super) const WAYS: [Way; 10] = [
    Way::Ends,
    Way::Fails,
    Way::IsMarked,
    Way::Returns,
    Way::Breaks,
    Way::BodyPanics,
    Way::EnterFails,
    Way::EnterPanics,
    Way::ExitFails,
    Way::ExitPanics,
];

#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) form: Form,
    /// Whether the function holds a resource round its hand-out.
    pub(super) holds: bool,
    pub(super) way: Way,
}

/// Every case of these forms.
pub(super) fn cases(forms: &[Form]) -> impl Iterator<Item = Case> {
    forms.iter().flat_map(|&form| {
        [false, true].into_iter().flat_map(move |holds| {
            let cases = WAYS.into_iter();
            cases.map(move |way| Case { form, holds, way })
        })
    })
}

/// What becomes of a program, as text.
pub(super) type Ending = String;
pub(super) type Program = Pin<Box<dyn Future<Output = Ending> + Send>>;
pub(super) type LocalProgram = Pin<Box<dyn Future<Output = Ending>>>;

/// The resource function. Both of its parts take two polls.
async fn transaction(trace: Trace, way: Way, stage: Stage<'_, Held>) -> Result<(), Failure> {
    trace.note("begin");
    yield_once().await;
    match way {
        Way::EnterFails => return Err("enter".into()),
        Way::EnterPanics => panic!("enter"),
        _ => {}
    }
    trace.note("begun");
    let (_tx, ended) = stage.hand_out(Held("tx", trace.clone())).await;
    trace.note(format!("ending: {ended:?}"));
    yield_once().await;
    match way {
        Way::ExitFails => return Err("exit".into()),
        Way::ExitPanics => panic!("exit"),
        _ => {}
    }
    trace.note("ended");
    Ok(())
}

async fn holding(trace: Trace, way: Way, stage: Stage<'_, Held>) -> Result<(), Failure> {
    async_with!(trace.open("conn"), {
        transaction(trace.clone(), way, stage).await?;
    })
}

async fn function(
    holds: bool,
    trace: Trace,
    way: Way,
    stage: Stage<'_, Held>,
) -> Result<(), Failure> {
    if holds {
        holding(trace, way, stage).await
    } else {
        transaction(trace, way, stage).await
    }
}

/// The body, which takes two polls.
macro_rules! within {
    ($enter:expr, $trace:ident, $way:ident) => {{
        let behind = 'out: {
            async_with!($enter as tx, {
                assert_eq!(tx.0, "tx"); // the value itself
                let _held = Held("held", $trace.clone());
                $trace.note("body");
                yield_once().await;
                match $way {
                    Way::Fails => Err(Failure::from("body"))?,
                    Way::IsMarked => mark_failed!(),
                    Way::Returns => return Ok("returned"),
                    Way::Breaks => break 'out "broken",
                    Way::BodyPanics => panic!("body"),
                    _ => {}
                }
            })?;
            "reached"
        };
        $trace.note("behind");
        Ok(behind)
    }};
}

async fn work(case: Case, trace: &Trace) -> Result<&'static str, Failure> {
    let Case { form, holds, way } = case;
    let make = |stage| function(holds, trace.clone(), way, stage);
    match form {
        Form::Borrowed => within!(resource_fn(make), trace, way),
        Form::Owned => within!(owned_resource_fn(make), trace, way),
        Form::Pinned => {
            let mut place = Place::new();
            let (stage, resource) = place.split();
            let function = pin!(function(holds, trace.clone(), way, stage));
            within!(resource.of(function), trace, way)
        }
        Form::Local => unreachable!("it is not `Send`"),
    }
}

async fn local_work(case: Case, trace: &Trace) -> Result<&'static str, Failure> {
    let Case { holds, way, .. } = case;
    let make = |stage| async move {
        let stays = Rc::new(trace.clone());
        let ended = function(holds, trace.clone(), way, stage).await;
        drop(stays);
        ended
    };
    within!(local_resource_fn(make), trace, way)
}

/// The ending of a program's work.
async fn ending(work: impl Future<Output = Result<&'static str, Failure>>) -> Ending {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(value)) => value.into(),
        Ok(Err(Failure(error))) => format!("Err({error})"),
        Err(payload) => {
            let message = run_to_panic(async { std::panic::resume_unwind(payload) });
            format!("panic({message})")
        }
    }
}

pub(super) fn program(case: Case, trace: Trace) -> Program {
    Box::pin(async move { ending(work(case, &trace)).await })
}

pub(super) fn local_program(case: Case, trace: Trace) -> LocalProgram {
    Box::pin(async move { ending(local_work(case, &trace)).await })
}

/// Where a program stands at the end of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The function has entered nothing.
    Enter,
    /// The function holds its resource.
    EnterHolding,
    /// The enter has failed, and the exit of what the function holds runs.
    EnterExit,
    Body,
    Exit,
    /// The exit part has ended, and the exit of what the function holds runs.
    ExitOfHeld,
    Over,
}

/// What each poll of a program adds, and where the program stands then.
pub(super) struct Model {
    pub(super) polls: Vec<(Vec<String>, Phase)>,
    pub(super) ending: Ending,
}

/// The outcome of the body.
fn outcome(way: Way) -> &'static str {
    match way {
        Way::Fails | Way::IsMarked => "Failed",
        Way::BodyPanics => "Panicked(\"body\")",
        _ => "Completed",
    }
}

/// What the exit of the function's own resource sees: what the function does.
pub(super) fn outcome_of_held(way: Way) -> &'static str {
    match way {
        Way::EnterFails | Way::ExitFails => "Failed",
        Way::EnterPanics => "Panicked(\"enter\")",
        Way::ExitPanics => "Panicked(\"exit\")",
        _ => "Completed",
    }
}

/// The end of the exit part, from its last wait.
pub(super) fn last_lines(way: Way) -> Vec<String> {
    let ended = !matches!(way, Way::ExitFails | Way::ExitPanics);
    let lines = ended.then_some("ended").into_iter();
    lines.chain(["dropped tx"]).map(String::from).collect()
}

impl Model {
    pub(super) fn of(case: Case) -> Self {
        let Case { holds, way, .. } = case;
        let mut polls = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        if holds {
            lines.push("entering conn".into());
            polls.push((std::mem::take(&mut lines), Phase::Enter));
            lines.push("entered conn".into());
        }
        lines.push("begin".into());
        let phase = if holds {
            Phase::EnterHolding
        } else {
            Phase::Enter
        };
        polls.push((std::mem::take(&mut lines), phase));
        let has_begun = !matches!(way, Way::EnterFails | Way::EnterPanics);
        if has_begun {
            lines.extend(["begun", "body"].map(String::from));
            polls.push((std::mem::take(&mut lines), Phase::Body));
            lines.push("dropped held".into());
            lines.push(format!("ending: {}", outcome(way)));
            polls.push((std::mem::take(&mut lines), Phase::Exit));
            lines = last_lines(way);
        }
        if holds {
            lines.push(format!("exiting conn: {}", outcome_of_held(way)));
            let phase = if has_begun {
                Phase::ExitOfHeld
            } else {
                Phase::EnterExit
            };
            polls.push((std::mem::take(&mut lines), phase));
            lines.push("exited conn".into());
        }
        let ending = match way {
            Way::Ends | Way::IsMarked => "reached",
            Way::Fails => "Err(body)",
            Way::Returns => "returned",
            Way::Breaks => "broken",
            Way::BodyPanics => "panic(body)",
            Way::EnterFails => "Err(enter)",
            Way::EnterPanics => "panic(enter)",
            Way::ExitFails => "Err(exit)",
            Way::ExitPanics => "panic(exit)",
        };
        if ["reached", "broken"].contains(&ending) {
            lines.push("behind".into());
        }
        polls.push((lines, Phase::Over));
        Model {
            polls,
            ending: ending.into(),
        }
    }

    /// The lines of so many polls.
    pub(super) fn lines(&self, polls: usize) -> Vec<String> {
        let polls = self.polls.iter().take(polls);
        polls.flat_map(|(lines, _)| lines.clone()).collect()
    }

    /// The lines behind so many polls.
    pub(super) fn lines_after(&self, polls: usize) -> Vec<String> {
        let polls = self.polls.iter().skip(polls);
        polls.flat_map(|(lines, _)| lines.clone()).collect()
    }
}
