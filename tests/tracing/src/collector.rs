//! A layer that writes a line for each span and event.

use std::fmt::{self, Debug, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

/// The lines so far.
///
/// `+` is a new span, followed by its parent; `>` and `<` are where it is entered and exited, `-`
/// is where it is closed. `!` is an event, followed by the span around it.
#[derive(Clone, Debug, Default)]
pub struct Collected(Arc<Mutex<Vec<Line>>>);

#[derive(Debug)]
struct Line {
    /// The outermost span around.
    root: Option<String>,
    text: String,
}

/// Runs `f` and gives its lines.
pub fn collect(f: impl FnOnce()) -> Vec<String> {
    let collected = Collected::default();
    tracing::subscriber::with_default(collected.subscriber(), f);
    collected.take()
}

impl Collected {
    /// A subscriber that writes here.
    #[must_use]
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        Registry::default().with(Collector(self.clone()))
    }

    /// Takes all lines.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.lines());
        lines.into_iter().map(|line| line.text).collect()
    }

    /// Takes the lines of this outermost span and of all inside it.
    #[must_use]
    pub fn take_of(&self, root: &str) -> Vec<String> {
        let mut lines = self.lines();
        let (taken, remaining) = std::mem::take(&mut *lines)
            .into_iter()
            .partition::<Vec<_>, _>(|line| line.root.as_deref() == Some(root));
        *lines = remaining;
        taken.into_iter().map(|line| line.text).collect()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push<'a, S: LookupSpan<'a>>(&self, text: String, around: Option<SpanRef<'a, S>>) {
        let root = around.map(|span| name(span.scope().from_root().next().as_ref()));
        self.lines().push(Line { root, text });
    }
}

struct Collector(Collected);

/// The name of a span in the lines.
struct Name(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it is new");
        let mut name = span.name().to_owned();
        attributes.record(&mut Fields(&mut name));
        let text = format!("+ {name}{}", inside(span.parent().as_ref()));
        span.extensions_mut().insert(Name(name));
        self.0.push(text, Some(span));
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.happened('>', context.span(id));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.happened('<', context.span(id));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.happened('-', context.span(&id));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = format!("! {} {}:", metadata.level(), metadata.name());
        event.record(&mut Fields(&mut line));
        let around = context.event_span(event);
        line += &inside(around.as_ref());
        self.0.push(line, around);
    }
}

impl Collector {
    fn happened<'a, S: LookupSpan<'a>>(&self, sign: char, span: Option<SpanRef<'a, S>>) {
        self.0.push(format!("{sign} {}", name(span.as_ref())), span);
    }
}

fn name<'a, S: LookupSpan<'a>>(span: Option<&SpanRef<'a, S>>) -> String {
    let extensions = span.expect("it lives").extensions();
    extensions.get::<Name>().expect("it was new").0.clone()
}

fn inside<'a, S: LookupSpan<'a>>(span: Option<&SpanRef<'a, S>>) -> String {
    match span {
        Some(_) => format!(" (in {})", name(span)),
        None => String::new(),
    }
}

/// Appends the values of fields to a line.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written: fmt::Result = match field.name() {
            "message" | "resource" | "outcome" => write!(self.0, " {value:?}"),
            other => write!(self.0, " {other}={value:?}"),
        };
        written.expect("a string takes it");
    }
}
