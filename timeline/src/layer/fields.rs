//! The fields of a span or an event, as text.

use std::fmt::Debug;

use tracing::field::{Field, Visit};

/// The names and values of the fields, in order.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}

impl Fields {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(field, _)| *field == name);
        field.map(|(_, value)| value.as_str())
    }

    /// The title of a span with this name: `writer{n=3}`.
    pub(super) fn title(&self, name: &str) -> String {
        if self.0.is_empty() {
            name.to_owned()
        } else {
            format!("{name}{{{}}}", self.listed())
        }
    }

    /// The text of an event: its message, or else all fields.
    pub(super) fn note(&self) -> String {
        self.get("message")
            .map_or_else(|| self.listed(), str::to_owned)
    }

    /// The text of an event, and behind it its error.
    pub(super) fn note_with_error(&self) -> String {
        match self.get("error") {
            Some(error) => format!("{}: {error}", self.note()),
            None => self.note(),
        }
    }

    fn listed(&self) -> String {
        let fields = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        fields.collect::<Vec<_>>().join(" ")
    }
}
