//! Macros of the user that hand on a fragment, one for each kind and position. Each compiles, as
//! the same macro around a plain `for` or a block does.

use std::future::pending;

use forwith::{async_for, async_with};
use futures::executor::block_on;
use futures::stream;
use support::{Db, connect, numbers};

mod in_a_loop {
    use super::*;

    macro_rules! pattern {
        ($item:pat in $body:block) => {
            async_for!(for $item in stream::iter([(1, Some(2)), (3, Some(4))]) $body)
        };
    }

    macro_rules! pattern_param {
        ($item:pat_param, $n:expr) => {{
            let mut sum = 0;
            async_for!(for $item in stream::iter([Ok::<u32, u32>(1), Err(2)]) {
                sum += $n;
            });
            sum
        }};
    }

    macro_rules! or_pattern {
        ($item:pat, $n:expr) => {{
            let mut sum = 0;
            async_for!(for $item in stream::iter([Ok::<u32, u32>(1), Err(2)]) {
                sum += $n;
            });
            sum
        }};
    }

    macro_rules! by_hand_or_pattern {
        ($item:pat, $n:expr) => {{
            let mut sum = 0;
            for $item in [Ok::<u32, u32>(1), Err(2)] {
                sum += $n;
            }
            sum
        }};
    }

    macro_rules! name {
        ($item:ident, $stream:expr, $body:block) => {
            async_for!(for $item in $stream $body)
        };
    }

    macro_rules! path {
        ($make:path) => {{
            let mut sum = 0;
            async_for!(for n in $make() {
                sum += n;
            });
            sum
        }};
    }

    macro_rules! type_of_items {
        ($type:ty) => {{
            let mut sum = 0;
            async_for!(for n in stream::iter(<$type>::from([1, 2])) {
                sum += n;
            });
            sum
        }};
    }

    macro_rules! label {
        ($label:lifetime, $body:block) => {
            async_for!($label: for n in numbers() {
                let _ = n;
                $body
            })
        };
    }

    macro_rules! label_of_a_jump {
        ($label:lifetime, $value:expr) => {
            async_for!($label: for n in numbers() {
                loop {
                    if n == 4 {
                        break $label $value;
                    }
                    continue $label;
                }
            })
        };
    }

    macro_rules! options {
        ($future:expr, $number:literal, $every:expr) => {{
            let mut sum = 0;
            async_for!(
                #[until($future)]
                #[yield_every($number)]
                for n in numbers() {
                    sum += n;
                }
            );
            async_for!(
                #[yield_every($every)]
                for n in numbers() {
                    sum += n;
                }
            );
            sum
        }};
    }

    macro_rules! statement {
        ($statement:stmt) => {
            async_for!(for n in numbers() {
                let _ = n;
                $statement
            })
        };
    }

    macro_rules! expression_that_jumps {
        ($value:expr) => {{
            let mut turns = 0;
            async_for!(for n in numbers() {
                turns += 1;
                if n == 3 {
                    $value
                }
            });
            turns
        }};
    }

    macro_rules! tokens {
        ($($tokens:tt)*) => {
            async_for!($($tokens)*)
        };
    }

    macro_rules! whole {
        ($loop:expr) => {
            $loop
        };
    }

    #[test]
    fn fragments_are_taken_in_a_loop() {
        block_on(async {
            let mut sum = 0;
            pattern!((n, _) in {
                sum += n;
            });
            assert_eq!(sum, 4);
            assert_eq!(pattern_param!((Ok(n) | Err(n)), n), 3);
            assert_eq!(by_hand_or_pattern!(Ok(n) | Err(n), n), 3);
            assert_eq!(or_pattern!(Ok(n) | Err(n), n), 3);
            name!(n, numbers(), {
                sum += n;
                if n == 3 {
                    break;
                }
            });
            assert_eq!(sum, 10);
            assert_eq!(path!(support::numbers), 45);
            assert_eq!(type_of_items!(Vec<u32>), 3);
            let mut turns = 0;
            label!('turns, {
                turns += 1;
                loop {
                    if turns == 3 {
                        break 'turns;
                    }
                    continue 'turns;
                }
            });
            assert_eq!(turns, 3);
            assert_eq!(label_of_a_jump!('turns, 7), Some(7));
            assert_eq!(options!(pending::<()>(), 3, 2 + 1), 90);
            statement!(turns += 1);
            statement!(let _turns = turns);
            assert_eq!(turns, 13);
            assert_eq!(expression_that_jumps!(break), 4);
            assert_eq!(expression_that_jumps!({ continue }), 10);
            assert_eq!(
                tokens!('a: for n in numbers() {
                    if n == 2 {
                        break 'a n;
                    }
                }),
                Some(2)
            );
            assert_eq!(
                whole!(async_for!(for n in numbers() {
                    if n == 2 {
                        break n;
                    }
                })),
                Some(2)
            );
        });
    }
}

