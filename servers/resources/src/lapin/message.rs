//! A message that is acknowledged or given back.

use std::fmt;
use std::future::{Ready, ready};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Channel, ChannelState, Error, ErrorKind};
use tokio::time::timeout;

use super::owned::{CLOSE_LIMIT, settle, start, timed_out};

/// A message, and the channel on which it came. It derefs to the [`Delivery`].
///
/// A [consumer](super::consume) gives such messages. Dropping one does nothing: the message is held
/// by its channel until that is closed.
pub struct Message {
    delivery: Delivery,
    channel: Channel,
}

impl Message {
    /// A message that came on this channel by lapin's own means.
    ///
    /// ```no_run
    /// use forwith::async_with;
    /// use forwith_resources::lapin::{Message, handled};
    /// use lapin::{Channel, Error};
    ///
    /// async fn one(channel: &Channel) -> Result<(), Error> {
    ///     if let Some(got) = channel.basic_get("jobs".into(), Default::default()).await? {
    ///         let message = Message::new(channel, got.delivery);
    ///         async_with!(handled(message) as message, {
    ///             println!("{} bytes", message.data.len());
    ///         })?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn new(channel: &Channel, delivery: Delivery) -> Message {
        Message {
            delivery,
            channel: channel.clone(),
        }
    }

    /// The channel on which the message came.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Gives lapin's own message.
    #[must_use]
    pub fn into_delivery(self) -> Delivery {
        self.delivery
    }
}

impl Deref for Message {
    type Target = Delivery;

    fn deref(&self) -> &Delivery {
        &self.delivery
    }
}

impl DerefMut for Message {
    fn deref_mut(&mut self) -> &mut Delivery {
        &mut self.delivery
    }
}

/// Acknowledges a message when the body completes, and otherwise gives it back.
///
/// The body gets a [`HeldMessage`], which derefs to the [`Delivery`]. The enter is ready at once.
///
/// ```no_run
/// use forwith::{async_for, async_with};
/// use forwith_resources::lapin::{HeldConsumer, handled};
/// use lapin::Error;
///
/// async fn store(data: &[u8]) -> Result<(), Error> {
///     Ok(())
/// }
///
/// async fn work(messages: &mut HeldConsumer) -> Result<(), Error> {
///     async_for!(for message in messages {
///         async_with!(handled(message?) as message, { store(&message.data).await? })?;
///     });
///     Ok(())
/// }
/// ```
///
/// # With a transaction
///
/// Enter the message first, and the transaction in its body: exits run in reverse, so the message
/// is acknowledged only after the commit. The other way round a commit that fails loses the job.
pub fn handled(message: Message) -> Handle {
    Handle {
        message,
        requeues: true,
        limit: CLOSE_LIMIT,
    }
}

/// An enter of a message, from [`handled`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Handle {
    message: Message,
    requeues: bool,
    limit: Duration,
}

impl Handle {
    /// Whether a message whose body fails or panics is put back into its queue, which is so unless
    /// this says `false`. Then the server drops it, or sends it to the dead letter exchange of the
    /// queue.
    ///
    /// A message whose body is cancelled or dropped is always put back: nobody has found fault with
    /// it.
    pub fn requeue(mut self, requeues: bool) -> Self {
        self.requeues = requeues;
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds.
    pub fn settle_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn begin(self) -> Ready<Result<HeldMessage, Error>> {
        let Handle {
            message,
            requeues,
            limit,
        } = self;
        ready(Ok(HeldMessage {
            message,
            requeues,
            limit,
        }))
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Handle {
    type Resource = HeldMessage;

    fn enter(self) -> impl Future<Output = Result<HeldMessage, Error>> {
        self.begin()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Handle {
    fn enter_owned(self) -> impl Future<Output = Result<HeldMessage, Error>> + Send + 'static {
        self.begin()
    }
}

/// A message while it is worked on. It derefs to the [`Delivery`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`handled`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | acknowledges the message |
/// | fails or panics | gives it back, or [lets it go](Handle::requeue) |
/// | is cancelled | gives it back |
/// | is dropped | gives it back, in the [reaper](forwith::reaper) |
///
/// The server has seen the acknowledgement behind the exit, as
/// [the module](super#what-awaited-means) says, and the exit is [bounded](Handle::settle_limit).
/// Without a reaper the message is given back all the same, and nobody awaits that.
///
/// A message that the body has acknowledged or given back by its own means stays so.
///
/// The block must be within that of its channel or [consumer](super::HeldConsumer).
///
/// # Errors
///
/// An acknowledgement fails if the channel is gone, or the server refuses it. Then the message will
/// come again, and its work be done twice: it is marked as `redelivered`.
///
/// A message that cannot be given back because its channel is gone is no error: the server has it.
pub struct HeldMessage {
    message: Message,
    requeues: bool,
    limit: Duration,
}

impl HeldMessage {
    async fn acknowledge(&self) -> Result<(), Error> {
        let acker = &self.message.acker;
        if !acker.ack(BasicAckOptions::default()).await? && acker.poisoned() {
            let kind = ErrorKind::InvalidChannelState(ChannelState::Closed, "basic.ack");
            return Err(kind.into());
        }
        settle(&self.message.channel).await
    }

    async fn give_back(&self, requeue: bool) -> Result<(), Error> {
        let given = async {
            self.message.acker.nack(nack(requeue)).await?;
            settle(&self.message.channel).await
        };
        match given.await {
            Err(_) if requeue => Ok(()), // a channel that is gone gives it back
            given => given,
        }
    }
}

fn nack(requeue: bool) -> BasicNackOptions {
    BasicNackOptions {
        multiple: false,
        requeue,
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldMessage {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        let settled = async {
            match outcome {
                OwnedOutcome::Completed => self.acknowledge().await,
                OwnedOutcome::Cancelled => self.give_back(true).await,
                _ => self.give_back(self.requeues).await,
            }
        };
        let settled = timeout(self.limit, settled).await;
        settled.unwrap_or_else(|_| Err(timed_out("a message", self.limit)))
    }
}

impl Drop for HeldMessage {
    fn drop(&mut self) {
        // An acker is used once, so this does nothing behind an exit that has begun.
        start(self.message.acker.nack(nack(true)));
    }
}

impl Deref for HeldMessage {
    type Target = Delivery;

    fn deref(&self) -> &Delivery {
        &self.message
    }
}

impl DerefMut for HeldMessage {
    fn deref_mut(&mut self) -> &mut Delivery {
        &mut self.message
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("message", &self.message)
            .field("requeues", &self.requeues)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldMessage")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
