//! `mark_failed!` at unusual places and under unusual names.

use forwith::{AsyncExit, Outcome, async_with, mark_failed};
use futures::executor::block_on;

mod my {
    pub use forwith;

    pub mod prelude {
        pub use forwith::{async_with as with, mark_failed};
    }
}

/// Its exit stores whether the body has failed.
struct Told<'a>(&'a mut Option<bool>);

impl AsyncExit for Told<'_> {
    type Error = ();

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), ()> {
        *self.0 = Some(outcome == Outcome::Failed);
        Ok(())
    }
}

async fn tell(told: &mut Option<bool>) -> Result<Told<'_>, ()> {
    Ok(Told(told))
}

#[test]
fn paths() {
    let (mut a, mut b, mut c) = (None, None, None);
    block_on(async {
        async_with!(tell(&mut a), { my::forwith::mark_failed!() })?;
        my::prelude::with!(tell(&mut b), {
            crate::marked_bodies::my::prelude::mark_failed!()
        })?;
        async_with!(tell(&mut c), { ::forwith::mark_failed![{ 3 }] })
    })
    .unwrap();
    assert_eq!([a, b, c], [Some(true); 3]);
}

macro_rules! with_block {
    ($told:ident, $body:block) => {
        async_with!(tell(&mut $told), $body)
    };
}

macro_rules! with_expression {
    ($told:ident, $value:expr) => {
        async_with!(tell(&mut $told), { $value })
    };
}

macro_rules! with_statement {
    ($told:ident, $statement:stmt) => {
        async_with!(tell(&mut $told), { $statement })
    };
}

macro_rules! with_tokens {
    ($told:ident, $($body:tt)*) => {
        async_with!(tell(&mut $told), { $($body)* })
    };
}

macro_rules! that_marks {
    ($told:ident, $when:expr) => {
        async_with!(tell(&mut $told), {
            if $when {
                $crate::marked_bodies::my::forwith::mark_failed!();
            }
        })
    };
}

/// Fragments that macros hand on hold calls that are found.
#[test]
fn handed_on_fragments() {
    let (mut a, mut b, mut c, mut d) = (None, None, None, None);
    let (mut e, mut f) = (None, None);
    block_on(async {
        with_block!(a, { mark_failed!() })?;
        with_expression!(b, mark_failed!(3))?;
        with_statement!(c, let _ = mark_failed!(3))?;
        with_tokens!(d, mark_failed!(); 3)?;
        that_marks!(e, true)?;
        that_marks!(f, false)
    })
    .unwrap();
    assert_eq!([a, b, c, d, e], [Some(true); 5]);
    assert_eq!(f, Some(false));
}

/// The body that the macro brings is the innermost one around what is handed on.
#[test]
fn body_of_a_macro_in_a_body() {
    async fn returns(a: &mut Option<bool>, b: &mut Option<bool>, early: bool) -> u8 {
        let (mut inner, mut outer) = (None, None);
        let value = 'early: {
            async_with!(tell(&mut outer), {
                with_block!(inner, {
                    if early {
                        mark_failed!();
                        break 'early 1;
                    }
                    mark_failed!();
                })
                .unwrap();
                2
            })
            .unwrap()
        };
        (*a, *b) = (outer, inner);
        value
    }

    let (mut outer, mut inner) = (None, None);
    assert_eq!(block_on(returns(&mut outer, &mut inner, true)), 1);
    assert_eq!((outer, inner), (Some(true), Some(true)));
    assert_eq!(block_on(returns(&mut outer, &mut inner, false)), 2);
    assert_eq!((outer, inner), (Some(false), Some(true)));
}

#[test]
fn jump_in_the_value() {
    let mut told = None;
    let found = block_on(async {
        loop {
            let _: Result<u8, ()> = async_with!(tell(&mut told), { mark_failed!(break 3) });
        }
    });
    assert_eq!((found, told), (3, Some(true)));
}

#[test]
fn under_cfg() {
    let (mut a, mut b) = (None, None);
    block_on(async {
        async_with!(tell(&mut a), {
            #[cfg(any())]
            mark_failed!();
        })?;
        async_with!(tell(&mut b), {
            #[cfg(all())]
            mark_failed!();
        })
    })
    .unwrap();
    assert_eq!((a, b), (Some(false), Some(true)));
}

/// Names of the user that an expansion must not meet.
#[test]
fn taken_names() {
    #[derive(Debug, PartialEq)]
    struct Mark;
    let (marked, __forwith_marked) = (1, 2);
    let mut told = None;
    let value = block_on(async {
        async_with!(tell(&mut told), {
            mark_failed!((Mark, marked, __forwith_marked))
        })
    });
    assert_eq!((value, told), (Ok((Mark, 1, 2)), Some(true)));
}
