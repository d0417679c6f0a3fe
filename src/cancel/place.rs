//! Where the code that runs on this thread stands: outside every scope, or somewhere inside one.

use core::cell::Cell;
use core::mem::{self, ManuallyDrop};
use core::ptr;
use core::task::Waker;
use std::boxed::Box;
use std::sync::Arc;

use super::tree::{Id, ROOT, Tree};

/// Where what is being polled stands.
#[derive(Default)]
pub(super) struct Place {
    pub(super) kind: Kind,
    /// The member below which it stands: there is one exactly where it is inside or shielded.
    pub(super) seat: Seat,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// In no scope.
    #[default]
    Outside,
    /// In a scope that has no tree yet, because nobody has joined it.
    Bare,
    /// Below a member of a scope.
    Inside,
    /// The same, but out of the reach of its cancellation.
    Shielded,
    /// The same in a member's own exit, which may [accept](super::accept_cancel) the cancellation.
    Exit,
}

/// What a member knows of itself. It lies in a box, so that it takes one word in the member's future, and goes to the
/// thread's variable and back as one.
pub(super) type Seat = Option<Box<Spot>>;

pub(super) struct Spot {
    pub(super) tree: Arc<Tree>,
    pub(super) id: Id,
    parent: Id,
    /// What the tree wakes it by, to see without a lock whether it has to be told anew.
    known: Option<Known>,
    pub(super) fate: Fate,
    /// The box of a member that was below this one, for the next: most come one after the other.
    spare: Seat,
}

/// A waker that the tree has: where it lies, which is no other's place as long as the tree has it.
#[derive(PartialEq, Eq)]
struct Known {
    data: usize,
    vtable: usize,
}

impl Known {
    #[inline]
    fn of(waker: &Waker) -> Self {
        Known {
            data: waker.data().addr(),
            vtable: ptr::from_ref(waker.vtable()).addr(),
        }
    }
}

/// What is to come behind a member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing is decided.
    Open,
    /// Nothing: it was told to go.
    Nothing,
    /// An error or a panic of its body, which no cancellation hides.
    Failure,
}

std::thread_local! {
    static KIND: Cell<Kind> = const { Cell::new(Kind::Outside) };
    /// A poll puts back what it found, so between polls nothing lies here that would have to be dropped.
    /// Without a destructor the variable is cheap to reach, and outlives those of the thread.
    static SEAT: Cell<ManuallyDrop<Seat>> = const { Cell::new(ManuallyDrop::new(None)) };
}

/// Whether this is in no scope.
#[inline]
pub(super) fn is_outside() -> bool {
    KIND.get() == Kind::Outside
}

/// Whether this is in a scope that nobody has joined.
#[inline]
pub(super) fn is_bare() -> bool {
    KIND.get() == Kind::Bare
}

/// Takes the place; leaves [`Kind::Outside`].
#[inline]
pub(super) fn take() -> Place {
    replace(Place::default())
}

#[inline]
pub(super) fn replace(place: Place) -> Place {
    Place {
        kind: KIND.replace(place.kind),
        seat: ManuallyDrop::into_inner(SEAT.replace(ManuallyDrop::new(place.seat))),
    }
}

/// Puts a place back that was taken, where nothing has come in between.
#[inline]
pub(super) fn put_back(place: Place) {
    // What lies there is empty.
    mem::forget(replace(place));
}

/// Makes the place one of another kind.
#[inline]
pub(super) fn change(kind: Kind) {
    KIND.set(kind);
}

/// Looks at the place, unless it is outside: there is nothing to see then.
#[inline]
pub(super) fn peek(look: impl FnOnce(&mut Place) -> bool) -> bool {
    if is_outside() {
        return false;
    }
    let mut place = take();
    let seen = look(&mut place);
    put_back(place);
    seen
}

/// Runs `f` outside of every scope: what it polls or drops belongs to none of those around.
///
/// ```
/// use forwith::executor::outside;
/// use forwith::{CancelToken, is_cancelled, scope, shield};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let stop = CancelToken::new();
/// let work = shield(async {
///     stop.cancel();
///     tokio::task::yield_now().await;
///     (is_cancelled(), outside(is_cancelled))
/// });
/// assert_eq!(scope(work, &stop).await, Ok((true, false)));
/// # }
/// ```
#[inline]
pub fn outside<T>(f: impl FnOnce() -> T) -> T {
    if is_outside() {
        return f();
    }
    let mut nowhere = None;
    let _visit = Visit::begin(take(), Kind::Outside, &mut nowhere);
    f()
}

