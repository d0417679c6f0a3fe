//! What do `square` and `cube` print, from plain functions to a scheduler? The lines of the
//! tutorial that has these two, session by session.
//!
//! Each of the two says when it starts and when it finishes, and sleeps 3 seconds in between. Time
//! is pretended, so nobody waits.

use std::time::Duration;

use forwith_runtime::by_hand::{Coroutine, Reply, Step};
use forwith_runtime::{Executor, gather, now, sleep};

/// The two as functions, each of which keeps its caller waiting.
mod functions {
    use super::pretended::sleep; // or `std::thread::sleep`
    use std::time::Duration;

    pub fn square(x: u64) -> u64 {
        println!("Starting square with argument {x}!");
        sleep(Duration::from_secs(3));
        println!("Finishing square with argument {x}!");
        x * x
    }

    pub fn cube(x: u64) -> u64 {
        println!("Starting cube with argument {x}!");
        sleep(Duration::from_secs(3));
        let square = square(x);
        println!("Finishing cube with argument {x}!");
        x * square
    }
}

/// The two as coroutines that do not wait yet.
#[expect(clippy::unused_async, reason = "so far, nothing in them needs it")]
mod without_waits {
    pub async fn square(x: u64) -> u64 {
        println!("Starting square with argument {x}!");
        println!("Finishing square with argument {x}!");
        x * x
    }

    pub async fn cube(x: u64) -> u64 {
        println!("Starting cube with argument {x}!");
        let square = square(x).await;
        println!("Finishing cube with argument {x}!");
        x * square
    }
}

async fn square(x: u64) -> u64 {
    println!("Starting square with argument {x}!");
    manual_sleep(3).await;
    println!("Finishing square with argument {x}!");
    x * x
}

async fn cube(x: u64) -> u64 {
    println!("Starting cube with argument {x}!");
    manual_sleep(3).await;
    let square = square(x).await;
    println!("Finishing cube with argument {x}!");
    x * square
}

/// Asks whoever runs the coroutine not to continue before that. Here it is you first, and then an
/// executor, which has a clock.
async fn manual_sleep(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

fn plain_square() {
    println!("{}", functions::square(4));
    assert_eq!(pretended::seconds(), 3);
}

fn plain_cube() {
    println!("{}", functions::cube(3));
    assert_eq!(pretended::seconds(), 6);
}

fn plain_loop() {
    for x in 1..=3 {
        println!("{}", functions::cube(x));
    }
    assert_eq!(pretended::seconds(), 18);
}

/// Prints nothing. Without the `let`, the compiler warns that futures do nothing unless you
/// `.await` them.
fn made_and_not_run() {
    let _coroutine = cube(5);
}

fn send_to_square() {
    send(&mut Coroutine::new(without_waits::square(4)));
}

fn send_to_cube() {
    send(&mut Coroutine::new(without_waits::cube(3)));
}

fn by_hand() {
    let mut coroutine = Coroutine::new(cube(3));
    send(&mut coroutine);
    send(&mut coroutine);
    send(&mut coroutine);
}

fn in_turn_by_hand() {
    let mut five = Coroutine::new(cube(5));
    let mut ten = Coroutine::new(cube(10));
    for _ in 0..3 {
        send(&mut five);
        send(&mut ten);
    }
}

/// Runs a coroutine to the next point where it waits, and prints what it asks for, or returns.
fn send(coroutine: &mut Coroutine<impl Future<Output = u64>>) {
    match coroutine.send(Reply::Granted) {
        Ok(Step::Yielded(request)) => println!("{request}"),
        Ok(Step::Returned(value)) => println!("returned {value}"),
        Err(finished) => println!("{finished}"),
    }
}

fn scheduler() {
    Executor::with_virtual_clock().block_on(async {
        println!("{}", cube(5).await);
        assert_eq!(now(), Duration::from_secs(6));
    });
}

fn gathered() {
    Executor::with_virtual_clock().block_on(async {
        let cubes = gather([cube(3), cube(4), cube(5)]).await;
        println!("{cubes:?}");
        assert_eq!(now(), Duration::from_secs(6)); // as long as one of them
    });
}

fn main() {
    let sessions: [(&str, fn()); 10] = [
        ("a function: square(4)", plain_square),
        ("a function in another: cube(3)", plain_cube),
        ("one after the other: cube of 1 to 3", plain_loop),
        ("a coroutine that nobody runs: cube(5)", made_and_not_run),
        ("send to square(4)", send_to_square),
        ("send to cube(3)", send_to_cube),
        ("by hand: cube(3)", by_hand),
        ("by hand, in turn: cube(5) and cube(10)", in_turn_by_hand),
        ("a scheduler: cube(5)", scheduler),
        ("gather: cube(3), cube(4) and cube(5)", gathered),
    ];
    for (title, session) in sessions {
        println!("--- {title}");
        pretended::begin();
        session();
    }
}

/// A clock of plain functions, which a sleep sets.
mod pretended {
    use std::cell::Cell;
    use std::time::Duration;

    thread_local!(static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) });

    pub fn begin() {
        NOW.set(Duration::ZERO);
    }

    pub fn sleep(duration: Duration) {
        NOW.set(NOW.get() + duration);
    }

    pub fn seconds() -> u64 {
        NOW.get().as_secs()
    }
}
