//! Sends that go on in tasks.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::transport::smtp::response::Response;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Error;

/// What sends mail: a transport of [`transport`](super::transport()), which may be cloned into
/// tasks.
///
/// It is an [`AsyncTransport`], whose `send` and `send_raw` go on in a task when their future is
/// dropped. Behind the exit of the transport they fail with [`Error::Closed`].
///
/// # Errors
///
/// [`Error::Smtp`] if the library says so, and [`Error::Unanswered`] if the exit has given up
/// meanwhile.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// Nothing is sent before the first poll. From then on the send goes on, also if its future is
/// dropped. The library waits without end for a server that does not answer, so bound the wait:
/// `timeout(limit, mailer.send(message))`. When it is over, the outcome is unknown; the exit tells
/// of it if it was an error.
#[derive(Clone)]
pub struct Mailer {
    shared: Arc<Shared>,
}

struct Shared {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// The sends. `None` once the exit has begun.
    sends: Mutex<Option<Sends>>,
    /// The first error of a send for which nobody waits.
    unheard: Mutex<Option<Error>>,
}

impl Mailer {
    pub(super) fn new(transport: AsyncSmtpTransport<Tokio1Executor>) -> Self {
        let shared = Arc::new(Shared {
            transport,
            sends: Mutex::new(Some(Sends(JoinSet::new()))),
            unheard: Mutex::new(None),
        });
        Mailer { shared }
    }

    async fn send_whole(&self, envelope: Envelope, email: Vec<u8>) -> Result<Response, Error> {
        let (sender, receiver) = oneshot::channel();
        let shared = self.shared.clone();
        let transport = shared.transport.clone();
        {
            let mut sends = shared.lock_sends();
            let Sends(sends) = sends.as_mut().ok_or(Error::Closed)?;
            while sends.try_join_next().is_some() {}
            let shared = Arc::downgrade(&shared);
            sends.spawn(async move {
                let sent = transport.send_raw(&envelope, &email).await;
                if let (Err(sent), Some(shared)) = (sender.send(sent), shared.upgrade()) {
                    shared.keep(sent.err());
                }
            });
        }
        let mut waiting = Waiting { shared, receiver };
        match (&mut waiting.receiver).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(Error::Unanswered(1)),
        }
    }

    /// Awaits the sends that have begun, and lets no other begin. Those that take too long are
    /// given up.
    pub(super) async fn close(&self, limit: Duration) -> Result<(), Error> {
        let Some(mut sends) = self.shared.lock_sends().take() else {
            return Ok(());
        };
        let sends = &mut sends.0;
        let all = async { while sends.join_next().await.is_some() {} };
        let is_late = timeout(limit, all).await.is_err();
        // Before the sends that are late are dropped: what they give back is not used again then.
        drop(timeout(QUIT_LIMIT, self.shared.transport.shutdown()).await);
        while sends.try_join_next().is_some() {}
        let unanswered = if is_late { sends.len() } else { 0 };
        sends.shutdown().await;
        if unanswered > 0 {
            return Err(Error::Unanswered(unanswered));
        }
        self.shared.lock_unheard().take().map_or(Ok(()), Err)
    }
}

/// How long an exit waits for the server to say goodbye.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

impl Shared {
    fn lock_sends(&self) -> MutexGuard<'_, Option<Sends>> {
        self.sends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_unheard(&self) -> MutexGuard<'_, Option<Error>> {
        self.unheard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an error for the exit, unless there is one.
    fn keep(&self, error: Option<smtp::Error>) {
        if let Some(error) = error {
            self.lock_unheard().get_or_insert(Error::Smtp(error));
        }
    }
}

/// Sends that go on when this is dropped: one that is cut would give its connection back with an
/// answer still to come.
struct Sends(JoinSet<()>);

impl Drop for Sends {
    fn drop(&mut self) {
        self.0.detach_all();
    }
}

/// A wait for the answer to a mail.
struct Waiting {
    shared: Arc<Shared>,
    receiver: oneshot::Receiver<Result<Response, smtp::Error>>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.receiver.close();
        // It may have come just before this.
        if let Ok(sent) = self.receiver.try_recv() {
            self.shared.keep(sent.err());
        }
    }
}

#[diagnostic::do_not_recommend]
impl AsyncTransport for Mailer {
    type Ok = Response;
    type Error = Error;

    fn send_raw<'a, 'b, 'c, 'd>(
        &'a self,
        envelope: &'b Envelope,
        email: &'c [u8],
    ) -> Pin<Box<dyn Future<Output = Result<Response, Error>> + Send + 'd>>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
    {
        Box::pin(self.send_whole(envelope.clone(), email.to_vec()))
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}
