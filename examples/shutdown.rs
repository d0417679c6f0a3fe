//! How do I shut down in good order on Ctrl-C? With `scope(work, ctrl_c())`: what is open is exited
//! before the program ends.
//!
//! The first signal stops the work, and a second one the program, at once. The program ends with 0
//! if all exits have run, 1 if they took longer than they may, and 128 plus the number of the
//! second signal.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{pending, ready};
use std::io::Write;
use std::process::{ExitCode, exit};
use std::time::Duration;

use forwith::{AsyncExit, Outcome, async_with, scope};
use tokio::time::sleep;

/// Something to close, and how long that takes if the work is not complete.
struct Open(&'static str, Duration);

impl AsyncExit for Open {
    type Error = Infallible;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Infallible> {
        let Open(name, duration) = self;
        tell(format_args!("closing the {name}: {outcome:?}"));
        if !outcome.is_completed() {
            sleep(duration).await; // to undo takes longer
        }
        tell(format_args!("closed the {name}"));
        Ok(())
    }
}

/// Serves orders, a transaction for each. Nothing in here knows of the shutdown.
async fn serve(closing_takes: Duration) -> Result<(), Infallible> {
    let open = |name| {
        tell(format_args!("opened the {name}"));
        ready(Ok(Open(name, closing_takes)))
    };
    async_with!(open("connection"), {
        async_with!(open("transaction"), { tell("order 1") })?;
        async_with!(open("transaction"), {
            tell("order 2, which never ends; press Ctrl-C");
            pending::<()>().await;
        })?;
    })
}

/// Arguments: how many seconds all exits may take (5), and how many each of them takes (0).
#[tokio::main]
async fn main() -> ExitCode {
    let seconds = |text: String| Duration::from_secs(text.parse().expect("a number of seconds"));
    let mut arguments = std::env::args().skip(1).map(seconds);
    let grace = arguments.next().unwrap_or(Duration::from_secs(5));
    let closing_takes = arguments.next().unwrap_or_default();

    let first = signal();
    let stop = async {
        let number = first.await;
        let second = signal();
        tell(format_args!(
            "signal {number}: closing what is open; another one ends at once"
        ));
        tokio::spawn(async { exit(128 + second.await) });
    };
    match scope(serve(closing_takes), stop)
        .grace(|| sleep(grace))
        .await
    {
        Err(cancelled) if cancelled.is_graceful() => ExitCode::SUCCESS,
        failed => {
            tell(format_args!("not in good order: {failed:?}"));
            ExitCode::FAILURE
        }
    }
}

/// The number of the next signal, listened for from now on.
#[cfg(unix)]
fn signal() -> impl Future<Output = i32> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).expect("signals can be listened for");
    let mut interrupt = listen(SignalKind::interrupt());
    let mut terminate = listen(SignalKind::terminate());
    async move {
        tokio::select! {
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
        }
    }
}

#[cfg(not(unix))]
async fn signal() -> i32 {
    tokio::signal::ctrl_c()
        .await
        .expect("Ctrl-C can be listened for");
    2
}

/// Prints, if anybody reads it: `println!` would panic otherwise, before the exits have run.
fn tell(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
