//! Publishes the jobs, each until the queue has it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use super::progress::Progress;
use crate::job::Job;
use crate::queue::NAME;

/// How many jobs are on their way to the queue at once.
const AT_ONCE: usize = 128;

/// How long nobody is asked after an error.
const PAUSE: Duration = Duration::from_millis(100);

/// What became of the publishing.
#[derive(Debug, Default)]
pub struct Published {
    /// Jobs that the queue has.
    pub jobs: AtomicU64,
    /// Jobs that were published once more, since the queue had not answered.
    pub again: AtomicU64,
    /// Those of them that the queue had.
    pub known: AtomicU64,
}

/// Publishes jobs, and keeps so far ahead of the workers that it goes on as long as they do.
pub async fn publish(jetstream: &Context, progress: &Progress, published: &Published) {
    let ahead = (progress.jobs / 10).max(100);
    let due = stream::iter(1..=progress.jobs).then(async |number| {
        let _ = progress.wait_for(number - ahead).await;
        Job::of(number)
    });
    let publish = async |job| publish_one(jetstream, progress, published, job).await;
    due.for_each_concurrent(AT_ONCE, publish).await;
}

async fn publish_one(jetstream: &Context, progress: &Progress, published: &Published, job: Job) {
    let mut is_again = false;
    while !progress.is_stuck() {
        if let Ok(ack) = try_to_publish(jetstream, job).await {
            published.jobs.fetch_add(1, Ordering::Relaxed);
            let is_known = ack.duplicate && is_again;
            published
                .known
                .fetch_add(is_known.into(), Ordering::Relaxed);
            return;
        }
        published
            .again
            .fetch_add((!is_again).into(), Ordering::Relaxed);
        is_again = true;
        sleep(PAUSE).await;
    }
}

/// It may be stored although there is an error, so the job has an id, by which the queue knows it.
async fn try_to_publish(jetstream: &Context, job: Job) -> Result<PublishAck, PublishError> {
    let id = job.number.to_string();
    let message = PublishMessage::build()
        .payload(job.to_text().into())
        .message_id(id);
    jetstream.send_publish(NAME, message).await?.await
}
