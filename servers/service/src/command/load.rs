//! All kinds of the service under clients that leave and stall.

use std::error::Error as StdError;
use std::time::Duration;

use super::table::{line, millis, percentile};
use crate::check::{Audit, Books, Held, Process, Servers, Transactions};
use crate::load::{self, Ask, Asked, End, Manner, Plan};
use crate::options::{Kind, Load};
use crate::start::Ended;

/// What became of a run, or of several.
#[derive(Default)]
struct Run {
    requests: usize,
    patient: usize,
    well: usize,
    too_late: usize,
    unavailable: usize,
    silence: usize,
    latencies: Vec<Duration>,
    transactions: Transactions,
    books: Books,
    held: Held,
    lost: Option<usize>,
    left: Vec<String>,
}

/// Runs each kind with each seed, and prints a table. Gives whether forwith has kept everything.
///
/// # Errors
///
/// A server is not installed or does not come up, or a service fails.
pub async fn load(options: Load) -> Result<bool, Box<dyn StdError>> {
    let kinds = [Kind::Plain, Kind::Tasks, Kind::Forwith];
    let mut all = kinds.map(|kind| (kind, Run::default()));
    for seed in 1..=options.runs {
        for (kind, run) in &mut all {
            eprintln!("{kind}, seed {seed}");
            run_once(*kind, options, seed, run).await?;
        }
    }
    print(&all.each_ref().map(|(_, run)| run), kinds);
    let [.., (_, forwith)] = all;
    Ok(forwith.has_kept_all())
}

async fn run_once(
    kind: Kind,
    options: Load,
    seed: u64,
    run: &mut Run,
) -> Result<(), Box<dyn StdError>> {
    let plan = Plan {
        requests: options.requests,
        seed,
        rude: options.rude,
        name: kind.to_string(),
    };
    let servers = Servers::start(true)?;
    let service = Process::start(kind, &servers).await?;
    let asked = load::run(service.address, &plan, options.connections, || true).await;

    let mut audit = Audit::connect(&servers).await?;
    run.held += audit.rest().await?;
    let ended = service.stop().await?;
    run.books += audit.books(&asked).await?;
    run.transactions += servers.transactions();
    run.add_end(ended);
    for asked in &asked {
        run.add(asked);
    }
    Ok(())
}

impl Run {
    fn add(&mut self, asked: &Asked) {
        self.requests += 1;
        if asked.manner != Manner::Stays {
            return;
        }
        self.patient += 1;
        match asked.end {
            End::Status(408) => self.too_late += 1,
            End::Status(200 | 409) => self.well += 1,
            End::Status(_) => self.unavailable += 1,
            End::CutShort | End::Silence => self.silence += 1,
        }
        if asked.ended_well() && matches!(asked.ask, Ask::Transfer(_)) {
            self.latencies.push(asked.took);
        }
    }

    fn add_end(&mut self, ended: Ended) {
        if let Some(lost) = ended.lost {
            *self.lost.get_or_insert(0) += lost;
        }
        self.left.extend(ended.left);
    }

    fn percentile(&self, percent: usize) -> Duration {
        percentile(self.latencies.clone(), percent)
    }

    /// Entries that were committed without one in the ledger, or the other way round.
    fn unbalanced(&self) -> usize {
        self.books.entries.abs_diff(self.transactions.booked)
    }

    fn has_kept_all(&self) -> bool {
        self.left.is_empty()
            && self.lost == Some(0)
            && self.held == Held::default()
            && self.transactions.nobody_ended() == 0
            && self.transactions.warnings == 0
            && self.unbalanced() == 0
            && self.books.is_true()
            && self.requests > 0
    }
}

fn print(runs: &[&Run; 3], kinds: [Kind; 3]) {
    let row = |name: &str, value: &dyn Fn(&Run) -> String| {
        line(name, runs.iter().map(|run| value(run)));
    };
    let count = |name: &str, value: &dyn Fn(&Run) -> usize| {
        row(name, &|run| value(run).to_string());
    };
    line("", kinds.iter().map(ToString::to_string));
    count("requests", &|run| run.requests);
    count("of clients that stay", &|run| run.patient);
    count("  which ended well", &|run| run.well);
    count("  which the time limit ended (408)", &|run| run.too_late);
    count("  which failed (503)", &|run| run.unavailable);
    count("  which got no whole answer", &|run| run.silence);
    println!();
    count("transactions begun", &|run| run.transactions.begun);
    count("  committed", &|run| run.transactions.committed);
    count("  rolled back", &|run| run.transactions.rolled_back);
    count("  neither", &|run| run.transactions.nobody_ended());
    count("\"already a transaction\" warnings", &|run| {
        run.transactions.warnings
    });
    count("idle in a transaction afterwards", &|run| {
        run.held.transactions
    });
    count("new entries of the ledger", &|run| run.books.entries);
    count("  beside commits that wrote one", &|run| {
        run.transactions.booked
    });
    count("told of an entry that is not there", &|run| {
        run.books.missing
    });
    count("refused, and the entry is there", &|run| run.books.unwanted);
    row("cents out of nowhere", &|run| run.books.cents.to_string());
    count("locks that only their lease has ended", &|run| {
        run.held.locks
    });
    row("exits lost or cut", &|run| {
        run.lost.map_or("uncounted".into(), |lost| lost.to_string())
    });
    println!();
    for percent in [50, 99] {
        let name = format!("p{percent} of transfers that ended well");
        row(&name, &|run| millis(run.percentile(percent)));
        let plain = runs[0].percentile(percent).as_secs_f64();
        row("  over plain", &|run| {
            format!("{:.2}", run.percentile(percent).as_secs_f64() / plain)
        });
    }
    for left in runs.iter().flat_map(|run| &run.left) {
        println!("{left}");
    }
}
