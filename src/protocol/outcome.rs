//! How a body ended.

/// How the body of an [`async_with!`](crate::async_with) ended, as the exits of its resources see
/// it.
///
/// The lifetime is that of a panic's message, which does not belong to the resource.
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
#[doc(alias = "ExitCase")]
#[doc(alias = "exc_type")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The body reached its end, or exited by `return`, `break` or `continue`, with a value that is
    /// not an `Err`.
    Completed,
    /// The body ended with an `Err`: by `?`, by `return Err(…)`, or as its value. Or it has said
    /// [`mark_failed!`](crate::mark_failed).
    Failed,
    /// The body panicked with this message, which is empty when the payload is no text.
    Panicked(&'a str),
    /// The body was cancelled before it had ended.
    Cancelled,
}

impl Outcome<'_> {
    /// Whether the body ended with a value that is not an `Err`, and has not been marked as failed.
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

    /// The name of the outcome, for the span of an exit.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Outcome::Completed => "Completed",
            Outcome::Failed => "Failed",
            Outcome::Panicked(_) => "Panicked",
            Outcome::Cancelled => "Cancelled",
        }
    }
}
