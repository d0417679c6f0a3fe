//! The layer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::span::SpanKind;
use super::tasks::Tasks;
use crate::timeline::Timeline;

/// A layer for `tracing` that records a timeline, made by [`Timeline::layer`].
#[derive(Debug)]
#[must_use = "it records as a layer of a subscriber of `tracing`"]
pub struct TimelineLayer {
    tasks: Mutex<Tasks>,
}

impl Timeline {
    /// Returns a layer that records here what a subscriber of `tracing` is told, on any executor.
    /// It needs the feature `tracing`.
    ///
    /// Each span without a parent is a task, named by the span and its fields. The task is polled
    /// while the span is entered, and ends when it is closed. So instrument the futures that you
    /// spawn. What is known of a task comes from the spans and events inside:
    ///
    /// - The phases of resources that `forwith` tells of, with its feature `tracing`, become
    ///   [`Entering`](crate::EventKind::Entering), [`Exited`](crate::EventKind::Exited) and so on.
    /// - A stopped scope becomes [`Cancelling`](crate::EventKind::Cancelling).
    /// - Other events become [`Note`](crate::EventKind::Note)s.
    /// - The innermost span that is open at the end of a poll is what the task
    ///   [waits](crate::EventKind::Waits) for.
    ///
    /// The waker of a task is not known, and neither is whether it was aborted. What happens
    /// outside of all spans is not recorded.
    ///
    /// Time is that of the machine, counted from this call. For a program that runs for long, use
    /// [`Timeline::with_limit`]. A [filter](tracing_subscriber::layer::Layer::with_filter) keeps
    /// spans out; those of `forwith` have the level DEBUG.
    ///
    /// ```
    /// use forwith_timeline::Timeline;
    /// use tracing::{Instrument, info, info_span};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let timeline = Timeline::new();
    /// let subscriber = tracing_subscriber::registry().with(timeline.layer());
    /// // Or `set_global_default`, for all threads.
    /// let _guard = tracing::subscriber::set_default(subscriber);
    ///
    /// let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// tokio.block_on(async {
    ///     let writer = async { info!("writes cat") };
    ///     tokio::spawn(writer.instrument(info_span!("writer", n = 1))).await.unwrap();
    /// });
    ///
    /// let text = timeline.to_string();
    /// assert!(text.contains("writer{n=1}") && text.contains("● writes cat"));
    /// ```
    pub fn layer(&self) -> TimelineLayer {
        TimelineLayer {
            tasks: Mutex::new(Tasks::new(self.clone())),
        }
    }
}

impl TimelineLayer {
    /// Locks the tasks. Code of users runs when fields are formatted and in the registry, so
    /// neither happens under this lock.
    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TimelineLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent());
        let parent = parent.map(|parent| parent.id());
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let kind = SpanKind::of(attributes.metadata(), &fields);
        let title = kind.title();
        let title = title.unwrap_or_else(|| fields.title(attributes.metadata().name()));
        let parent = parent.as_ref();
        self.tasks().open(id, parent, kind, title.into());
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        self.tasks().enter(id);
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        self.tasks().exit(id, std::thread::panicking());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.tasks().close(&id);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(around) = context.event_span(event).map(|span| span.id()) else {
            return;
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.tasks().event(&around, event.metadata(), &fields);
    }
}
