//! Tuples, arrays and vectors: of enters, and as resources.

use core::array;
use core::future::Future;
use core::pin::Pin;
use std::boxed::Box;
use std::vec::Vec;

use super::and::And;
use super::enters::{self, EnterPart, resume_first};
use super::exits::{self, Entered, Resource};
use super::sealed::{Enters, OwnedEnters, SameError};
use crate::cancel::any_of;
use crate::outlive::{OutlivesDrop, OwnedEnter};
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};
use crate::util::crowd::Crowd;
use crate::{CancelToken, reaper};

/// Abandons resources, and hands their exits over to run side by side.
fn abandon(entered: impl Entered, handoff: Handoff<'_>) {
    let mut panic = None;
    let exits = reaper::gather(|| entered.abandon_each(&mut panic));
    handoff.run_side_by_side(exits);
    resume_first(panic);
}

/// Nests values: the first one, and the others behind it.
macro_rules! nested {
    ($last:expr) => { $last };
    ($first:expr, $($others:expr),+) => {
        And { first: $first, others: nested!($($others),+) }
    };
}

/// The pattern of nested values.
macro_rules! pattern {
    ($last:ident) => { $last };
    ($first:ident $($others:ident)+) => { And { first: $first, others: pattern!($($others)+) } };
}

/// What has been entered by all: none is missing where no enter has failed.
fn all<R>(entered: Option<R>) -> R {
    entered.expect("every enter has ended well")
}

macro_rules! tuple {
    ($a:ident $a_enter:ident, $($r:ident $enter:ident),+) => {
        /// Resources that are exited side by side.
        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, reason = "the names are those of the types")]
        impl<$a, $($r),+> AsyncExit for ($a, $($r),+)
        where
            $a: AsyncExit,
            $($r: AsyncExit<Error = $a::Error>),+
        {
            type Error = $a::Error;

            /// Each exit sees to itself.
            const OUTLIVES: bool = true;

            fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), $a::Error>> {
                let ($a, $($r),+) = self;
                exits::exit::<Resource<Self>, _>(nested!(Some($a), $(Some($r)),+), outcome)
            }

            fn body_stop(&self) -> Option<CancelToken> {
                let ($a, $($r),+) = self;
                any_of([$a.body_stop(), $($r.body_stop()),+])
            }

            fn abandon(self, handoff: Handoff<'_>) {
                let ($a, $($r),+) = self;
                abandon(nested!(Some($a), $(Some($r)),+), handoff);
            }
        }

        #[allow(non_snake_case, reason = "the names are those of the types")]
        impl<$a_enter, $($enter,)+ $a, $($r),+> Enters for ($a_enter, $($enter),+)
        where
            $a_enter: AsyncEnter<Resource = $a>,
            $($enter: AsyncEnter<Resource = $r>,)+
            $a: AsyncExit,
            $($r: SameError<$a::Error>),+
        {
            type This = Self;
            type Resource = ($a, $($r),+);

            fn this(self) -> Self {
                self
            }

            fn enter_all(self) -> impl Future<Output = Result<Self::Resource, $a::Error>> {
                let ($a, $($r),+) = self;
                let enters = nested!(
                    EnterPart::new($a.enter()),
                    $(EnterPart::new($r.enter())),+
                );
                enters::enter(enters, |pattern!($a $($r)+)| (all($a), $(all($r)),+))
            }
        }

        #[allow(non_snake_case, reason = "the names are those of the types")]
        impl<$a_enter, $($enter,)+ $a, $($r),+> OwnedEnters for ($a_enter, $($enter),+)
        where
            $a_enter: OwnedEnter<Resource = $a>,
            $($enter: OwnedEnter<Resource = $r>,)+
            $a: OutlivesDrop<Error: Send> + 'static,
            $($r: OutlivesDrop<Error = $a::Error> + 'static),+
        {
            fn enter_all_owned(
                self,
            ) -> impl Future<Output = Result<Self::Resource, $a::Error>> + Send + 'static {
                let ($a, $($r),+) = self;
                let enters = nested!(
                    EnterPart::new($a.enter_owned()),
                    $(EnterPart::new($r.enter_owned())),+
                );
                enters::enter(enters, |pattern!($a $($r)+)| (all($a), $(all($r)),+))
            }
        }
    };
}