impl Place {
    /// Whether the scope here is cancelled.
    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        let spot = self.seat.as_ref();
        spot.is_some_and(|spot| spot.tree.is_cancelled())
    }

    /// Whether what runs here is to stop.
    #[inline]
    pub(super) fn is_stopping(&self) -> bool {
        self.kind == Kind::Inside && self.is_cancelled()
    }
}

/// A stay in another place, which ends when this is dropped, also by a panic. The seat then goes home.
pub(super) struct Visit<'a> {
    /// Where the seat comes from; by the end, somebody may have planted a tree for it.
    home: &'a mut Seat,
    around: Place,
}

impl<'a> Visit<'a> {
    /// Goes from `around`, which has been taken, to the seat that lies at home.
    #[inline]
    pub(super) fn begin(around: Place, kind: Kind, home: &'a mut Seat) -> Self {
        let seat = home.take();
        put_back(Place { kind, seat });
        Visit { home, around }
    }
}

impl Drop for Visit<'_> {
    #[inline]
    fn drop(&mut self) {
        let place = replace(mem::take(&mut self.around));
        // What lies at home is empty as long as its seat is away.
        mem::forget(mem::replace(self.home, place.seat));
    }
}

impl Spot {
    /// The root of a new tree.
    #[cold]
    pub(super) fn plant() -> Self {
        Spot::new(Arc::new(Tree::new()), ROOT, ROOT)
    }

    /// A new member below this one. The waker is that of one which can be told to go.
    #[inline(never)]
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "the box may be the one that was left behind"
    )]
    pub(super) fn child(&mut self, waker: Option<&Waker>) -> Box<Self> {
        let known = waker.map(Known::of);
        let id = self.tree.join(self.id, waker.cloned());
        let fresh = || Box::new(Spot::new(self.tree.clone(), ROOT, ROOT));
        let mut child = self.spare.take().unwrap_or_else(fresh);
        (child.id, child.parent) = (id, self.id);
        (child.known, child.fate) = (known, Fate::Open);
        child
    }

    /// Leaves the scope, once.
    #[inline]
    fn leave(&mut self) {
        if self.id != ROOT {
            self.tree.leave(self.id);
            self.id = ROOT;
        }
    }

    /// Leaves the scope, and leaves the box behind for the next, if it is dropped where that would come. If not, the box goes
    /// behind the look at the place: the tree, and strangers' wakers, may go with it.
    #[inline(never)]
    pub(super) fn vacate(mut self: Box<Self>) {
        self.leave();
        let mut spot = Some(self);
        peek(|place| {
            if let Some(parent) = &mut place.seat {
                if let Some(below) = spot.take_if(|spot| spot.is_below(parent)) {
                    parent.spare = Some(below);
                }
            }
            false
        });
    }

    /// That of a member which has joined.
    pub(super) fn new(tree: Arc<Tree>, id: Id, parent: Id) -> Self {
        Spot {
            tree,
            id,
            parent,
            known: None,
            fate: Fate::Open,
            spare: None,
        }
    }

    #[inline]
    pub(super) fn is_below(&self, parent: &Spot) -> bool {
        Arc::ptr_eq(&self.tree, &parent.tree) && self.parent == parent.id
    }

    /// Whether it must go; until then, `waker` is woken when that changes.
    #[inline]
    pub(super) fn must_go(&mut self, waker: &Waker) -> bool {
        let is_known = self.known == Some(Known::of(waker));
        (!is_known || self.tree.is_cancelled()) && self.ask(waker)
    }

    /// Asks the tree, which takes the waker; the one that it had may have been used up.
    #[cold]
    fn ask(&mut self, waker: &Waker) -> bool {
        self.known = Some(Known::of(waker));
        self.tree.must_go(self.id, waker.clone())
    }
}

impl Drop for Spot {
    /// Who has the spot is the member.
    fn drop(&mut self) {
        self.leave();
    }
}
