//! Random work that is struck at a random point: what the server holds afterwards, against what
//! was lost.
//!
//! `FORWITH_SEED` and `FORWITH_CASES` choose other work. A failure prints its seed.

mod case;
mod server;

use std::collections::BTreeMap;
use std::future::{pending, poll_fn, ready};
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use forwith::reaper::{LocalReaper, Reaper};
use forwith::scope;
use forwith_runtime::Executor;

use crate::common::{run, run_for, turns};
use crate::outlives::Queue;
use crate::reapers::{single, told};
use case::{Case, Random, Strike};
use server::{Phase, Server};

/// What becomes of the exits that are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Reaped,
    ReapedOnTokio,
    ReapedOnOurs,
    /// There is no reaper.
    NoReaper,
    /// The reaper takes them, and drops them after some polls.
    ReaperGone,
    /// The runtime is dropped while the work and the exits run.
    TokioShutDown,
    /// The run of our executor ends while they run.
    OursEnded,
}

const FATES: [Fate; 7] = [
    Fate::Reaped,
    Fate::ReapedOnTokio,
    Fate::ReapedOnOurs,
    Fate::NoReaper,
    Fate::ReaperGone,
    Fate::TokioShutDown,
    Fate::OursEnded,
];

/// Strikes the work after some polls.
async fn strike(case: Arc<Case>, server: Server) {
    let work = case.work(&server);
    let at = case.at;
    // A value that is on its way when the scope is stopped would arrive.
    let stays = async {
        work.await;
        pending::<()>().await;
    };
    let stop = async {
        turns(at).await;
        server.strike();
    };
    match case.strike {
        Strike::Dropped => {
            let mut stays = Box::pin(stays);
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                if polls > at {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                stays.as_mut().poll(cx)
            })
            .await;
            server.strike();
        }
        Strike::Cancelled => drop(scope(stays, stop).await),
        Strike::GraceOver => drop(scope(stays, stop).grace(|| ready(())).await),
    }
}

/// Runs the case, and waits for the exits, or ends what runs them.
fn execute(case: &Arc<Case>, fate: Fate, server: &Server) {
    let struck = strike(case.clone(), server.clone());
    match fate {
        Fate::Reaped => {
            let queue = Queue::new();
            queue.reaper.install();
            run(struck);
            queue.run();
        }
        Fate::ReapedOnTokio => single().block_on(async {
            let reaper = Reaper::tokio();
            let _entered = reaper.enter();
            struck.await;
            reaper.join().await;
        }),
        Fate::ReapedOnOurs => Executor::new().block_on(async {
            let reaper = LocalReaper::new(|exit| drop(forwith_runtime::spawn(exit)));
            let entered = reaper.enter();
            struck.await;
            drop(entered);
            reaper.join().await;
        }),
        Fate::NoReaper => run(struck),
        Fate::ReaperGone => {
            let queue = Queue::new();
            queue.reaper.install();
            run(struck);
            for mut exit in queue.take() {
                run_for(case.late as usize, &mut exit);
            }
            assert_eq!(queue.reaper.pending(), 0);
        }
        Fate::TokioShutDown => {
            let runtime = single();
            runtime.block_on(async {
                Reaper::tokio().install();
                tokio::spawn(struck);
                tokio::spawn(case.work(server));
                turns(case.at + case.late).await;
                server.strike();
            });
        }
        Fate::OursEnded => Executor::new().block_on(async {
            drop(forwith_runtime::spawn(struck));
            drop(forwith_runtime::spawn(case.work(server)));
            turns(case.at + case.late).await;
            server.strike();
        }),
    }
}

/// What is wrong with the end of a case.
fn check(case: &Case, fate: Fate, server: &Server, lost: usize) -> Result<(), String> {
    let held = server.held();
    let wrong = server.wrong();
    if !wrong.is_empty() {
        return Err(wrong.join(", "));
    }
    let is_reaped = matches!(
        fate,
        Fate::Reaped | Fate::ReapedOnTokio | Fate::ReapedOnOurs
    );
    let has_ended = matches!(fate, Fate::TokioShutDown | Fate::OursEnded);
    let is_awaited = case.strike == Strike::Cancelled && !has_ended;
    let is_all_exited = is_awaited || (is_reaped && case.is_owned());
    match (held, lost) {
        (0, 0) => Ok(()),
        _ if is_all_exited => Err(format!("{held} are held and {lost} lost")),
        _ if held == lost => Ok(()),
        _ => Err(format!("{held} are held, but {lost} lost")),
    }
}

/// Prints the seed when anything of a case panics.
struct NamedByPanic(u64);

impl Drop for NamedByPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("FORWITH_SEED={} FORWITH_CASES=1", self.0);
        }
    }
}

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable);
    set.map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn what_is_held_is_what_was_lost() {
    let (first, cases) = (number("FORWITH_SEED", 1), number("FORWITH_CASES", 7_000));
    let mut seen: BTreeMap<(Fate, Phase), usize> = BTreeMap::new();
    let mut losses: BTreeMap<Fate, usize> = BTreeMap::new();
    for seed in first..first + cases {
        let _named = NamedByPanic(seed);
        let mut random = Random::new(seed);
        let fate = FATES[random.below(FATES.len().try_into().unwrap()) as usize];
        let case = Arc::new(Case::new(&mut random));
        let server = Server::default();
        let ((), reports) = told(|| execute(&case, fate, &server));
        let is_lost = |line: &&String| line.ends_with(" Lost: Lost") || line.ends_with("Cut: Cut");
        let lost = reports.iter().filter(is_lost).count();
        if let Err(wrong) = check(&case, fate, &server, lost) {
            panic!("{wrong} ({fate:?})\n{case:#?}\n{reports:#?}");
        }
        *seen.entry((fate, server.struck())).or_default() += 1;
        *losses.entry(fate).or_default() += lost;
    }
    println!("{seen:#?}\n{losses:#?}");
    if cases >= 7_000 {
        for fate in FATES {
            for phase in [Phase::Enter, Phase::Body, Phase::Exit] {
                let count = seen.get(&(fate, phase));
                assert!(count > Some(&100), "{fate:?}, {phase:?}: {count:?}");
            }
            assert!(losses[&fate] > 100, "{fate:?} is too tame");
        }
    }
}
