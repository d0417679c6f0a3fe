//! How a call is written, as messages quote it.

/// The form of a call of `async_for!`.
pub(super) const ASYNC_FOR: &str = "write `async_for!(for item in stream { … })`";

/// The form of a call of `async_with!`.
pub(super) const ASYNC_WITH: &str = "write `async_with!(resource as name, { … })`";
