//! Enters that run side by side.

use core::any::type_name;
use core::future::Future;
use core::mem;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::vec::Vec;

use pin_project_lite::pin_project;

use super::and::And;
use super::exits::{self, Entered, NoResource, keep_first};
use crate::cancel::{KeptPanic, Member, Region, is_cancelled, keep_panic, outside_of_scopes};
use crate::observe::Entering;
use crate::protocol::{AsyncExit, Outcome};
use crate::util::begin::SPENT;
use crate::util::crowd::Crowd;
use crate::util::panic::{self, Payload};

/// Enters that are polled together.
pub(super) trait EnterParts {
    type Entered: Entered<Error = Self::Error>;
    type Error;

    /// Polls the enters that have not ended. Ready when all have. It ends early when one fails.
    fn poll_enters(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        broken: &mut Option<Box<Broken<Self::Error>>>,
    ) -> Poll<()>;

    /// Drops the enters that have not ended. Keeps the first panic.
    fn drop_enters(self: Pin<&mut Self>, panic: &mut Option<KeptPanic>);

    /// Takes what has been entered.
    fn take_entered(self: Pin<&mut Self>) -> Self::Entered;
}

/// What came first: the error of an enter, or a panic.
pub(super) enum Broken<E> {
    Error(E),
    Panic(KeptPanic),
}

pin_project! {
    /// One of the enters.
    #[project = PartProjection]
    #[project_replace = PartReplaced]
    pub(super) enum EnterPart<F, R: AsyncExit> {
        Entering {
            #[pin]
            enter: F,
            // `None` before its first poll.
            entering: Option<Entering<Result<R, R::Error>>>,
        },
        Entered {
            resource: R,
        },
        Ended,
    }
}

impl<F, R: AsyncExit> EnterPart<F, R> {
    pub(super) const fn new(enter: F) -> Self {
        EnterPart::Entering {
            enter,
            entering: None,
        }
    }

    /// Ends the enter: drops its future.
    fn end(mut self: Pin<&mut Self>, result: Result<R, R::Error>) -> Result<(), Broken<R::Error>> {
        let ended = panic::catch(|| self.as_mut().project_replace(EnterPart::Ended));
        let broken = match ended {
            Ok(PartReplaced::Entering { entering, .. }) => {
                if let Some(entering) = entering {
                    entering.end(&result);
                }
                None
            }
            Ok(_) => None,
            // What the enter has given is exited.
            Err(payload) => Some(Broken::panic::<R>(payload)),
        };
        match (result, broken) {
            (Ok(resource), broken) => {
                self.set(EnterPart::Entered { resource });
                broken.map_or(Ok(()), Err)
            }
            (Err(error), None) => Err(Broken::Error(error)),
            (Err(_), Some(broken)) => Err(broken),
        }
    }
}

