//! What a span or an event carries, as text.

use std::fmt::Debug;

use tracing::field::{Field, Visit};

/// The fields, in order.
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

    /// What a span is called: `writer{n=3}`.
    pub(super) fn title(&self, name: &str) -> String {
        if self.0.is_empty() {
            name.to_owned()
        } else {
            format!("{name}{{{}}}", self.listed())
        }
    }

    /// What an event says: its message, or, without one, all it has.
    pub(super) fn note(&self) -> String {
        self.get("message")
            .map_or_else(|| self.listed(), str::to_owned)
    }

    /// The same with the error behind it.
    pub(super) fn note_of_error(&self) -> String {
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
