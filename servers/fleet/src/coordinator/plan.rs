//! What is disturbed, and when, from a seed.

use fastrand::Rng;

/// When something may go wrong for the first time, in percent of the work.
const FIRST: i64 = 5;

/// The share of the work in which one thing goes wrong, in percent.
const SHARE: i64 = 16;

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
    /// The one that leads the stream at that moment: all that is published goes through it.
    StreamLeader,
    /// The one that leads the consumer at that moment: all that is delivered goes through it.
    ConsumerLeader,
    /// Any, by its number.
    Any(usize),
}

/// Plans two killed workers, one that is asked to stop, a killed server and a cut, each in a share
/// of its own. The worker that is cut off, the first one, is not killed as well.
pub fn plan(seed: u64, jobs: i64, workers: usize, servers: usize) -> Vec<Disturbance> {
    let mut random = Rng::with_seed(seed);
    let mut places: Vec<usize> = (1..workers).collect();
    random.shuffle(&mut places);
    let mut places = places.into_iter().cycle();
    let mut place = || places.next().unwrap_or(0);
    let victim = match random.u8(0..3) {
        0 => Victim::StreamLeader,
        1 => Victim::ConsumerLeader,
        _ => Victim::Any(random.usize(..servers)),
    };
    let arrives_late = random.bool();
    let mut kinds = [
        Kind::KillWorker { place: place() },
        Kind::KillWorker { place: place() },
        Kind::StopWorker { place: place() },
        Kind::KillServer { victim },
        Kind::Cut { arrives_late },
    ];
    random.shuffle(&mut kinds);
    let disturb = |(n, kind)| {
        let percent = FIRST + n * SHARE + random.i64(0..SHARE);
        let at = jobs * percent / 100;
        Disturbance { at, kind }
    };
    (0..).zip(kinds).map(disturb).collect()
}