mod in_a_block {
    use super::*;

    macro_rules! all {
        ($resource:expr, $name:pat, $body:block) => {
            async_with!($resource as $name, $body)
        };
    }

    macro_rules! name {
        ($name:ident, $body:block) => {
            async_with!(connect() as $name, $body)
        };
    }

    macro_rules! body_of_expression {
        ($name:ident, $value:expr) => {
            async_with!(connect() as $name, { $value })
        };
    }

    macro_rules! nameless {
        ($resource:expr, $body:block) => {
            async_with!($resource, $body)
        };
    }

    macro_rules! two {
        ($($resource:expr => $name:ident),* => $body:block) => {
            async_with!($($resource as $name),*, $body)
        };
    }

    macro_rules! path {
        ($connect:path, $body:block) => {
            async_with!($connect() as _db, $body)
        };
    }

    macro_rules! statement {
        ($statement:stmt) => {
            async_with!(connect(), { $statement })
        };
    }

    macro_rules! plain_statement {
        ($statement:stmt) => {{ $statement }};
    }

    macro_rules! type_of_value {
        ($type:ty) => {
            async_with!(connect() as db, { <$type>::from(db.rows[0] as u8) })
        };
    }

    macro_rules! literal {
        ($number:literal) => {
            async_with!(connect(), { $number })
        };
    }

    macro_rules! label {
        ($label:lifetime) => {
            $label: loop {
                async_with!(connect() as db, {
                    loop {
                        break $label db.rows[0];
                    }
                })
                .unwrap();
            }
        };
    }

    macro_rules! label_handed_in {
        ($label:lifetime, $value:expr) => {
            async_with!(connect() as db, {
                if db.rows.len() == 3 {
                    break $label $value;
                }
            })
        };
    }

    /// A labelled loop of its own, to which the body of the user may jump by its own label only.
    macro_rules! own_loop {
        ($name:ident, $body:block) => {{
            let mut turns = 0;
            'own: loop {
                turns += 1;
                async_with!(connect() as $name, {
                    if turns == 3 {
                        break 'own;
                    }
                    $body
                })
                .unwrap();
            }
            turns
        }};
    }

    macro_rules! around_a_body {
        ($name:ident, $body:block) => {
            loop {
                async_with!(connect() as $name, $body).unwrap();
            }
        };
    }

    macro_rules! whole {
        ($block:expr) => {
            $block
        };
    }

    macro_rules! tokens {
        ($($tokens:tt)*) => {
            async_with!($($tokens)*)
        };
    }

    #[test]
    fn fragments_are_taken_in_a_block() {
        block_on(async {
            assert_eq!(all!(connect(), db, { db.rows.len() }), Ok(3));
            assert_eq!(all!(connect(), Db { rows }, { rows.len() }), Ok(3));
            assert_eq!(all!(connect(), _, { 3 }), Ok(3));
            assert_eq!(name!(db, { db.rows.len() }), Ok(3));
            assert_eq!(body_of_expression!(db, db.rows.len()), Ok(3));
            assert_eq!(nameless!(connect(), { 3 }), Ok(3));
            let two = two!(connect() => one, connect() => other => {
                one.rows.len() + other.rows.len()
            });
            assert_eq!(two, Ok(6));
            assert_eq!(path!(support::connect, { 3 }), Ok(3));
            let mut turns = 0;
            assert_eq!(statement!(turns += 1), Ok(()));
            assert_eq!(plain_statement!(let _turns = turns), ());
            assert_eq!(statement!(let _turns = turns), Ok(()));
            assert_eq!(turns, 1);
            assert_eq!(type_of_value!(u64), Ok(1_u64));
            assert_eq!(literal!("text"), Ok("text"));
            assert_eq!(label!('turns), 1);
            let value = 'turns: loop {
                label_handed_in!('turns, 7 + 1).unwrap();
            };
            assert_eq!(value, 8);
            assert_eq!(own_loop!(db, { db.rows.clear() }), 3);
            around_a_body!(db, {
                if db.rows.len() == 3 {
                    break;
                }
            });
            assert_eq!(around_a_body!(db, { break db.rows.len() }), 3);
            let mut rounds = 0;
            around_a_body!(_db, {
                rounds += 1;
                if rounds < 3 { continue } else { break }
            });
            for n in [1, 2, 3] {
                assert_eq!(
                    body_of_expression!(
                        _db,
                        if n < 3 {
                            continue;
                        }
                    ),
                    Ok(())
                );
                assert_eq!(n, 3);
            }
            for n in [1, 2, 3] {
                body_of_expression!(_db, break).unwrap();
                unreachable!("{n}");
            }
            assert_eq!(
                whole!(async_with!(connect() as db, { db.rows.len() })),
                Ok(3)
            );
            assert_eq!(
                tokens!(connect() as db, connect(), { db.rows.len() },),
                Ok(3)
            );
        });
    }
}
