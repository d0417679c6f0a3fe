//! What the spans of `forwith` mean. Their names are part of its documentation.

use tracing::Metadata;

use super::fields::Fields;
use crate::event::Label;

/// The target of all spans and events of `forwith`.
pub(super) const TARGET: &str = "forwith";

/// What a span stands for.
#[derive(Debug)]
pub(super) enum SpanKind {
    Entering(Label),
    Body(Label),
    Exiting(Label),
    /// A span that is not one of `forwith`.
    Other,
}

impl SpanKind {
    pub(super) fn of(metadata: &Metadata<'_>, fields: &Fields) -> Self {
        match (metadata.target(), metadata.name()) {
            (TARGET, "enter") => SpanKind::Entering(resource(fields)),
            (TARGET, "body") => SpanKind::Body(resource(fields)),
            (TARGET, "exit") => SpanKind::Exiting(resource(fields)),
            _ => SpanKind::Other,
        }
    }

    /// The title of a span of `forwith`.
    pub(super) fn title(&self) -> Option<String> {
        match self {
            SpanKind::Entering(resource) => Some(format!("enter {resource}")),
            SpanKind::Body(resource) => Some(format!("body {resource}")),
            SpanKind::Exiting(resource) => Some(format!("exit {resource}")),
            SpanKind::Other => None,
        }
    }
}

/// How a span ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanEnd {
    #[default]
    Completed,
    Failed,
    /// It was dropped before its end.
    Dropped,
}

/// The resource that a span or an event of `forwith` is about.
pub(super) fn resource(fields: &Fields) -> Label {
    fields.get("resource").unwrap_or_default().to_owned().into()
}
