//! Random work with resources, and where it is struck.

use std::pin::Pin;
use std::sync::Arc;

use forwith::{AsyncEnterExt, ExitStack, async_with};
use futures::future::join;

use super::server::{Server, borrow, boxed, lock};
use crate::common::{Failure, turns};

/// Xorshift.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.below(2);
        random.below(2);
        random
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len().try_into().unwrap()) as usize]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// One resource in the body of the other.
    Nested,
    /// The resources in one `ExitStack`.
    Stacked,
    /// All but the first twice, side by side in its body.
    Joined,
}

/// How the work is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    Dropped,
    Cancelled,
    /// Cancelled, with no time for the exits.
    GraceOver,
}

/// The kinds of resources.
#[derive(Clone, Copy)]
enum Kinds {
    Owned,
    Borrowed,
    /// Each level is of one of them.
    Mixed,
}

/// A resource. Times are numbers of polls.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    pub is_owned: bool,
    pub enter: u32,
    pub exit: u32,
    pub fails: bool,
}

#[derive(Clone, Debug)]
pub struct Case {
    shape: Shape,
    pub strike: Strike,
    /// The number of polls before the strike.
    pub at: u32,
    /// The number of polls that a reaper which ends early gives each exit.
    pub late: u32,
    body: u32,
    levels: Vec<Level>,
}

impl Case {
    pub fn new(random: &mut Random) -> Self {
        let kinds = random.one_of(&[Kinds::Owned, Kinds::Borrowed, Kinds::Mixed]);
        let levels = (0..=random.below(3)).map(|_| Level {
            is_owned: match kinds {
                Kinds::Owned => true,
                Kinds::Borrowed => false,
                Kinds::Mixed => random.below(2) == 0,
            },
            enter: random.below(4),
            exit: random.below(4),
            fails: random.below(8) == 0,
        });
        let levels: Vec<_> = levels.collect();
        let times = levels.iter().map(|level| level.enter + level.exit);
        let body = random.below(4);
        let longest = times.sum::<u32>() + body;
        Case {
            shape: random.one_of(&[Shape::Nested, Shape::Stacked, Shape::Joined]),
            strike: random.one_of(&[
                Strike::Dropped,
                Strike::Dropped,
                Strike::Cancelled,
                Strike::GraceOver,
            ]),
            at: 1 + random.below(longest + 1),
            late: random.below(4),
            body,
            levels,
        }
    }

    /// A future that uses the resources.
    pub fn work(self: &Arc<Self>, server: &Server) -> Work {
        let (case, server) = (self.clone(), server.clone());
        Box::pin(async move {
            let _ = match case.shape {
                Shape::Nested | Shape::Joined => case.nested(&server, 0).await,
                Shape::Stacked if case.levels[0].is_owned => case.stacked(&server).await,
                Shape::Stacked => case.stacked_borrowed(&server).await,
            };
        })
    }

    fn nested<'a>(&'a self, server: &'a Server, depth: usize) -> Nested<'a> {
        Box::pin(async move {
            let Some(&level) = self.levels.get(depth) else {
                turns(self.body).await;
                return Ok(());
            };
            if level.is_owned {
                let lock = lock(server.clone(), level).outliving();
                async_with!(lock, { self.inside(server, depth).await? })
            } else {
                async_with!(borrow(server, level), { self.inside(server, depth).await? })
            }
        })
    }

    /// The body of a resource.
    async fn inside(&self, server: &Server, depth: usize) -> Result<(), Failure> {
        if self.shape == Shape::Nested || depth > 0 {
            return self.nested(server, depth + 1).await;
        }
        let (first, second) = (self.nested(server, 1), self.nested(server, 1));
        let (first, second) = join(first, second).await;
        first.and(second)
    }

    async fn stacked(&self, server: &Server) -> Result<(), Failure> {
        async_with!(ExitStack::new() as stack, {
            for &level in &self.levels {
                stack
                    .enter(boxed(server.clone(), level).outliving())
                    .await?;
            }
            turns(self.body).await;
        })
    }

    async fn stacked_borrowed(&self, server: &Server) -> Result<(), Failure> {
        async_with!(ExitStack::new() as stack, {
            for &level in &self.levels {
                stack.enter(borrow(server, level)).await?;
            }
            turns(self.body).await;
        })
    }

    /// Whether every resource is of the kind that owns all it needs.
    pub fn is_owned(&self) -> bool {
        match self.shape {
            Shape::Stacked => self.levels[0].is_owned,
            Shape::Nested | Shape::Joined => self.levels.iter().all(|level| level.is_owned),
        }
    }
}

pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;
type Nested<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;
