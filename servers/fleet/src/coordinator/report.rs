//! The report of a run.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use super::Told;
use super::ledger::{End, Ledger};
use crate::line::Fate;
use crate::options::Run;
use crate::queue::ACK_WAIT;
use crate::store::Check;

/// What a run has come to.
pub struct Report {
    check: Check,
    text: String,
}

impl Report {
    pub(super) fn new(run: &Run, check: Check, told: &Told, postgres_log: &str) -> Self {
        let mut text = String::new();
        // A `String` takes everything.
        let _ = write(&mut text, run, &check, told, postgres_log);
        Report { check, text }
    }

    /// Whether each effect is there exactly once.
    pub fn is_right(&self) -> bool {
        self.check.is_right()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Check {
            jobs,
            effects,
            missing,
            doubled,
            strange,
            wrong_accounts,
            sum,
            expected_sum,
        } = self;
        writeln!(
            f,
            "effects     {effects} of {jobs} jobs: {missing} missing, {doubled} doubled, \
             {strange} of no job"
        )?;
        writeln!(
            f,
            "accounts    {sum} cents, {expected_sum} expected; {wrong_accounts} accounts are wrong"
        )
    }
}

fn write(f: &mut String, run: &Run, check: &Check, told: &Told, postgres_log: &str) -> fmt::Result {
    let progress = &told.scene.progress;
    let workers = if run.mode.is_plain {
        "plain workers"
    } else {
        "workers"
    };
    writeln!(
        f,
        "{} jobs, seed {}: {} {workers} with {} jobs at once each",
        run.jobs, run.seed, run.workers, run.mode.at_once
    )?;
    for line in told.scene.happened() {
        writeln!(f, "{line}")?;
    }
    if progress.is_stuck() {
        writeln!(f, "NOTHING MOVED any more, so the workers were ended")?;
    }
    write!(f, "\n{check}")?;
    write_published(f, told)?;
    let ledger = told.book.ledger();
    write_deliveries(f, &ledger)?;
    write_ends(f, &ledger)?;
    write_wrong(f, &ledger, postgres_log)?;
    let times = progress.times();
    let millis = times.took.as_millis().max(1);
    let rate = i128::from(check.effects) * 1000 / millis.cast_signed();
    writeln!(
        f,
        "time        {:.1} s, {rate} jobs a second; none for {:.1} s at most",
        times.took.as_secs_f64(),
        times.longest_pause.as_secs_f64()
    )
}

fn write_published(f: &mut String, told: &Told) -> fmt::Result {
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let (jobs, again, known) = (
        count(&told.published.jobs),
        count(&told.published.again),
        count(&told.published.known),
    );
    writeln!(
        f,
        "published   {jobs}, {again} of them again since the queue had not answered, which knew \
         {known} of those"
    )?;
    writeln!(f, "left        {} messages in the queue", told.left)
}

fn write_deliveries(f: &mut String, ledger: &Ledger) -> fmt::Result {
    let deliveries = ledger.deliveries();
    let times = |(times, jobs): (&i64, &u64)| match times {
        1 => format!("{jobs} once"),
        2 => format!("{jobs} twice"),
        times => format!("{jobs} {times} times"),
    };
    let histogram: Vec<_> = deliveries.histogram.iter().map(times).collect();
    writeln!(
        f,
        "delivered   {}; {} deliveries were lost on their way",
        histogram.join(", "),
        deliveries.unseen
    )?;
    let fate = |fate| ledger.fates.get(&fate).copied().unwrap_or_default();
    writeln!(
        f,
        "fates       {} done, {} done before and left, {} done and not answered, {} given back",
        fate(Fate::Done),
        fate(Fate::DoneBefore),
        fate(Fate::Unanswered),
        fate(Fate::GivenBack)
    )
}

fn write_ends(f: &mut String, ledger: &Ledger) -> fmt::Result {
    for (end, name) in [
        (End::Asked, "stopped"),
        (End::Killed, "killed"),
        (End::Failed, "failed"),
    ] {
        let ends = ledger.ends.get(&end).copied().unwrap_or_default();
        write!(f, "{name:12}{ends} workers")?;
        if let Some(left) = ledger.left.get(&end) {
            write!(f, ", {} jobs in hand", left.jobs)?;
            let longest = left.hidden.iter().max().copied().unwrap_or_default();
            let ack_waits = longest.as_secs_f64() / ACK_WAIT.as_secs_f64();
            write!(
                f,
                ", which others had {ack_waits:.2} ack_waits later at most"
            )?;
        }
        writeln!(f)?;
    }
    writeln!(
        f,
        "lost exits  {} of workers that stopped",
        ledger.lost_exits
    )
}

fn write_wrong(f: &mut String, ledger: &Ledger, postgres_log: &str) -> fmt::Result {
    for (wrong, times) in &ledger.wrong {
        writeln!(f, "wrong       {times} times: {wrong}")?;
    }
    let warning = "there is already a transaction in progress";
    let warnings = postgres_log.matches(warning).count();
    writeln!(f, "PostgreSQL  {warnings} times: {warning}")
}