impl<F, R> EnterParts for EnterPart<F, R>
where
    F: Future<Output = Result<R, R::Error>>,
    R: AsyncExit,
{
    type Entered = Option<R>;
    type Error = R::Error;

    fn poll_enters(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        broken: &mut Option<Box<Broken<R::Error>>>,
    ) -> Poll<()> {
        let PartProjection::Entering { enter, entering } = self.as_mut().project() else {
            return Poll::Ready(());
        };
        if entering.is_none() && broken.is_some() {
            // Nothing new is entered behind a failure.
            self.as_mut().drop_enters(&mut None);
            return Poll::Ready(());
        }
        let entering = entering.get_or_insert_with(Entering::begin);
        let ended = match panic::catch(|| entering.run(|| enter.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => self.end(result),
            Err(payload) => {
                // Of two panics, the first one counts.
                panic::contain(|| self.set(EnterPart::Ended));
                Err(Broken::panic::<R>(payload))
            }
        };
        if let Err(second) = ended {
            Broken::keep(broken, second);
        }
        Poll::Ready(())
    }

    fn drop_enters(mut self: Pin<&mut Self>, panic: &mut Option<KeptPanic>) {
        if let PartProjection::Entering { entering, .. } = self.as_mut().project() {
            let entering = entering.take();
            keep_first(panic, type_name::<R>(), || match entering {
                Some(entering) => entering.drop_enter(|| self.set(EnterPart::Ended)),
                None => self.set(EnterPart::Ended),
            });
        }
    }

    fn take_entered(self: Pin<&mut Self>) -> Option<R> {
        match self.project_replace(EnterPart::Ended) {
            PartReplaced::Entered { resource } => Some(resource),
            _ => None,
        }
    }
}

impl<F, O> EnterParts for And<F, O>
where
    F: EnterParts,
    O: EnterParts<Error = F::Error>,
{
    type Entered = And<F::Entered, O::Entered>;
    type Error = F::Error;

    fn poll_enters(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        broken: &mut Option<Box<Broken<F::Error>>>,
    ) -> Poll<()> {
        let was_broken = broken.is_some();
        let this = self.split();
        let first = this.first.poll_enters(cx, broken);
        if broken.is_some() && !was_broken {
            return Poll::Pending; // the others are to be stopped first
        }
        let others = this.others.poll_enters(cx, broken);
        if first.is_ready() { others } else { first }
    }

    fn drop_enters(self: Pin<&mut Self>, panic: &mut Option<KeptPanic>) {
        let this = self.split();
        this.others.drop_enters(panic);
        this.first.drop_enters(panic);
    }

    fn take_entered(self: Pin<&mut Self>) -> Self::Entered {
        let this = self.split();
        And {
            others: this.others.take_entered(),
            first: this.first.take_entered(),
        }
    }
}

impl<F, R> EnterParts for Crowd<Pin<Box<EnterPart<F, R>>>>
where
    F: Future<Output = Result<R, R::Error>>,
    R: AsyncExit,
{
    type Entered = Vec<Option<R>>;
    type Error = R::Error;

    fn poll_enters(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        broken: &mut Option<Box<Broken<R::Error>>>,
    ) -> Poll<()> {
        let was_broken = broken.is_some();
        self.poll(cx, |enter, cx| {
            let polled = enter.as_mut().poll_enters(cx, broken);
            if broken.is_some() && !was_broken {
                return ControlFlow::Break(()); // the others are to be stopped first
            }
            ControlFlow::Continue(polled)
        })
    }

    fn drop_enters(mut self: Pin<&mut Self>, panic: &mut Option<KeptPanic>) {
        for enter in self.iter_mut().rev() {
            enter.as_mut().drop_enters(panic);
        }
    }

    fn take_entered(mut self: Pin<&mut Self>) -> Vec<Option<R>> {
        let entered = self.iter_mut().map(|enter| enter.as_mut().take_entered());
        entered.collect()
    }
}

impl<E> Broken<E> {
    fn panic<R>(payload: Payload) -> Self {
        Broken::Panic(keep_panic(type_name::<R>(), payload))
    }

    /// Keeps the first error, and in place of an error the first panic. A second panic is reported
    /// when it is dropped; an enter that fails after another one holds nothing.
    fn keep(broken: &mut Option<Box<Self>>, second: Self) {
        let is_worse = match (broken.as_deref(), &second) {
            (None, _) | (Some(Broken::Error(_)), Broken::Panic(_)) => true,
            (Some(_), _) => false,
        };
        if is_worse {
            *broken = Some(Box::new(second));
        }
    }

    /// The outcome that the exits are told of the resources that had been entered.
    fn outcome(&self) -> Outcome<'_> {
        match self {
            Broken::Error(_) => Outcome::Failed,
            Broken::Panic(panic) => Outcome::Panicked(panic.message()),
        }
    }
}

pin_project! {
    /// Awaits enters side by side. If one fails, the others are cancelled as a scope does it, and
    /// what has been entered is exited.
    pub(super) struct EnterAll<P: EnterParts, X, M, B> {
        #[pin]
        parts: P,
        region: Region,
        phase: Phase<P::Error, X>,
        // Makes the resource of what has been entered.
        make: M,
        begin_exits: B,
    }

    impl<P: EnterParts, X, M, B> PinnedDrop for EnterAll<P, X, M, B> {
        fn drop(this: Pin<&mut Self>) {
            if matches!(this.phase, Phase::Entering { .. }) {
                this.drop_slow();
            }
        }
    }
}

enum Phase<E, X> {
    /// `broken` is there while the other enters end.
    Entering { broken: Option<Box<Broken<E>>> },
    /// What had been entered is exited.
    Exiting(Box<Exiting<X>>),
    /// Nothing remains.
    Ended,
}

/// The exits behind enters that have failed, or were cancelled.
struct Exiting<X> {
    exits: Pin<Box<X>>,
    member: Member,
    is_cancelled: bool,
}

/// The exits of what had been entered before another one failed, or all were cancelled.
async fn exit_entered<L: Entered>(
    entered: L,
    broken: Option<Box<Broken<L::Error>>>,
) -> (Option<Box<Broken<L::Error>>>, Option<KeptPanic>) {
    let outcome = broken
        .as_ref()
        .map_or(Outcome::Cancelled, |broken| broken.outcome());
    let panic = exits::exit::<NoResource, _>(entered, outcome)
        .after_enters()
        .await;
    (broken, panic)
}

/// Prepares enters. `make` is given all that they give.
pub(super) fn enter<P, M, T>(parts: P, make: M) -> impl Future<Output = Result<T, P::Error>>
where
    P: EnterParts,
    M: FnOnce(P::Entered) -> T + Copy,
{
    EnterAll {
        parts,
        region: Region::default(),
        phase: Phase::Entering { broken: None },
        make,
        begin_exits: exit_entered::<P::Entered>,
    }
}