tuple!(A AE, B BE);
tuple!(A AE, B BE, C CE);
tuple!(A AE, B BE, C CE, D DE);
tuple!(A AE, B BE, C CE, D DE, E EE);
tuple!(A AE, B BE, C CE, D DE, E EE, F FE);
tuple!(A AE, B BE, C CE, D DE, E EE, F FE, G GE);
tuple!(A AE, B BE, C CE, D DE, E EE, F FE, G GE, H HE);

/// The error of a resource that can be entered.
type ErrorOf<A> = <<A as AsyncEnter>::Resource as AsyncExit>::Error;

/// One of the enters of one type.
fn part<F, R: AsyncExit>(enter: F) -> Pin<Box<EnterPart<F, R>>> {
    Box::pin(EnterPart::new(enter))
}

fn vector<R>(entered: Vec<Option<R>>) -> Vec<R> {
    entered.into_iter().map(all).collect()
}

fn array<R, const N: usize>(entered: Vec<Option<R>>) -> [R; N] {
    let mut entered = entered.into_iter().map(all);
    array::from_fn(|_| all(entered.next()))
}

impl<T: AsyncEnter> Enters for Vec<T> {
    type This = Self;
    type Resource = Vec<T::Resource>;

    fn this(self) -> Self {
        self
    }

    fn enter_all(self) -> impl Future<Output = Result<Self::Resource, ErrorOf<T>>> {
        let parts = self.into_iter().map(|enter| part(enter.enter()));
        enters::enter(Crowd::new(parts.collect()), vector)
    }
}

impl<T, R> OwnedEnters for Vec<T>
where
    T: OwnedEnter<Resource = R>,
    R: OutlivesDrop<Error: Send> + 'static,
{
    fn enter_all_owned(
        self,
    ) -> impl Future<Output = Result<Self::Resource, R::Error>> + Send + 'static {
        let parts = self.into_iter().map(|enter| part(enter.enter_owned()));
        enters::enter(Crowd::new(parts.collect()), vector)
    }
}

impl<A: AsyncEnter, const N: usize> Enters for [A; N] {
    type This = Self;
    type Resource = [A::Resource; N];

    fn this(self) -> Self {
        self
    }

    fn enter_all(self) -> impl Future<Output = Result<Self::Resource, ErrorOf<A>>> {
        let parts = self.into_iter().map(|enter| part(enter.enter()));
        enters::enter(Crowd::new(parts.collect()), array)
    }
}

impl<A, R, const N: usize> OwnedEnters for [A; N]
where
    A: OwnedEnter<Resource = R>,
    R: OutlivesDrop<Error: Send> + 'static,
{
    fn enter_all_owned(
        self,
    ) -> impl Future<Output = Result<Self::Resource, R::Error>> + Send + 'static {
        let parts = self.into_iter().map(|enter| part(enter.enter_owned()));
        enters::enter(Crowd::new(parts.collect()), array)
    }
}

/// Resources that are exited side by side.
#[diagnostic::do_not_recommend]
impl<R: AsyncExit> AsyncExit for Vec<R> {
    type Error = R::Error;

    /// Each exit sees to itself.
    const OUTLIVES: bool = true;

    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), R::Error>> {
        exits::exit::<Resource<Self>, _>(some(self), outcome)
    }

    fn body_stop(&self) -> Option<CancelToken> {
        any_of(self.iter().map(R::body_stop))
    }

    fn abandon(self, handoff: Handoff<'_>) {
        abandon(some(self), handoff);
    }
}

/// Resources that are exited side by side.
#[diagnostic::do_not_recommend]
impl<R: AsyncExit, const N: usize> AsyncExit for [R; N] {
    type Error = R::Error;

    /// Each exit sees to itself.
    const OUTLIVES: bool = true;

    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), R::Error>> {
        exits::exit::<Resource<Self>, _>(some(self), outcome)
    }

    fn body_stop(&self) -> Option<CancelToken> {
        any_of(self.iter().map(R::body_stop))
    }

    fn abandon(self, handoff: Handoff<'_>) {
        abandon(some(self), handoff);
    }
}

fn some<R>(resources: impl IntoIterator<Item = R>) -> Vec<Option<R>> {
    resources.into_iter().map(Some).collect()
}
