//! What [`async_for!`](crate::async_for) loops over, besides streams; and streams that hold
//! resources.
//!
//! | to loop over | |
//! |---|---|
//! | a stream | nothing to do |
//! | a container of yours | implement [`IntoStream`] |
//! | what you read one by one, also into one buffer | implement [`Source`] |
//! | a channel, lines or a listener of tokio | nothing to do, with a [feature](crate::on_tokio#loops) |
//! | a value of another crate with an `async fn` for the next | [`from_fn`] |
//! | what a function of yours gives, which holds resources meanwhile | [`stream_fn`] |
//! | a stream whose own code holds resources | [`resource::closing`](crate::resource::closing) |
//! | several streams, as their items come | [`merge`] |
//! | several streams, one item of each at a time | [`zip`] |

pub use crate::from_fn::{FromFn, from_fn};
pub use crate::protocol::{IntoStream, Source};
#[cfg(feature = "std")]
pub use crate::stream_fn::{BorrowedStreamFn, Give, Out, StreamFn, stream_fn, stream_fn_borrowing};
#[cfg(feature = "std")]
pub use crate::streams::{Merge, Streams, Zip, merge, zip};