impl<P: EnterParts, X, M, B> EnterAll<P, X, M, B> {
    /// Drops the enters that run, and abandons what has been entered.
    #[cold]
    #[inline(never)]
    fn drop_slow(self: Pin<&mut Self>) {
        let mut this = self.project();
        let mut panic = None;
        this.parts.as_mut().drop_enters(&mut panic);
        this.parts.take_entered().abandon_each(&mut panic);
        resume_first(panic);
    }
}

/// Resumes a panic. While another one unwinds, it is reported.
pub(super) fn resume_first(panic: Option<KeptPanic>) {
    if let Some(panic) = panic {
        if panic::is_under_way() {
            drop(panic);
        } else {
            panic.resume();
        }
    }
}

impl<P, X, M, B, T> Future for EnterAll<P, X, M, B>
where
    P: EnterParts,
    X: Future<Output = (Option<Box<Broken<P::Error>>>, Option<KeptPanic>)>,
    M: FnOnce(P::Entered) -> T + Copy,
    B: FnOnce(P::Entered, Option<Box<Broken<P::Error>>>) -> X + Copy,
{
    type Output = Result<T, P::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Phase::Entering { broken } = this.phase {
            let polled = poll_together(this.parts.as_mut(), this.region, broken, cx);
            match polled {
                Some(Poll::Pending) => return Poll::Pending,
                Some(Poll::Ready(())) if broken.is_none() => {
                    *this.phase = Phase::Ended;
                    // A panic is kept only where something was stopped, and then by the region
                    // around.
                    drop(mem::take(this.region).into_member(false));
                    return Poll::Ready(Ok((*this.make)(this.parts.take_entered())));
                }
                Some(Poll::Ready(())) | None => {
                    let broken = broken.take();
                    let exiting = begin_exits(this.parts, this.region, broken, *this.begin_exits);
                    *this.phase = Phase::Exiting(Box::new(exiting));
                }
            }
        }
        poll_exits(this.phase, cx)
    }
}

/// Polls the enters once. If one fails, the others are stopped.
fn poll_together<P: EnterParts>(
    mut parts: Pin<&mut P>,
    region: &mut Region,
    broken: &mut Option<Box<Broken<P::Error>>>,
    cx: &mut Context<'_>,
) -> Option<Poll<()>> {
    let polled = region.run(cx, |cx| parts.as_mut().poll_enters(cx, broken));
    if broken.is_none() || region.is_stopped() {
        return polled;
    }
    region.stop();
    region.run(cx, |cx| parts.poll_enters(cx, broken))
}

/// Begins the exits behind enters that have failed, or were cancelled.
#[cold]
#[inline(never)]
fn begin_exits<P: EnterParts, X>(
    mut parts: Pin<&mut P>,
    region: &mut Region,
    mut broken: Option<Box<Broken<P::Error>>>,
    begin: impl FnOnce(P::Entered, Option<Box<Broken<P::Error>>>) -> X,
) -> Exiting<X> {
    let mut dropped = None;
    // A destructor that blocks on a future of its own must not find that cancelled.
    outside_of_scopes(|| parts.as_mut().drop_enters(&mut dropped));
    if let Some(panic) = dropped {
        Broken::keep(&mut broken, Broken::Panic(panic));
    }
    let (member, panic) = mem::take(region).into_member(broken.is_some());
    if let Some(panic) = panic {
        Broken::keep(&mut broken, Broken::Panic(panic));
    }
    Exiting {
        is_cancelled: broken.is_none(),
        exits: Box::pin(begin(parts.take_entered(), broken)),
        member,
    }
}

/// Polls the exits behind enters that have failed, or were cancelled.
#[cold]
#[inline(never)]
fn poll_exits<E, X, T>(phase: &mut Phase<E, X>, cx: &mut Context<'_>) -> Poll<Result<T, E>>
where
    X: Future<Output = (Option<Box<Broken<E>>>, Option<KeptPanic>)>,
{
    let Phase::Exiting(exiting) = phase else {
        assert!(is_cancelled(), "{SPENT}");
        return Poll::Pending;
    };
    let Exiting {
        exits,
        member,
        is_cancelled,
    } = &mut **exiting;
    let Poll::Ready((broken, panic)) = member.run_exit(|| exits.as_mut().poll(cx)) else {
        return Poll::Pending;
    };
    let panic = match panic {
        Some(panic) if *is_cancelled => {
            member.keep_panic(panic);
            None
        }
        panic => panic,
    };
    let broken = broken.map(|broken| *broken);
    *phase = Phase::Ended; // leaves the region around
    match (broken, panic) {
        (Some(Broken::Panic(first)), _) => first.resume(),
        (Some(Broken::Error(_)), Some(panic)) => panic.resume(),
        (Some(Broken::Error(error)), None) => Poll::Ready(Err(error)),
        // Nothing behind a cancellation is to run.
        (None, _) => Poll::Pending,
    }
}
