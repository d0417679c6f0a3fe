//! How a body was left.

/// How the body of an [`async_with!`](crate::async_with) was left, as its resources' exits see it.
///
/// The lifetime is that of a panic's message, which belongs to the scope and not to the resource.
///
/// Match it with a wildcard arm, and let that arm be the cautious one: commit on
/// [`Completed`](Outcome::Completed), undo on everything else.
///
/// ```
/// use forwith::Outcome;
///
/// fn last_words(outcome: Outcome<'_>) -> &'static str {
///     match outcome {
///         Outcome::Completed => "COMMIT",
///         _ => "ROLLBACK",
///     }
/// }
///
/// assert_eq!(last_words(Outcome::Completed), "COMMIT");
/// assert_eq!(last_words(Outcome::Panicked("index out of bounds")), "ROLLBACK");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The body reached its end, or left by `return`, `break` or `continue`, with a value that is
    /// not an `Err`.
    Completed,
    /// The body left with an `Err`: by `?`, by `return Err(…)`, or as its value.
    Failed,
    /// The body panicked, with this message. It is empty when the payload is no text.
    Panicked(&'a str),
    /// The body was cancelled before it had ended.
    Cancelled,
}

impl Outcome<'_> {
    /// Whether the body did what it was meant to do.
    ///
    /// ```
    /// use forwith::Outcome;
    ///
    /// assert!(Outcome::Completed.is_completed());
    /// assert!(!Outcome::Cancelled.is_completed());
    /// ```
    #[must_use]
    pub const fn is_completed(self) -> bool {
        matches!(self, Outcome::Completed)
    }
    /// Its name, for the span of an exit.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Outcome::Completed => "Completed",
            Outcome::Failed => "Failed",
            Outcome::Panicked(_) => "Panicked",
            Outcome::Cancelled => "Cancelled",
        }
    }
}
