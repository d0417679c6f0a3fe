//! A message that is acknowledged when its block completes.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use async_nats::Error;
use async_nats::jetstream::{AckKind, Message};
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use tokio::time::{Instant, sleep};

use super::confirm::{LIMIT, at_once, settle, within};
use crate::deferred::Deferred;

/// Holds a message of JetStream, which is acknowledged if the body completes, and otherwise given
/// back.
///
/// It takes a [`Message`] of the library, or what a loop over [`messages`](super::messages) gives.
/// The body gets a [`HeldMessage`], which derefs to the [`Message`].
///
/// ```no_run
/// use async_nats::jetstream::{AckKind, Message, consumer::PullConsumer};
/// use forwith::async_with;
/// use forwith_resources::async_nats::handled;
///
/// async fn handle(jobs: &PullConsumer, message: Message) -> Result<(), async_nats::Error> {
///     let ack_wait = jobs.cached_info().config.ack_wait;
///     let handled = handled(message).progress_every(ack_wait / 3);
///     async_with!(handled as message, {
///         if message.payload.is_empty() {
///             message.term(); // nobody can do anything with it
///             return Ok(());
///         }
///         render(&message.payload).await?; // may take longer than `ack_wait`
///     })
/// }
/// # async fn render(_: &[u8]) -> Result<(), async_nats::Error> { Ok(()) }
/// ```
///
/// # With a transaction
///
/// Enter the message first, and the transaction in its body: exits run in reverse, so the message
/// is acknowledged only after the commit. The other way round a commit that fails loses the job.
///
/// # Cancel safety
///
/// Nothing is awaited. A message whose body never begins is given back.
pub fn handled(message: impl Into<Unhandled>) -> Handled {
    Handled {
        message: message.into(),
        nak_delay: None,
        period: None,
        limit: LIMIT,
    }
}

/// An enter of a message, from [`handled`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Handled {
    message: Unhandled,
    nak_delay: Option<Duration>,
    period: Option<Duration>,
    limit: Duration,
}

impl Handled {
    /// Lets the server wait this long before it delivers a message again that was given back.
    /// Otherwise it does so at once.
    ///
    /// Each delivery of the same message may wait longer:
    ///
    /// ```no_run
    /// # use async_nats::jetstream::Message;
    /// # use forwith_resources::async_nats::{Handled, handled};
    /// # use std::time::Duration;
    /// fn patiently(message: Message) -> Result<Handled, async_nats::Error> {
    ///     let delivered = message.info()?.delivered.try_into()?;
    ///     Ok(handled(message).nak_delay(Duration::from_secs(1) * delivered))
    /// }
    /// ```
    pub fn nak_delay(mut self, delay: Duration) -> Self {
        self.nak_delay = Some(delay);
        self
    }

    /// Tells the server so often that the body is still at work, so that it does not deliver the
    /// message again. A third of the consumer's `ack_wait` is a good choice.
    ///
    /// A task does so from the first time on, also while the body does not wait, where the runtime
    /// has several threads.
    ///
    /// # Panics
    ///
    /// The enter panics outside of a tokio runtime then.
    pub fn progress_every(mut self, period: Duration) -> Self {
        self.period = Some(period);
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds. When the time is over, the message may be
    /// delivered again after the consumer's `ack_wait`.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Handled {
    type Resource = HeldMessage;

    async fn enter(self) -> Result<HeldMessage, Error> {
        let message = self.message;
        Ok(HeldMessage {
            progress: self.period.map(|period| progress(&message, period)),
            message,
            nak_delay: self.nak_delay,
            limit: self.limit,
            is_terminated: false,
        })
    }
}

/// A message of JetStream. It derefs to the [`Message`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`handled`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | acknowledges the message, and awaits the server's answer |
/// | fails, panics, or is cancelled | gives it back, and awaits the server's answer |
/// | is dropped | gives it back, in the [reaper](forwith::reaper) |
/// | is dropped without a reaper | none, but its drop tells the server, and awaits nothing |
///
/// After [`term`](HeldMessage::term) it is never delivered again, however the body ends.
///
/// A message is *given back* by a [`Nak`](AckKind::Nak): the server delivers it again, to whichever
/// worker asks first. The body leaves that, and the acknowledgement, to the exit.
///
/// # Errors
///
/// The exit fails when the server does not answer within its [limit](Handled::limit), or when there
/// is no consumer to acknowledge it to: it was deleted, or lost with its server, or its
/// acknowledgement policy is `None`. Then the body may run again for the same message.
///
/// When a cluster has lost the leader of the consumer, it takes some seconds to elect another one.
/// The exit waits for that, so give it a limit that is longer.
///
/// It succeeds for a message that has been delivered to somebody else meanwhile, since the server
/// does not tell.
pub struct HeldMessage {
    message: Unhandled,
    nak_delay: Option<Duration>,
    limit: Duration,
    is_terminated: bool,
    progress: Option<Deferred>,
}

impl HeldMessage {
    /// Marks the message as one that is never delivered again, also if the body fails.
    pub fn term(&mut self) {
        self.is_terminated = true;
    }

    fn verdict(&self, outcome: &OwnedOutcome) -> AckKind {
        if self.is_terminated {
            AckKind::Term
        } else if outcome.is_completed() {
            AckKind::Ack
        } else {
            AckKind::Nak(self.nak_delay)
        }
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldMessage {
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), Error> {
        self.message.verdict = self.verdict(&outcome);
        if let Some(progress) = self.progress.take() {
            progress.stop().await; // it says nothing more
        }
        within(self.limit, self.message.settle()).await
    }
}

/// A message of JetStream for which nobody has answered yet. It derefs to the [`Message`].
///
/// It is what a loop over [`messages`](super::messages) gives, to be [`handled`]. When it is
/// dropped instead, it is given back: its drop tells the server, and awaits nothing.
pub struct Unhandled {
    message: Message,
    verdict: AckKind,
    is_settled: bool,
}

impl Unhandled {
    /// Gives the message of the library, for which its owner answers.
    #[must_use]
    pub fn into_message(mut self) -> Message {
        self.is_settled = true;
        self.message.clone()
    }

    async fn settle(&mut self) -> Result<(), Error> {
        settle(&self.message, self.verdict).await?;
        self.is_settled = true;
        Ok(())
    }
}

impl From<Message> for Unhandled {
    fn from(message: Message) -> Self {
        Unhandled {
            message,
            verdict: AckKind::Nak(None),
            is_settled: false,
        }
    }
}

impl Drop for Unhandled {
    fn drop(&mut self) {
        if !self.is_settled {
            at_once(self.message.ack_with(self.verdict));
        }
    }
}

impl Deref for Unhandled {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl fmt::Debug for Unhandled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unhandled")
            .field(&self.message.message)
            .finish()
    }
}

/// Tells the server again and again that a body is at work.
fn progress(message: &Message, period: Duration) -> Deferred {
    let message = message.clone();
    Deferred::at(Instant::now() + period, move || async move {
        while message.ack_with(AckKind::Progress).await.is_ok() {
            sleep(period).await;
        } // the client is closed, which the exit will say
    })
}

impl Deref for HeldMessage {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl fmt::Debug for Handled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handled")
            .field("message", &self.message.message.message)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldMessage")
            .field("message", &self.message.message.message)
            .finish_non_exhaustive()
    }
}
