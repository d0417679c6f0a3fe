//! Which of several streams is polled next.

use core::task::{Context, Poll};

use crate::util::crowd::{FEW, Woken};

/// The order in which streams are polled.
pub(super) enum Turns {
    /// All are polled, whichever was woken.
    Few {
        count: usize,
        /// The one to begin with.
        first: usize,
        /// A bit for each that has ended.
        ended: u32,
    },
    /// Only those are polled that were woken.
    Many(Woken),
}

impl Turns {
    pub(super) fn new(count: usize) -> Self {
        if count > FEW {
            Turns::Many(Woken::new(count))
        } else {
            Turns::Few {
                count,
                first: 0,
                ended: 0,
            }
        }
    }

    /// Polls them, until one gives an item. The next time, the one behind it is polled first. Ready
    /// without an item when all have ended.
    pub(super) fn poll_next<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(usize, &mut Context<'_>) -> Poll<Option<T>>,
    ) -> Poll<Option<T>> {
        let (count, first, ended) = match self {
            Turns::Few {
                count,
                first,
                ended,
            } => (*count, first, ended),
            Turns::Many(woken) => return woken.poll_next(cx, poll),
        };
        let begin = *first;
        for number in (begin..count).chain(0..begin) {
            if *ended & 1 << number != 0 {
                continue;
            }
            match poll(number, cx) {
                Poll::Ready(None) => *ended |= 1 << number,
                Poll::Ready(item) => {
                    *first = (number + 1) % count;
                    return Poll::Ready(item);
                }
                Poll::Pending => {}
            }
        }
        if ended.count_ones() as usize == count {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }

    /// Lets all be polled the next time.
    pub(super) fn set_all(&mut self) {
        if let Turns::Many(woken) = self {
            woken.set_all();
        }
    }
}
