//! Code without a prelude: expansions name everything by its path.

#[no_implicit_prelude]
mod bare {
    use ::forwith::{AsyncExit, Outcome, async_for, async_with};
    use ::std::result::Result;

    struct Lock;

    impl AsyncExit for Lock {
        type Error = ::std::string::String;

        async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
            Result::Ok(())
        }
    }

    pub async fn run() -> Result<u32, ::std::string::String> {
        let lock = || ::std::future::ready(Result::Ok(Lock));
        let found = async_for!(
            #[until(::std::future::pending::<()>())]
            #[yield_every(3)]
            'numbers: for number in ::futures::stream::iter(0..9) {
                async_with!(lock() as _lock, lock(), {
                    if number < 3 {
                        continue;
                    }
                    break 'numbers number;
                })?;
            }
        );
        async_with!(lock(), { found.unwrap() })
    }
}

#[test]
fn no_prelude_is_needed() {
    assert_eq!(futures::executor::block_on(bare::run()), Ok(3));
}
