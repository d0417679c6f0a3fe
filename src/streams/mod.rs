//! Several streams that are looped over together.

#[cfg(all(test, forwith_loom))]
mod loom_models;
mod merge;
mod parts;
mod turns;
mod zip;

use core::pin::Pin;
use core::task::{Context, Poll};

pub use merge::{Merge, merge};
pub use zip::{Zip, zip};

/// What can be [merged](merge) or [zipped](zip): tuples of two to eight streams, arrays and
/// [`Vec`](std::vec::Vec)s of streams.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be looped over together",
    label = "neither several streams in a tuple, nor an array or a `Vec` of streams",
    note = "the streams are in one more pair of parentheses: `merge((this, that))`",
    note = "a tuple holds two to eight streams; more of them, of one type, go into a `Vec`"
)]
pub trait Streams: sealed::Streams {}

impl<P: sealed::Streams> Streams for P {}

mod sealed {
    use futures_core::Stream;

    use super::{Context, Pin, Poll};

    /// A stream among others. It is a trait of its own so that the compiler complains of the one
    /// that is none.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be looped over together with others",
        label = "not a stream, or not `Unpin`",
        note = "a stream that is not `Unpin` is pinned before: \
                `let stream = std::pin::pin!(stream);`",
        note = "a channel of tokio becomes a stream by a wrapper of the crate `tokio-stream`, such \
                as `ReceiverStream::new(receiver)`",
        note = "what is to be entered, such as `closing(stream)`, is entered by \
                `side_by_side((this, that)) as (this, that)`, and looped over together in the body"
    )]
    pub trait OneOf {
        type Item;

        fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Item>>;
    }

    #[diagnostic::do_not_recommend]
    impl<S: Stream + Unpin> OneOf for S {
        type Item = S::Item;

        #[inline]
        fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
            Pin::new(self).poll_next(cx)
        }
    }

    pub trait Streams: Sized {
        /// `Self`. It stays unknown where this is not implemented, so that the compiler does not
        /// complain about the code that follows.
        type This;
        /// One item of each.
        type Zipped;
        /// Items that wait for those of the others.
        type Unpaired;

        fn this(self) -> Self::This;

        fn count(&self) -> usize;

        fn no_items(&self) -> Self::Unpaired;

        /// Polls the stream of this number, if it has no item yet. Ready when it has ended.
        fn poll_one(
            &mut self,
            number: usize,
            items: &mut Self::Unpaired,
            cx: &mut Context<'_>,
        ) -> Poll<()>;

        /// Takes the items, if there is one of each.
        fn take_zipped(items: &mut Self::Unpaired) -> Option<Self::Zipped>;
    }

    /// Streams whose items have one type.
    pub trait Alike: Streams {
        /// `Self`. It stays unknown where this is not implemented, too.
        type Merged;
        type Item;

        fn merged(self) -> Self::Merged;

        /// Polls the stream of this number.
        fn poll_next_of(&mut self, number: usize, cx: &mut Context<'_>)
        -> Poll<Option<Self::Item>>;
    }

    /// A bound that explains itself when merged streams have items of several types.
    #[diagnostic::on_unimplemented(
        message = "the streams of one `merge` give items of one type, but one of them gives `{T}`, \
                   and another one `{Self}`",
        label = "the items have several types",
        note = "map them into one type, such as an enum with a variant for each: \
                `merge((this.map(Either::Left), that.map(Either::Right)))`"
    )]
    pub trait SameAs<T>: Sized {
        /// `P`. It stays unknown where the types are not the same.
        type Known<P>;

        fn known<P>(streams: P) -> Self::Known<P>;

        fn polled(polled: Poll<Option<Self>>) -> Poll<Option<T>>;
    }

    #[diagnostic::do_not_recommend]
    impl<T> SameAs<T> for T {
        type Known<P> = P;

        #[inline]
        fn known<P>(streams: P) -> P {
            streams
        }

        #[inline]
        fn polled(polled: Poll<Option<T>>) -> Poll<Option<T>> {
            polled
        }
    }
}
