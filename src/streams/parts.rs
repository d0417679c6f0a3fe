//! Tuples, arrays and vectors of streams.

use core::array;
use core::task::{Context, Poll};
use std::vec::Vec;

use super::sealed::{Alike, OneOf, SameAs, Streams};

/// Polls a stream, if it has no item yet. Ready when it has ended.
fn poll_one<S: OneOf>(
    stream: &mut S,
    item: &mut Option<S::Item>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    if item.is_none() {
        match stream.poll_next(cx) {
            Poll::Ready(None) => return Poll::Ready(()),
            Poll::Ready(given) => *item = given,
            Poll::Pending => {}
        }
    }
    Poll::Pending
}

/// Ends the match of a number: there are no more streams than numbers.
fn no_such_stream() -> ! {
    unreachable!("streams are numbered from 0")
}

/// The type of a tuple. It stays unknown where the items have several types.
macro_rules! merged {
    ($a:ident, $this:ty,) => { $this };
    ($a:ident, $this:ty, $s:ident $($more:ident)*) => {
        merged!($a, <$s::Item as SameAs<$a::Item>>::Known<$this>, $($more)*)
    };
}

macro_rules! tuple {
    ($a:ident 0, $($s:ident $n:tt),+) => {
        impl<$a, $($s),+> Streams for ($a, $($s),+)
        where
            $a: OneOf,
            $($s: OneOf),+
        {
            type This = Self;
            type Zipped = ($a::Item, $($s::Item),+);
            type Unpaired = (Option<$a::Item>, $(Option<$s::Item>),+);

            fn this(self) -> Self {
                self
            }

            fn count(&self) -> usize {
                [0, $($n),+].len()
            }

            fn no_items(&self) -> Self::Unpaired {
                Default::default()
            }

            fn poll_one(
                &mut self,
                number: usize,
                items: &mut Self::Unpaired,
                cx: &mut Context<'_>,
            ) -> Poll<()> {
                match number {
                    0 => poll_one(&mut self.0, &mut items.0, cx),
                    $($n => poll_one(&mut self.$n, &mut items.$n, cx),)+
                    _ => no_such_stream(),
                }
            }

            fn take_zipped(items: &mut Self::Unpaired) -> Option<Self::Zipped> {
                if items.0.is_none() $(|| items.$n.is_none())+ {
                    return None;
                }
                Some((items.0.take()?, $(items.$n.take()?),+))
            }
        }

        impl<$a, $($s),+> Alike for ($a, $($s),+)
        where
            $a: OneOf,
            $($s: OneOf<Item: SameAs<$a::Item>>),+
        {
            type Merged = merged!($a, Self, $($s)+);
            type Item = $a::Item;

            fn merged(self) -> Self::Merged {
                let merged = self;
                $(let merged = $s::Item::known(merged);)+
                merged
            }

            fn poll_next_of(
                &mut self,
                number: usize,
                cx: &mut Context<'_>,
            ) -> Poll<Option<$a::Item>> {
                match number {
                    0 => self.0.poll_next(cx),
                    $($n => SameAs::polled(self.$n.poll_next(cx)),)+
                    _ => no_such_stream(),
                }
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

impl<S: OneOf> Streams for Vec<S> {
    type This = Self;
    type Zipped = Vec<S::Item>;
    type Unpaired = Vec<Option<S::Item>>;

    fn this(self) -> Self {
        self
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn no_items(&self) -> Self::Unpaired {
        self.iter().map(|_| None).collect()
    }

    fn poll_one(
        &mut self,
        number: usize,
        items: &mut Self::Unpaired,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        poll_one(&mut self[number], &mut items[number], cx)
    }

    fn take_zipped(items: &mut Self::Unpaired) -> Option<Self::Zipped> {
        let is_complete = items.iter().all(Option::is_some);
        is_complete.then(|| items.iter_mut().filter_map(Option::take).collect())
    }
}

impl<S: OneOf> Alike for Vec<S> {
    type Merged = <S::Item as SameAs<S::Item>>::Known<Self>;
    type Item = S::Item;

    fn merged(self) -> Self {
        self
    }

    fn poll_next_of(&mut self, number: usize, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self[number].poll_next(cx)
    }
}

impl<S: OneOf, const N: usize> Streams for [S; N] {
    type This = Self;
    type Zipped = [S::Item; N];
    type Unpaired = [Option<S::Item>; N];

    fn this(self) -> Self {
        self
    }

    fn count(&self) -> usize {
        N
    }

    fn no_items(&self) -> Self::Unpaired {
        array::from_fn(|_| None)
    }

    fn poll_one(
        &mut self,
        number: usize,
        items: &mut Self::Unpaired,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        poll_one(&mut self[number], &mut items[number], cx)
    }

    fn take_zipped(items: &mut Self::Unpaired) -> Option<Self::Zipped> {
        let is_complete = items.iter().all(Option::is_some);
        let mut items = items.iter_mut().filter_map(Option::take);
        is_complete.then(|| array::from_fn(|_| items.next().expect("there is one of each")))
    }
}

impl<S: OneOf, const N: usize> Alike for [S; N] {
    type Merged = <S::Item as SameAs<S::Item>>::Known<Self>;
    type Item = S::Item;

    fn merged(self) -> Self {
        self
    }

    fn poll_next_of(&mut self, number: usize, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self[number].poll_next(cx)
    }
}
