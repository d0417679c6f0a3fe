//! A subscription that ends with its block.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::subject::ToSubject;
use async_nats::{Client, Error, Message, Subject, Subscriber};
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use futures_util::{Stream, StreamExt};

use super::confirm::{LIMIT, confirm, within};

/// Subscribes to a subject, to be looped over by [`async_for!`](forwith::async_for).
///
/// The server has the subscription when the body begins: nothing is missed that anybody publishes
/// from then on. The body gets a [`HeldSubscription`], which derefs to the [`Subscriber`].
///
/// ```no_run
/// use async_nats::Client;
/// use forwith::{async_for, async_with};
/// use forwith_resources::async_nats::subscribe;
///
/// async fn hear(client: &Client) -> Result<Option<usize>, async_nats::Error> {
///     async_with!(subscribe(client, "animals.*") as animals, {
///         async_for!(for message in animals {
///             if message.subject.ends_with("cat") {
///                 break message.payload.len();
///             }
///         })
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of [`Client::subscribe`], and an error if the server does not answer within the
/// [limit](Subscribe::limit).
///
/// # Cancel safety
///
/// It may be cancelled or dropped, and nothing is lost: the library unsubscribes.
#[expect(
    clippy::needless_pass_by_value,
    reason = "as the library's method takes it"
)]
pub fn subscribe<S: ToSubject>(client: &Client, subject: S) -> Subscribe {
    Subscribe {
        client: client.clone(),
        subject: subject.to_subject(),
        queue_group: None,
        limit: LIMIT,
        is_confirmed: true,
    }
}

/// An enter of a subscription, from [`subscribe`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Subscribe {
    client: Client,
    subject: Subject,
    queue_group: Option<String>,
    limit: Duration,
    is_confirmed: bool,
}

impl Subscribe {
    /// Shares the messages with all subscriptions of the same group: each goes to one of them.
    pub fn queue_group(mut self, group: impl Into<String>) -> Self {
        self.queue_group = Some(group.into());
        self
    }

    /// Bounds the enter and the exit; otherwise that is 5 seconds for each.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Lets the enter and the exit do without the server's answer, for a client that may not
    /// publish to its own inbox.
    pub fn unconfirmed(mut self) -> Self {
        self.is_confirmed = false;
        self
    }

    async fn subscribe(self) -> Result<HeldSubscription, Error> {
        let Subscribe {
            client, subject, ..
        } = self;
        within(self.limit, async {
            let subscriber = match self.queue_group {
                Some(group) => client.queue_subscribe(subject, group).await?,
                None => client.subscribe(subject).await?,
            };
            if self.is_confirmed {
                confirm(&client).await?;
            }
            Ok(HeldSubscription {
                subscriber,
                client: self.is_confirmed.then(|| client.clone()),
                limit: self.limit,
            })
        })
        .await
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Subscribe {
    type Resource = HeldSubscription;

    fn enter(self) -> impl Future<Output = Result<HeldSubscription, Error>> {
        self.subscribe()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Subscribe {
    fn enter_owned(self) -> impl Future<Output = Result<HeldSubscription, Error>> + Send + 'static {
        self.subscribe()
    }
}

/// A subscription that ends with its block. It derefs to the [`Subscriber`], and is a stream of
/// [`Message`]s.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`subscribe`].
///
/// | the body | the exit |
/// |---|---|
/// | ends, in whichever way | unsubscribes, and awaits that the server has done so |
/// | is dropped | the same, in the [reaper](forwith::reaper) |
/// | is dropped without a reaper | none, but the library unsubscribes, and awaits nothing |
///
/// Messages that have arrived and were not looped over are given up, and those on their way, too.
/// In a queue group nobody else gets them. Where that matters, use a stream of JetStream.
///
/// # Errors
///
/// The exit fails when the server does not answer within the [limit](Subscribe::limit), or when the
/// client is closed.
pub struct HeldSubscription {
    subscriber: Subscriber,
    /// For the answer of the server.
    client: Option<Client>,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldSubscription {
    type Error = Error;

    async fn exit_owned(mut self, _: OwnedOutcome) -> Result<(), Error> {
        within(self.limit, async {
            self.subscriber.unsubscribe().await?;
            match &self.client {
                Some(client) => confirm(client).await,
                None => Ok(()),
            }
        })
        .await
    }
}

impl Stream for HeldSubscription {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.subscriber.poll_next_unpin(cx)
    }
}

impl Deref for HeldSubscription {
    type Target = Subscriber;

    fn deref(&self) -> &Subscriber {
        &self.subscriber
    }
}

impl DerefMut for HeldSubscription {
    fn deref_mut(&mut self) -> &mut Subscriber {
        &mut self.subscriber
    }
}

impl fmt::Debug for Subscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldSubscription").finish_non_exhaustive()
    }
}
