//! A stack of resources does what nested scopes do, for every ending of the body and of the exits.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, resume_unwind};

use forwith::{Cancelled, ExitStack, async_with, scope};
use futures::FutureExt;
use futures::future::{BoxFuture, pending};

use super::told;
use crate::common::hook::Kind;
use crate::common::{Failure, Open, Trace, poll, run_for, yield_once};

/// How the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Value,
    ErrValue,
    Question,
    Return,
    ReturnErr,
    Break,
    BreakErr,
    Panic,
    Wait,
}

const WAYS: [Way; 9] = [
    Way::Value,
    Way::ErrValue,
    Way::Question,
    Way::Return,
    Way::ReturnErr,
    Way::Break,
    Way::BreakErr,
    Way::Panic,
    Way::Wait,
];

/// How a resource ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Well,
    Failing,
    Panicking,
    /// It cannot be entered.
    Unentered,
}

/// A strike from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strike {
    Nothing,
    /// The scope around is stopped in this poll.
    Stop(u32),
    /// The whole is dropped after this number of polls.
    Drop(usize),
}

#[derive(Clone, Debug)]
struct Case {
    resources: Vec<Ends>,
    way: Way,
    strike: Strike,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A case that runs.
struct Run {
    case: Case,
    trace: Trace,
}

type Answer = Result<u8, Failure>;
type Program = for<'a> fn(&'a Run) -> BoxFuture<'a, Answer>;

impl Run {
    fn open(&self, at: usize) -> Open {
        let open = self.trace.open(NAMES[at]);
        match self.case.resources[at] {
            Ends::Well => open,
            Ends::Failing => open.exit_failing(),
            Ends::Panicking => open.exit_panicking(),
            Ends::Unentered => open.failing(),
        }
    }

    async fn body(&self) -> Way {
        self.trace.note("body");
        yield_once().await;
        self.case.way
    }
}

/// Makes a function that enters the items, runs `first` in their body and ends the body as the case
/// says.
macro_rules! program {
    ($name:ident, $run:ident, ($($items:tt)*), { $($first:tt)* }) => {
        async fn $name($run: &Run) -> Answer {
            let answer = 'out: {
                let value = async_with!($($items)*, {
                    $($first)*
                    match $run.body().await {
                        Way::Value => Ok(1),
                        Way::ErrValue => Err("value".into()),
                        Way::Question => Err("?")?,
                        Way::Return => return Ok(2),
                        Way::ReturnErr => return Err("return".into()),
                        Way::Break => break 'out Ok(3),
                        Way::BreakErr => break 'out Err("break".into()),
                        Way::Panic => resume_unwind(Box::new(String::from("body"))),
                        Way::Wait => pending().await,
                    }
                });
                $run.trace.note("behind");
                value.and_then(|value| value)
            };
            $run.trace.note("answer");
            answer
        }
    };
}

program!(one, run, (run.open(0)), {});
program!(two, run, (run.open(0), run.open(1)), {});
program!(three, run, (run.open(0), run.open(1), run.open(2)), {});
program!(
    four,
    run,
    (run.open(0), run.open(1), run.open(2), run.open(3)),
    {}
);
program!(stacked, run, (ExitStack::new() as stack), {
    for at in 0..run.case.resources.len() {
        stack.enter(run.open(at)).await?;
    }
});
program!(mixed, run, (run.open(0), ExitStack::new() as stack), {
    for at in 1..run.case.resources.len() {
        stack.enter(run.open(at)).await?;
    }
});
program!(
    two_stacks,
    run,
    (ExitStack::new() as outer, ExitStack::new() as stack),
    {
        outer.enter(run.open(0)).await?;
        for at in 1..run.case.resources.len() {
            stack.enter(run.open(at)).await?;
        }
    }
);

fn nested(run: &Run) -> BoxFuture<'_, Answer> {
    match run.case.resources.len() {
        1 => one(run).boxed(),
        2 => two(run).boxed(),
        3 => three(run).boxed(),
        _ => four(run).boxed(),
    }
}

/// How a case has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Answer(Answer),
    Cancelled,
    Panic(String),
    Dropped,
}

/// The observations of a case.
struct Seen {
    lines: Vec<String>,
    told: Vec<(Kind, String)>,
    end: End,
}

fn see(case: &Case, program: Program) -> Seen {
    let trace = Trace::new();
    let run = Run {
        case: case.clone(),
        trace: trace.clone(),
    };
    let (end, told) = told(|| end(&run, program));
    let mut lines = trace.lines();
    if case.resources.contains(&Ends::Unentered) {
        // In a stack, the `?` of the enter leaves the function.
        lines.retain(|line| line != "behind" && line != "answer");
    }
    let told = told.into_iter().map(|(_, kind, error)| (kind, error));
    Seen {
        lines,
        told: told.collect(),
        end,
    }
}

