//! The worker as it is usually written: a task for each job, which is dropped when it takes too
//! long to stop.

use std::sync::Arc;

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::{self, AckKind, Message};
use forwith::CancelToken;
use futures_util::StreamExt;
use sqlx::PgPool;
use tokio::select;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use super::{PATIENCE, Worker, tell_fate, tell_wrong};
use crate::Error;
use crate::line::{Fate, Line};
use crate::options::{Mode, Work};
use crate::queue::{self, ACK_WAIT};
use crate::store::{self, Delivery};

/// Takes jobs until it is asked to stop.
pub async fn work(work: Work, stop: CancelToken) -> Result<(), Error> {
    let Work {
        name,
        nats,
        postgres,
        mode,
    } = work;
    let pool = store::connect(postgres, name.clone(), mode.at_once).await?;
    let client = queue::connect(nats, name.clone()).await?;
    let consumer = queue::consumer(&jetstream::new(client.clone())).await?;
    let worker = Arc::new(Worker {
        name,
        pool: pool.clone(),
        is_unguarded: mode.is_unguarded,
    });
    Line::Ready.tell();
    let mut jobs = take_jobs(worker, &consumer, mode, &stop).await?;
    let finished = async { while jobs.join_next().await.is_some() {} };
    let _ = timeout(PATIENCE, finished).await;
    jobs.shutdown().await; // drops the others
    client.drain().await?;
    pool.close().await;
    Line::Bye { lost: 0 }.tell();
    Ok(())
}

async fn take_jobs(
    worker: Arc<Worker>,
    consumer: &PullConsumer,
    mode: Mode,
    stop: &CancelToken,
) -> Result<JoinSet<()>, Error> {
    let at_once = mode.at_once as usize;
    let room = Arc::new(Semaphore::new(at_once));
    let mut jobs = JoinSet::new();
    let stream = consumer.stream().max_messages_per_batch(at_once);
    let mut messages = stream.messages().await?;
    while !stop.is_cancelled() {
        let permit = room.clone().acquire_owned().await?;
        let message = select! {
            () = stop.cancelled() => break,
            message = messages.next() => message,
        };
        let message = match message {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                tell_wrong(&error); // a leader is elected, for example
                sleep(ACK_WAIT / 10).await;
                continue;
            }
            None => break,
        };
        while jobs.try_join_next().is_some() {}
        let worker = worker.clone();
        jobs.spawn(async move {
            worker.take_plainly(&message).await;
            drop(permit);
        });
    }
    Ok(jobs)
}

impl Worker {
    async fn take_plainly(&self, message: &Message) {
        let delivery = match self.read(message) {
            Ok(delivery) => delivery,
            Err(error) => {
                tell_wrong(&error);
                let _ = message.ack_with(AckKind::Term).await;
                return;
            }
        };
        let job = delivery.job.number;
        let applied = select! {
            applied = apply(&self.pool, &delivery) => applied,
            () = say_progress(message) => return,
        };
        let fate = match applied {
            Ok(fate) => match message.ack().await {
                Ok(()) => fate,
                Err(error) => {
                    tell_wrong(&error);
                    Fate::Unanswered
                }
            },
            Err(error) => {
                tell_wrong(&error);
                let _ = message.ack_with(AckKind::Nak(None)).await;
                Fate::GivenBack
            }
        };
        tell_fate(job, fate);
    }
}

/// Tells the queue that the job is being done, without an end.
async fn say_progress(message: &Message) {
    let mut ticks = interval(ACK_WAIT / 3);
    ticks.tick().await; // the first comes at once
    loop {
        ticks.tick().await;
        let _ = message.ack_with(AckKind::Progress).await;
    }
}

async fn apply(pool: &PgPool, delivery: &Delivery<'_>) -> sqlx::Result<Fate> {
    sleep(delivery.job.lasts).await;
    let mut tx = pool.begin().await?;
    let fate = store::apply(&mut tx, delivery).await?;
    tx.commit().await?;
    Ok(fate)
}
