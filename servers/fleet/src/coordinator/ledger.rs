//! The book of what the workers have told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::line::{Fate, Line};

/// The number of a process in the order of their starts.
pub type Process = usize;

/// How a worker has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It was asked to stop.
    Asked,
    Killed,
    /// It has failed by itself.
    Failed,
}

/// What the workers have told.
#[derive(Default)]
pub struct Ledger {
    jobs: HashMap<i64, Tale>,
    /// The jobs in the hands of each process.
    in_hand: HashMap<Process, HashSet<i64>>,
    pub fates: BTreeMap<Fate, u64>,
    /// Jobs that a worker had in hand when it ended, and how long each was hidden then.
    pub left: BTreeMap<End, Left>,
    /// What went wrong, and how often.
    pub wrong: BTreeMap<String, u64>,
    pub ends: BTreeMap<End, u64>,
    pub lost_exits: usize,
}

/// What is known of a job.
#[derive(Default)]
struct Tale {
    seen: i64,
    /// The highest number that the queue has given a delivery.
    highest: i64,
    last: Process,
    left: Option<(Instant, End)>,
}

/// Jobs that were left.
#[derive(Default)]
pub struct Left {
    pub jobs: u64,
    /// How long each was hidden until it was delivered again.
    pub hidden: Vec<Duration>,
}

/// How often jobs were delivered.
pub struct Deliveries {
    /// The number of jobs by the number of deliveries.
    pub histogram: BTreeMap<i64, u64>,
    /// Deliveries of which no worker has told.
    pub unseen: i64,
}

impl Ledger {
    /// Takes a line down.
    pub fn note(&mut self, process: Process, line: Line) {
        match line {
            Line::Ready => {}
            Line::Got { job, delivery } => self.note_got(process, job, delivery),
            Line::Ended { job, fate } => {
                *self.fates.entry(fate).or_default() += 1;
                self.in_hand.entry(process).or_default().remove(&job);
            }
            Line::Wrong(text) => *self.wrong.entry(text).or_default() += 1,
            Line::Bye { lost } => self.lost_exits += lost,
        }
    }

    fn note_got(&mut self, process: Process, job: i64, delivery: i64) {
        let tale = self.jobs.entry(job).or_default();
        tale.seen += 1;
        tale.highest = tale.highest.max(delivery).max(tale.seen);
        tale.last = process;
        if let Some((since, end)) = tale.left.take() {
            let left = self.left.entry(end).or_default();
            left.hidden.push(since.elapsed());
        }
        self.in_hand.entry(process).or_default().insert(job);
    }

    /// Takes the end of a process down, behind its last line. Gives the number of jobs that it had
    /// in hand.
    pub fn note_end(&mut self, process: Process, end: End) -> usize {
        *self.ends.entry(end).or_default() += 1;
        let in_hand = self.in_hand.remove(&process).unwrap_or_default();
        for job in &in_hand {
            let left = self.left.entry(end).or_default();
            left.jobs += 1;
            let tale = self.jobs.entry(*job).or_default();
            if tale.last == process {
                tale.left = Some((Instant::now(), end));
            } else {
                left.hidden.push(Duration::ZERO); // somebody else has it already
            }
        }
        in_hand.len()
    }

    pub fn deliveries(&self) -> Deliveries {
        let mut histogram = BTreeMap::new();
        for tale in self.jobs.values() {
            *histogram.entry(tale.highest).or_default() += 1;
        }
        let unseen = self.jobs.values().map(|tale| tale.highest - tale.seen);
        Deliveries {
            histogram,
            unseen: unseen.sum(),
        }
    }
}
