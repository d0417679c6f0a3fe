//! What the layer for servers costs a request, beside the layer of tower-http that bounds it.
//!
//! Both stand around the same handler, which answers at once and with nothing.

mod requests;

use std::time::Instant;

use forwith_bench::Locked;
use forwith_bench::callgrind::{PerTurn, per_turn};

use crate::stats::median;
use requests::{Layered, Way};

/// How many rounds are timed.
pub const ROUNDS: usize = 10;

/// How many requests are counted under valgrind.
const COUNTED: u64 = 500;

/// How many requests a round has.
const TIMED: u64 = 20_000;

/// What the goals allow: of instructions and of requests a second so many times what tower-http
/// takes, and so many allocations more.
const INSTRUCTIONS: f64 = 1.10;
const ALLOCATIONS: f64 = 3.0;
const PER_SECOND: f64 = 0.95;

/// Runs so many requests, for valgrind.
pub fn run_once(way: &str, which: &str, requests: u64) -> Result<(), String> {
    let way = Way::named(way).ok_or_else(|| format!("there is no way {way}"))?;
    let which = Layered::named(which).ok_or_else(|| format!("there is no layer {which}"))?;
    println!("{}", requests::run(way, which, requests));
    Ok(())
}

/// Prints the table, and fails if a goal is missed.
pub fn compare(rounds: usize) -> Result<(), String> {
    let mut missed = Vec::new();
    println!(
        "| an empty handler | no layer | TimeoutLayer | ours | ours over TimeoutLayer | goal |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let mut allocations = Vec::new();
    for way in [Way::Call, Way::Connection] {
        let [none, timeout, ours] = Layered::ALL.map(|which| count(way, which));
        let (none, timeout, ours) = (none?, timeout?, ours?);
        let ratio = ours.all / timeout.all;
        // A call alone is a small part of a request, and has no goal.
        let has_goal = way == Way::Connection;
        let goal = if has_goal {
            format!("≤ {INSTRUCTIONS:.2}")
        } else {
            String::new()
        };
        println!(
            "| instructions, {} | {:.0} | {:.0} | {:.0} | {ratio:.3} | {goal} |",
            way.text(),
            none.all,
            timeout.all,
            ours.all,
        );
        if has_goal && ratio > INSTRUCTIONS {
            missed.push(format!("instructions: {ratio:.3}"));
        }
        allocations.push((
            way,
            [none, timeout, ours].map(|counted| counted.allocations),
        ));
    }
    for (way, [none, timeout, ours]) in allocations {
        let more = ours - timeout;
        println!(
            "| allocations, {} | {none:.1} | {timeout:.1} | {ours:.1} | {more:+.1} | ≤ +{} |",
            way.text(),
            ALLOCATIONS
        );
        if more > ALLOCATIONS {
            missed.push(format!("allocations: {more:+.1}"));
        }
    }
    let [none, timeout, ours] = per_second(rounds.max(1));
    let ratio = ours / timeout;
    println!(
        "| requests a second, loopback | {:.2} | 1 | {ratio:.3} | {ratio:.3} | ≥ {PER_SECOND} |",
        none / timeout,
    );
    if ratio < PER_SECOND {
        missed.push(format!("requests a second: {ratio:.3}"));
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("goals are missed: {}", missed.join("; ")))
    }
}

/// Counts what a request costs.
fn count(way: Way, which: Layered) -> Result<PerTurn, String> {
    let arguments = ["requests", way.name(), which.name()];
    per_turn(&arguments, COUNTED, &mut Locked::default())
}

/// Requests a second over the loopback device: in turn, the median of so many rounds.
fn per_second(rounds: usize) -> [f64; 3] {
    let servers = Layered::ALL.map(requests::Server::start);
    let mut rates = [const { Vec::new() }; 3];
    for round in 0..=rounds {
        for turn in 0..servers.len() {
            let index = (turn + round) % servers.len();
            let begun = Instant::now();
            servers[index].ask(TIMED);
            #[expect(clippy::cast_precision_loss, reason = "they are not that many")]
            let rate = TIMED as f64 / begun.elapsed().as_secs_f64();
            if round > 0 {
                rates[index].push(rate);
            }
        }
    }
    rates.map(|rates| median(&rates))
}
