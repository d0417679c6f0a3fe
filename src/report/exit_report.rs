//! An exit that went wrong, as a value to keep.

use core::error::Error;
use core::fmt::{self, Debug};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::exit_error::ExitError;
use crate::util::panic;

/// What went wrong with an exit, as a value that can be kept and sent to other threads.
///
/// It is an [`ExitError`] whose error has become text: an error of an exit need be neither `Send`
/// nor `'static`. [`collect`](super::collect) and
/// [`Cancelled::exit_errors`](crate::Cancelled::exit_errors) give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExitReport {
    resource: &'static str,
    kind: Kind,
    /// The outermost first.
    labels: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Failed(Text),
    Panicked(String),
    Lost,
    Cut,
    Hung,
}

/// What an error shows by `Debug`, and shows again.
#[derive(Clone, PartialEq, Eq)]
struct Text(String);

impl Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ExitReport {
    /// Keeps an error. This runs the error's `Debug`, which is the user's code.
    #[cold]
    pub(super) fn of(error: &ExitError<'_>) -> Self {
        let kind = match error {
            ExitError::Failed { error, .. } => Kind::Failed(Text(shown(error))),
            ExitError::Panicked { message, .. } => Kind::Panicked((*message).to_string()),
            ExitError::Lost { .. } => Kind::Lost,
            ExitError::Cut { .. } => Kind::Cut,
            ExitError::Hung { .. } => Kind::Hung,
        };
        ExitReport {
            resource: error.resource(),
            kind,
            labels: Vec::new(),
        }
    }

    /// Puts labels in front of those that it has.
    pub(super) fn labelled(mut self, mut labels: Vec<&'static str>) -> Self {
        labels.append(&mut self.labels);
        ExitReport { labels, ..self }
    }

    /// The labels between the collector and the resource, the outermost first:
    /// [`labelled`](super::labelled) has an example.
    #[must_use]
    pub fn labels(&self) -> &[&'static str] {
        &self.labels
    }

    /// The name of the resource's type, with its modules.
    #[must_use]
    pub const fn resource(&self) -> &'static str {
        self.resource
    }

    /// What went wrong, as the hook would be told.
    ///
    /// ```
    /// use forwith::report::{ExitError, collect};
    /// use forwith::{AsyncExit, Outcome, async_with};
    ///
    /// struct Connection;
    ///
    /// impl AsyncExit for Connection {
    ///     type Error = &'static str;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         Err("already disconnected")
    ///     }
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let work = async {
    ///     async_with!(std::future::ready(Ok(Connection)), { Err::<(), _>("no such key") })
    /// };
    /// let (_, reports) = collect(work).await;
    /// assert!(matches!(reports[0].error(), ExitError::Failed { .. }));
    /// # });
    /// ```
    #[must_use]
    pub fn error(&self) -> ExitError<'_> {
        let resource = self.resource;
        match &self.kind {
            Kind::Failed(text) => ExitError::Failed {
                resource,
                error: text,
            },
            Kind::Panicked(message) => ExitError::Panicked { resource, message },
            Kind::Lost => ExitError::Lost { resource },
            Kind::Cut => ExitError::Cut { resource },
            Kind::Hung => ExitError::Hung { resource },
        }
    }
}

/// The text of an error. A panic of its `Debug` would replace the error or the panic that is on its
/// way.
fn shown(error: &dyn Debug) -> String {
    panic::catch(|| format!("{error:?}")).unwrap_or_else(|payload| {
        panic::discard(payload);
        String::from("an error whose `Debug` panics")
    })
}

impl fmt::Display for ExitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.labels.is_empty() {
            write!(f, "{}: ", self.labels.join(", "))?;
        }
        fmt::Display::fmt(&self.error(), f)
    }
}

impl Error for ExitReport {}
