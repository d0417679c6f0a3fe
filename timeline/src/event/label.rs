//! Names of anything.

use std::borrow::Cow;

/// A name of a task, of a resource, or of what a task waits for.
///
/// ```
/// use forwith_timeline::Label;
///
/// let fixed: Label = "handshake".into();
/// let made: Label = format!("page {}", 3).into();
/// assert_eq!((&*fixed, &*made), ("handshake", "page 3"));
/// ```
pub type Label = Cow<'static, str>;
