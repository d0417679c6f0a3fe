//! What is disturbed, and when, from a seed.

use fastrand::Rng;

/// Something that goes wrong when a share of the work is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disturbance {
    /// When, in jobs that are done.
    pub at: i64,
    pub kind: Kind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A worker is killed.
    KillWorker { place: usize },
    /// A worker is asked to stop, as when another version is deployed.
    StopWorker { place: usize },
    /// A server of the queue is killed, and comes back.
    KillServer { victim: Victim },
    /// Nothing gets through to one worker or from it, and then its connections are cut.
    Cut { arrives_late: bool },
}

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The one through which all messages of the stream go at that moment.
    Leader,
    /// Any, by its number.
    Any(usize),
}

/// Plans two killed workers, one that is asked to stop, a killed server and a cut.
pub fn plan(seed: u64, jobs: i64, workers: usize, servers: usize) -> Vec<Disturbance> {
    let mut random = Rng::with_seed(seed);
    let kinds = [
        Kind::KillWorker {
            place: random.usize(..workers),
        },
        Kind::KillWorker {
            place: random.usize(..workers),
        },
        Kind::StopWorker {
            place: random.usize(..workers),
        },
        Kind::KillServer {
            victim: match random.bool() {
                true => Victim::Leader,
                false => Victim::Any(random.usize(..servers)),
            },
        },
        Kind::Cut {
            arrives_late: random.bool(),
        },
    ];
    let at = |kind| Disturbance {
        at: jobs * random.i64(5..85) / 100,
        kind,
    };
    let mut plan = kinds.map(at).to_vec();
    plan.sort_by_key(|disturbance| disturbance.at);
    plan
}
