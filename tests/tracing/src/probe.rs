//! Resources whose enter and exit take two polls each.

use std::future::poll_fn;
use std::task::Poll;

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// How an enter or an exit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Without an error.
    Well,
    /// With [`Refused`].
    Badly,
    /// With a panic.
    Panicking,
    /// Never.
    Never,
}

/// The error of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl Ends {
    async fn end(self) -> Result<(), Refused> {
        yield_once().await;
        match self {
            Ends::Well => Ok(()),
            Ends::Badly => Err(Refused),
            Ends::Panicking => panic!("oh"),
            Ends::Never => std::future::pending().await,
        }
    }
}

macro_rules! probe {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            /// How its enter ends.
            pub enter: Ends,
            /// How its exit ends.
            pub exit: Ends,
            /// Whether it hands its exit over when it is abandoned.
            pub hands_over: bool,
        }

        impl $name {
            /// A resource that enters and exits without an error.
            #[must_use]
            pub const fn new() -> Self {
                $name { enter: Ends::Well, exit: Ends::Well, hands_over: false }
            }

            /// A resource whose exit ends so.
            #[must_use]
            pub const fn exiting(exit: Ends) -> Self {
                $name { exit, ..Self::new() }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl AsyncEnter for $name {
            type Resource = $name;

            async fn enter(self) -> Result<$name, Refused> {
                self.enter.end().await.map(|()| self)
            }
        }

        impl AsyncExit for $name {
            type Error = Refused;

            async fn exit(self, _: Outcome<'_>) -> Result<(), Refused> {
                self.exit.end().await
            }

            fn abandon(self, handoff: Handoff<'_>) {
                if self.hands_over {
                    handoff.run(self.exit(Outcome::Cancelled));
                } else {
                    handoff.lost();
                }
            }
        }
    };
}

probe! {
    /// The outer resource.
    Db
}
probe! {
    /// The inner resource.
    Tx
}

/// Waits once, and is woken at once.
pub async fn yield_once() {
    let mut pending = true;
    poll_fn(|cx| {
        if !std::mem::take(&mut pending) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
