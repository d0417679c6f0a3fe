//! Records a timeline on any executor, from what `tracing` is told.

mod fields;
mod lanes;

use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::timeline::Timeline;
use fields::Fields;
use lanes::{Lanes, Phase};

/// Records what `tracing` is told, on whatever executor: what [`Timeline::layer`] gives.
#[derive(Debug)]
#[must_use = "it records as a layer of a subscriber of `tracing`"]
pub struct TimelineLayer {
    lanes: Mutex<Lanes>,
}

impl Timeline {
    /// A layer for a subscriber of `tracing` that records here, on any executor. It needs the feature `tracing`.
    ///
    /// Each span without a parent is a task, named by the span and its fields: it is polled while the span is entered, and has ended
    /// when it is closed. So instrument what you spawn. What `async_with!`, `async_for!` and scopes tell inside becomes
    /// [`Entering`](crate::EventKind::Entering), [`Exited`](crate::EventKind::Exited), [`Cancelling`](crate::EventKind::Cancelling) and so
    /// on, other events become [`Note`](crate::EventKind::Note)s, and the innermost span that is open at the end of a poll is what the
    /// task waits for. Who wakes whom is not known, nor who was aborted. What happens outside of all spans is left out.
    ///
    /// Time is that of the machine, counted from here. For a program that runs for long, take [`Timeline::with_limit`]. A [filter](tracing_subscriber::layer::Layer::with_filter) keeps out what is not of
    /// interest; the spans of `forwith` have the level DEBUG.
    ///
    /// ```
    /// use forwith_timeline::Timeline;
    /// use tracing::{Instrument, info, info_span};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let timeline = Timeline::new();
    /// let subscriber = tracing_subscriber::registry().with(timeline.layer());
    /// let _listens = tracing::subscriber::set_default(subscriber); // or `set_global_default`, for all threads
    ///
    /// tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    ///     let writer = async { info!("writes cat") };
    ///     tokio::spawn(writer.instrument(info_span!("writer", n = 1))).await.unwrap();
    /// });
    ///
    /// let text = timeline.to_string();
    /// assert!(text.contains("writer{n=1}") && text.contains("● writes cat"));
    /// ```
    pub fn layer(&self) -> TimelineLayer {
        TimelineLayer {
            lanes: Mutex::new(Lanes::new(self.clone())),
        }
    }
}

impl TimelineLayer {
    /// What users write may run in a field that is shown, and in the registry: never while this is held.
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TimelineLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent());
        let parent = parent.map(|parent| parent.id());
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let phase = Phase::of(attributes.metadata(), &fields);
        let title = phase.title();
        let title = title.unwrap_or_else(|| fields.title(attributes.metadata().name()));
        let parent = parent.as_ref();
        self.lanes().begin(id, parent, phase, title.into());
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        self.lanes().enter(id);
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        self.lanes().exit(id, std::thread::panicking());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.lanes().close(&id);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(around) = context.event_span(event).map(|span| span.id()) else {
            return;
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.lanes().tell(&around, event.metadata(), &fields);
    }
}
