//! The service for a long time, while its servers are disturbed.

mod clients;
mod disk;
mod fault;
mod memory;
mod tally;
mod verdict;

use std::cell::RefCell;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::check::{Audit, Process, Servers, archive};
use crate::load::{Asked, End, Manner};
use crate::options;
use crate::start::stopped;

use disk::Disk;
use fault::{Fault, KINDS, Kind};
use memory::Memory;
use tally::Tally;
use verdict::Verdict;

/// How often old entries are put aside.
const ARCHIVE_PERIOD: Duration = Duration::from_secs(10);

/// How long at most nothing happens between two faults.
const CALM: Duration = Duration::from_secs(5);

/// Serves with forwith for so long, and lets clients ask, while faults are drawn from the seed.
/// Prints what became of it, and gives whether all was kept.
///
/// # Errors
///
/// A server is not installed or does not come up, the service fails, or the program is told to
/// stop.
pub async fn soak(time: Duration, seed: u64) -> Result<bool, Box<dyn StdError>> {
    tokio::select! {
        done = Box::pin(run(time, seed)) => done,
        () = stopped() => Err("interrupted".into()),
    }
}

async fn run(time: Duration, seed: u64) -> Result<bool, Box<dyn StdError>> {
    let servers = Arc::new(Servers::start(false)?.behind_ways());
    let disk = Disk::mount(&servers.dir());
    if let Err(error) = &disk {
        println!("no disk is full, since none can be mounted: {error}");
    }
    let disk = disk.ok();
    let service = Process::start(options::Kind::Forwith, &servers).await?;

    let soak = Soak::new(time);
    let goes_on = || soak.begun.elapsed() < time;
    let count = |asked: &_| soak.count(asked);
    let (faults, (), ()) = tokio::join!(
        soak.disturb(seed, &servers, disk.as_ref()),
        clients::run(service.address, seed, goes_on, count),
        soak.watch(&service, &servers),
    );

    let mut audit = Audit::connect(&servers).await?;
    let held = audit.rest().await?;
    let log = service.log.clone();
    let ended = service.stop().await?;
    let tally = soak.tally.into_inner();
    let verdict = Verdict {
        books: audit.compare(&tally.told).await?,
        tally,
        faults: faults?,
        held,
        ended,
        drafts: verdict::drafts(&servers.dir())?,
        memory: soak.memory.into_inner(),
    };
    verdict.print();
    if !verdict.has_kept_all() {
        eprintln!("\nthe service has said:\n{}", std::fs::read_to_string(log)?);
    }
    Ok(verdict.has_kept_all())
}

/// A run, and what has been seen of it.
struct Soak {
    begun: Instant,
    time: Duration,
    tally: RefCell<Tally>,
    memory: RefCell<Memory>,
}

impl Soak {
    fn new(time: Duration) -> Self {
        Soak {
            begun: Instant::now(),
            time,
            tally: RefCell::default(),
            memory: RefCell::new(Memory::new(time)),
        }
    }

    fn left(&self) -> Duration {
        self.time.saturating_sub(self.begun.elapsed())
    }

    fn count(&self, asked: &Asked) {
        self.tally.borrow_mut().add(asked);
        if asked.manner == Manner::Stays && asked.end == End::Silence {
            let Asked { ask, took, .. } = asked;
            println!(
                "{:6.2} min  no answer to {ask:?} in {took:.1?}",
                self.minute()
            );
        }
    }

    fn minute(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() / 60.0
    }

    /// Draws a fault, and then some calm, until the time is over. Gives what was done.
    async fn disturb(
        &self,
        seed: u64,
        servers: &Arc<Servers>,
        disk: Option<&Disk>,
    ) -> io::Result<Vec<Kind>> {
        let mut rng = Rng::with_seed(seed);
        let kinds = if disk.is_some() {
            &KINDS[..]
        } else {
            &KINDS[..KINDS.len() - 1]
        };
        let mut done = Vec::new();
        loop {
            let calm = CALM.mul_f64(rng.f64());
            if self.left() <= calm {
                return Ok(done);
            }
            sleep(calm).await;
            let fault = Fault::draw(kinds, &mut rng);
            println!("{:6.2} min  {fault}", self.minute());
            fault.strike(servers, disk).await?;
            done.push(fault.kind);
        }
    }

    /// Looks at the memory, puts old entries aside, and says each minute how far it is.
    async fn watch(&self, service: &Process, servers: &Servers) {
        let mut looks = interval(self.memory.borrow().interval());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut minutes, mut archived) = (1, Duration::ZERO);
        while self.left() > Duration::ZERO {
            looks.tick().await;
            let at = self.begun.elapsed();
            self.memory.borrow_mut().add(at, service.memory());
            if at > archived + ARCHIVE_PERIOD {
                archived = at;
                // In vain while the database is down: the next time takes them.
                let _ = archive(servers).await;
            }
            if at.as_secs() / 60 >= minutes {
                minutes += 1;
                self.print_line();
            }
        }
    }

    fn print_line(&self) {
        let tally = self.tally.borrow();
        println!(
            "{:6.2} min  {} requests, of clients that stay {} ended well, {} 503, {} 408; \
             memory {:.1} MB",
            self.minute(),
            tally.requests,
            tally.well,
            tally.unavailable,
            tally.too_late,
            verdict::megabytes(self.memory.borrow().last()),
        );
    }
}
