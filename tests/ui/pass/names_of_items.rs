//! Items of the user with the names that locals of the expansions would have, in each namespace.

use forwith::{async_for, async_with};
use futures::executor::block_on;
use support::connect;

mod statics {
    use super::*;

    macro_rules! statics {
        ($($name:ident)*) => { $(static $name: u8 = 3;)* };
    }

    statics! {
        until items item next cx entered entering enter resource outer inner value way held error
        stay member end departed running body exit stored0_1 stored_0_1 __stored0_1 label code
        forwith way_out scope private stream pattern future every
    }

    pub fn run() -> (u32, Result<u8, String>) {
        all_forms!(end)
    }
}

mod constants {
    use super::*;

    macro_rules! constants {
        ($($name:ident)*) => { $(const $name: u8 = 3;)* };
    }

    constants! {
        until items item next cx entered entering enter resource outer inner value way held error
        stay member end departed running body exit stored0_1 stored_0_1 __stored0_1 label code
        forwith way_out scope private stream pattern future every
    }

    pub fn run() -> (u32, Result<u8, String>) {
        all_forms!(value)
    }
}

mod unit_structs {
    use super::*;

    macro_rules! units {
        ($($name:ident)*) => { $(struct $name;)* };
    }

    units! {
        until items item next cx entered entering enter resource outer inner value way held error
        stay member end departed running body exit stored0_1 stored_0_1 __stored0_1 label code
        forwith way_out scope private stream pattern future every
    }

    pub fn run() -> (u32, Result<u8, String>) {
        all_forms!(3)
    }
}

mod modules_and_functions {
    use super::*;

    macro_rules! both {
        ($($name:ident)*) => { $(mod $name {} fn $name() {})* };
    }

    both! {
        until items item next cx entered entering enter resource outer inner value way held error
        stay member end departed running body exit stored0_1 stored_0_1 __stored0_1 label code
        forwith way_out scope private stream pattern future every
    }

    pub fn run() -> (u32, Result<u8, String>) {
        all_forms!(3)
    }
}

mod generics {
    use super::*;

    pub fn run<items, end, value, const item: u8, const next: u8>() -> (u32, Result<u8, String>) {
        all_forms!(item)
    }
}

mod macros {
    use super::*;

    macro_rules! end {
        () => {};
    }
    macro_rules! carry {
        () => {};
    }
    macro_rules! leave {
        () => {};
    }

    pub fn run() -> (u32, Result<u8, String>) {
        all_forms!(3)
    }
}

/// Every form of both macros.
macro_rules! all_forms {
    ($value:expr) => {{
        let mut sum = 0;
        let given = block_on(async {
            async_for!(
                #[until(std::future::pending::<()>())]
                for n in futures::stream::iter(0..3u32) {
                    sum += n;
                }
            );
            let found = async_for!('turns: for n in futures::stream::iter(0..3u32) {
                async_with!(connect() as db, connect(), {
                    sum += db.rows[0];
                    if n == 1 {
                        break 'turns n;
                    }
                    if n == 2 {
                        break 'turns db.rows[0] + n;
                    }
                    continue;
                })?;
            });
            assert_eq!(found, Some(1));
            if sum == 0 {
                return async_with!(connect(), { return Ok(1) });
            }
            async_with!(connect(), connect(), { $value })
        });
        (sum, given)
    }};
}
use all_forms;

#[test]
fn no_name_of_an_expansion_meets_an_item() {
    let expected = (5, Ok(3));
    assert_eq!(statics::run(), expected);
    assert_eq!(constants::run(), expected);
    assert_eq!(unit_structs::run(), expected);
    assert_eq!(modules_and_functions::run(), expected);
    assert_eq!(generics::run::<u8, u8, u8, 3, 4>(), expected);
    assert_eq!(macros::run(), expected);
}