fn end(run: &Run, program: Program) -> End {
    let (polls, stop) = match run.case.strike {
        Strike::Nothing => (1000, None),
        Strike::Stop(at) => (1000, Some(at)),
        Strike::Drop(after) => (after, None),
    };
    let end = Cell::new(None);
    let struck = async {
        match stop {
            None => End::Answer(program(run).await),
            Some(at) => match scope(program(run), poll(at)).await {
                Ok(answer) => End::Answer(answer),
                Err(Cancelled { .. }) => End::Cancelled,
            },
        }
    };
    let caught = async {
        let caught = AssertUnwindSafe(struck).catch_unwind().await;
        end.set(Some(caught.unwrap_or_else(|payload| {
            End::Panic(*payload.downcast::<String>().unwrap())
        })));
    };
    run_for(polls, caught);
    end.into_inner().unwrap_or(End::Dropped)
}

/// The failures of exits that ran to their end.
fn failures(case: &Case, seen: &Seen) -> Vec<String> {
    let mut failures = Vec::new();
    for (name, ends) in NAMES.iter().zip(&case.resources) {
        if seen.lines.contains(&format!("exited {name}")) {
            match ends {
                Ends::Failing => failures.push(format!("exit {name}")),
                Ends::Panicking => failures.push(format!("exit {name} panicked")),
                Ends::Well | Ends::Unentered => {}
            }
        }
    }
    failures
}

/// The exit failures that were reported or given as the answer.
fn known(seen: &Seen) -> Vec<String> {
    let told = seen.told.iter().filter(|(kind, _)| !is_loss(*kind));
    let told = told.map(|(_, error)| error.clone());
    let answer = match &seen.end {
        End::Answer(Err(failure)) => Some(&failure.0),
        End::Panic(message) => Some(message),
        _ => None,
    };
    let answer = answer.filter(|answer| answer.starts_with("exit "));
    let mut known: Vec<_> = told.chain(answer.cloned()).collect();
    known.sort();
    known
}

fn is_loss(kind: Kind) -> bool {
    matches!(kind, Kind::Lost | Kind::Cut)
}

fn compare(case: &Case) -> Seen {
    let nested = see(case, nested);
    let stacks: [(&str, Program); 3] = [
        ("a stack", |run| stacked(run).boxed()),
        ("a stack in a resource", |run| mixed(run).boxed()),
        ("a stack in a stack", |run| two_stacks(run).boxed()),
    ];
    for (name, program) in stacks {
        let stack = see(case, program);
        assert_eq!(nested.lines, stack.lines, "{name}: {case:?}");
        assert_eq!(nested.end, stack.end, "{name}: {case:?}");
        // Nested scopes lose an error to a later panic, and an error on its way to a drop. A stack
        // reports both.
        let mut further = stack.told.iter();
        let in_order = nested
            .told
            .iter()
            .all(|told| further.any(|other| other == told));
        assert!(
            in_order,
            "{name}: {:?} in {:?}, {case:?}",
            nested.told, stack.told
        );
        if name == "a stack" {
            assert_eq!(failures(case, &stack), known(&stack), "{case:?}");
        }
        if failures(case, &nested) == known(&nested) {
            assert_eq!(nested.told, stack.told, "{name}: {case:?}");
        }
    }
    nested
}

/// Every number of resources with every combination of endings.
fn resources(kinds: &[Ends]) -> Vec<Vec<Ends>> {
    let mut all = Vec::new();
    let mut longest: Vec<Vec<Ends>> = vec![Vec::new()];
    for _ in NAMES {
        let longer = longest.iter().flat_map(|before| {
            let one_more = |kind: &Ends| [before.clone(), vec![*kind]].concat();
            kinds.iter().map(one_more)
        });
        longest = longer.collect();
        all.extend(longest.iter().cloned());
    }
    all
}

#[test]
fn stack_equals_nested_scopes_for_every_ending() {
    let kinds = [Ends::Well, Ends::Failing, Ends::Panicking, Ends::Unentered];
    let mut ways = [0; 3];
    for resources in resources(&kinds) {
        for way in WAYS {
            let seen = compare(&Case {
                resources: resources.clone(),
                way,
                strike: Strike::Nothing,
            });
            match seen.end {
                End::Answer(Ok(_)) => ways[0] += 1,
                End::Answer(Err(_)) => ways[1] += 1,
                End::Panic(_) => ways[2] += 1,
                End::Cancelled | End::Dropped => assert_eq!(way, Way::Wait),
            }
        }
    }
    assert!(ways.iter().all(|count| *count > 10), "{ways:?}");
}

/// Runs a case with later and later strikes, until it ends before the strike.
fn strike_everywhere(strike: impl Fn(u32) -> Strike) {
    let kinds = [Ends::Well, Ends::Failing, Ends::Panicking];
    for resources in resources(&kinds) {
        for way in [Way::Value, Way::Question, Way::Panic, Way::Wait] {
            let mut struck = 0;
            for poll in 0..14 {
                let seen = compare(&Case {
                    resources: resources.clone(),
                    way,
                    strike: strike(poll),
                });
                struck += u32::from(matches!(seen.end, End::Cancelled | End::Dropped));
            }
            assert!(
                struck > 0,
                "{resources:?} was struck at {struck} points only"
            );
        }
    }
}

#[test]
fn stack_equals_nested_scopes_when_stopped() {
    strike_everywhere(Strike::Stop);
}

#[test]
fn stack_equals_nested_scopes_when_dropped() {
    strike_everywhere(|poll| Strike::Drop(poll as usize));
}
