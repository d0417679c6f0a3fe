//! The worker that holds each message and each transaction in a block, whose exit is awaited.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{Context, consumer::PullConsumer};
use forwith::on_tokio::TaskGroup;
use forwith::reaper::Reaper;
use forwith::report::{lost_exits, set_hook};
use forwith::resource::{WithExit, exit_with};
use forwith::{AsyncEnterExt, CancelToken, async_for, async_with, scope};
use forwith_resources::async_nats::{Handled, Unhandled, client, handled, messages};
use forwith_resources::sqlx::{pool, transaction};
use tokio::time::sleep;

use super::{PATIENCE, Worker, tell_fate, tell_wrong};
use crate::Error;
use crate::line::{Fate, Line};
use crate::options::Work;
use crate::queue::{self, ACK_WAIT};
use crate::store::{self, Delivery};

/// How long the acknowledgement may take. Servers that have lost their leader elect another one
/// meanwhile.
const ACKNOWLEDGED: Duration = Duration::from_secs(15);

/// How long all exits may take when the worker stops.
const EXITS: Duration = Duration::from_secs(20);

/// Takes jobs until it is asked to stop, and exits what it holds in order: the jobs, the reaper,
/// the client, the pool.
pub async fn work(work: Work, stop: CancelToken) -> Result<(), Error> {
    set_hook(|wrong| tell_wrong(wrong));
    let reaper = Reaper::tokio();
    reaper.install();
    let Work {
        name,
        nats,
        postgres,
        mode,
    } = work;
    let ended: Result<(), Error> = async_with!(
        pool(store::connect(postgres, name.clone(), mode.at_once)).error_into::<Error>() as pool,
        // Each acknowledgement has been confirmed by the exit of its message, and there is nothing
        // else. So a connection that breaks meanwhile is no error.
        client(queue::connect(nats, name.clone())).unconfirmed() as client,
        joined(reaper),
        {
            let jetstream = async_nats::jetstream::new((**client).clone());
            let consumer = queue::consumer(&jetstream).await?;
            let worker = Arc::new(Worker {
                name,
                pool: (**pool).clone(),
                is_unguarded: mode.is_unguarded,
            });
            Line::Ready.tell();
            let jobs = take_jobs(worker, &jetstream, &consumer, mode.at_once, &stop);
            let late = async {
                stop.cancelled().await;
                sleep(PATIENCE).await;
            };
            match scope(jobs, late).grace(|| sleep(EXITS)).await {
                Ok(ended) => ended?,
                Err(cancelled) => {
                    for report in cancelled.exit_errors() {
                        tell_wrong(report);
                    }
                }
            }
        }
    );
    ended?;
    Line::Bye { lost: lost_exits() }.tell();
    Ok(())
}

/// Joins the reaper when the jobs have ended, and before the client and the pool do, which its
/// exits need.
fn joined(reaper: Reaper) -> WithExit<Reaper, Error> {
    exit_with(reaper, async |reaper, _| {
        let joined = reaper.join_until(sleep(EXITS)).await;
        joined.map_err(|remaining| remaining.to_string().into())
    })
}

/// Takes as many jobs at once as there are loops. Each ends between two jobs.
async fn take_jobs(
    worker: Arc<Worker>,
    jetstream: &Context,
    consumer: &PullConsumer,
    at_once: u32,
    stop: &CancelToken,
) -> Result<(), Error> {
    async_with!(TaskGroup::new() as loops, {
        for _ in 0..at_once {
            let (jetstream, consumer) = (jetstream.clone(), consumer.clone());
            let (worker, stop) = (worker.clone(), stop.clone());
            loops.spawn(async move {
                async_with!(messages(&jetstream, &consumer) as messages, {
                    async_for!(
                        #[until(stop)]
                        for message in messages {
                            worker.take(message?).await;
                        }
                    );
                })
            });
        }
    })
}

impl Worker {
    /// Does a job. Whatever goes wrong with it gives it back, and does not end the worker.
    async fn take(&self, message: Unhandled) {
        let delivery = match self.read(&message) {
            Ok(delivery) => delivery,
            Err(error) => return give_up(message, &error).await,
        };
        let job = delivery.job.number;
        let message = hold(message, delivery.number);
        // Within its exit, behind the commit, the message is acknowledged.
        let ended: Result<sqlx::Result<Fate>, Error> =
            async_with!(message as _message, { self.apply(&delivery).await });
        let fate = match ended {
            Ok(Ok(fate)) => fate,
            Ok(Err(error)) => {
                tell_wrong(&error);
                Fate::GivenBack
            }
            Err(error) => {
                tell_wrong(&error);
                Fate::Unanswered
            }
        };
        tell_fate(job, fate);
    }

    async fn apply(&self, delivery: &Delivery<'_>) -> sqlx::Result<Fate> {
        sleep(delivery.job.lasts).await;
        async_with!(transaction(&self.pool) as tx, {
            store::apply(tx, delivery).await?
        })
    }
}

/// A message whose job may take longer than `ACK_WAIT`. One that fails again waits longer.
fn hold(message: Unhandled, delivery: i64) -> Handled {
    let handled = handled(message)
        .progress_every(ACK_WAIT / 3)
        .limit(ACKNOWLEDGED);
    match u32::try_from(delivery) {
        Ok(times @ 2..) => handled.nak_delay(Duration::from_millis(100) * times.min(20)),
        _ => handled,
    }
}

/// Ends a message with which nobody can do anything.
async fn give_up(message: Unhandled, error: &Error) {
    tell_wrong(&error);
    let ended: Result<(), Error> = async_with!(handled(message) as message, { message.term() });
    if let Err(error) = ended {
        tell_wrong(&error);
    }
}
