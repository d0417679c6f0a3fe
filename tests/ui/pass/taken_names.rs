//! Items of the user with names of the standard library.

mod taken {
    use ::forwith::{async_for, async_with};
    use support::{connect, numbers};

    mod core {}
    mod std {}
    mod alloc {}
    mod forwith {}

    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Option;
    struct Result;
    struct Poll;
    struct Pin;
    struct Box;
    trait Future {}
    trait IntoFuture {}
    trait IntoStream {}
    trait AsyncEnter {}
    trait AsyncExit {}
    trait Send {}
    trait Sized {}
    trait Drop {}
    trait Fn {}
    trait FnOnce {}
    type u32 = ();
    type u16 = ();
    type bool = ();
    type usize = ();
    fn drop() {}
    macro_rules! pin {
        () => {};
    }
    macro_rules! unreachable {
        () => {};
    }
    macro_rules! panic {
        () => {};
    }

    pub async fn run() -> ::core::result::Result<::core::primitive::u32, ::std::string::String> {
        let found = async_for!('numbers: for number in numbers() {
            async_with!(connect() as db, connect(), {
                if number < db.rows[1] {
                    continue;
                }
                if number == db.rows[2] {
                    break 'numbers number;
                }
            })?;
        });
        async_for!(
            #[until(::core::future::pending::<()>())]
            #[yield_every(3)]
            for _ in numbers() {}
        );
        ::core::result::Result::Ok(found.unwrap())
    }
}

#[test]
fn taken_names_are_ignored() {
    assert_eq!(futures::executor::block_on(taken::run()), Ok(3));
}
