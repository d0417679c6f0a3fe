//! The workers: processes that are started again when they end.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use forwith::{AsyncEnterExt, async_with};
use forwith_resources::tokio::child;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::select;
use tokio::sync::{mpsc, oneshot, watch};

use super::fortune::Fortune;
use super::ledger::{End, Ledger, Process};
use super::network::Urls;
use crate::Error;
use crate::line::Line;
use crate::options::Mode;

/// How long a worker may take to end when the coordinator gives up.
const GRACE: Duration = Duration::from_secs(20);

/// How many workers may follow each other in a place, until that is no chance any more.
const LIVES: usize = 30;

/// What a worker is made to suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// To be killed in the midst of a job.
    Kill,
    /// To stop in good order. Another one takes its place.
    Stop,
    /// To stop in good order, as the last one in this place.
    End,
}

/// An order, and who hears how many jobs the worker had in hand when it ended.
pub type Ordered = (Order, oneshot::Sender<usize>);

/// A place in the fleet, in which one worker follows the other.
pub struct Place {
    number: usize,
    urls: Urls,
    mode: Mode,
    orders: mpsc::Sender<Ordered>,
    /// The place takes jobs.
    is_ready: watch::Sender<bool>,
    inbox: Mutex<Option<mpsc::Receiver<Ordered>>>,
}

/// The number of processes that were started, and what they have told.
#[derive(Default)]
pub struct Book {
    started: AtomicUsize,
    ledger: Mutex<Ledger>,
}

impl Book {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub fn new(number: usize, urls: Urls, mode: Mode) -> Self {
        let (orders, inbox) = mpsc::channel(8);
        Place {
            number,
            urls,
            mode,
            orders,
            is_ready: watch::Sender::new(false),
            inbox: Mutex::new(Some(inbox)),
        }
    }

    /// Waits until a worker takes jobs here.
    pub async fn ready(&self) {
        let mut is_ready = self.is_ready.subscribe();
        let _ = is_ready.wait_for(|is_ready| *is_ready).await;
    }

    /// Gives an order to the next worker that takes jobs here and has none, and awaits its end.
    /// Gives the number of jobs that it had in hand.
    pub async fn order(&self, order: Order) -> usize {
        let (answer, answered) = oneshot::channel();
        let _ = self.orders.send((order, answer)).await;
        answered.await.unwrap_or_default()
    }

    /// Starts one worker after the other, until one is told to be the last.
    pub async fn run(&self, book: &Book) -> Result<(), Error> {
        let mut inbox = self.take_inbox().ok_or("a place is run once")?;
        for _ in 0..LIVES {
            let process = book.started.fetch_add(1, Ordering::Relaxed);
            let mut fortune = Fortune::default();
            let end = self
                .run_one(process, book, &mut inbox, &mut fortune)
                .await?;
            let in_hand = book.ledger().note_end(process, end);
            let is_last = fortune.is_last();
            if let Some((_, answer)) = fortune.ordered {
                let _ = answer.send(in_hand);
            }
            if is_last {
                return Ok(());
            }
        }
        Err(format!("worker {} ends again and again", self.number).into())
    }

    fn take_inbox(&self) -> Option<mpsc::Receiver<Ordered>> {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.take()
    }

    /// Runs a worker to its end.
    async fn run_one(
        &self,
        process: Process,
        book: &Book,
        inbox: &mut mpsc::Receiver<Ordered>,
        fortune: &mut Fortune,
    ) -> Result<End, Error> {
        let worker = child(self.command(process)?).grace(GRACE);
        async_with!(worker.error_into::<Error>() as worker, {
            let output = worker.stdout.take().ok_or("a worker has an output")?;
            let mut lines = BufReader::new(output).lines();
            loop {
                select! {
                    line = lines.next_line() => {
                        let Some(line) = line? else { break };
                        let line: Line = line.parse()?;
                        if line == Line::Ready {
                            self.is_ready.send_replace(true);
                        }
                        fortune.note(&line, worker)?;
                        book.ledger().note(process, line);
                    }
                    Some(ordered) = inbox.recv(), if fortune.is_open() => {
                        fortune.take(ordered, worker).await?;
                    }
                    () = fortune.too_late() => fortune.kill(worker)?,
                }
            }
            self.is_ready.send_replace(false);
            let status = worker.wait().await?;
            fortune.end(status)
        })
    }

    fn command(&self, process: Process) -> Result<Command, Error> {
        let Mode {
            at_once,
            is_plain,
            is_unguarded,
        } = self.mode;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("worker")
            .arg(format!("worker-{}-{process}", self.number))
            .arg(self.urls.nats.join(","))
            .arg(&self.urls.postgres)
            .args(["--at-once", &at_once.to_string()])
            .args(is_plain.then_some("--plain"))
            .args(is_unguarded.then_some("--unguarded"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Ok(command)
    }
}
