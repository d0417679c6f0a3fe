//! `async_with!` in every form.

use core::future::ready;

use forwith::{AsyncExit, Outcome, async_with, mark_failed};
use futures::executor::block_on;

struct Lock(u32);

impl AsyncExit for Lock {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        ready(Ok(())).await
    }
}

struct Failed;

async fn lock() -> Result<Lock, String> {
    ready(Ok(Lock(1))).await
}

async fn values() -> Result<u32, String> {
    async_with!(lock() as lock, { lock.0 })
}

async fn units() -> Result<(), String> {
    async_with!(lock(), {})?;
    async_with!(lock() as _, {})?;
    async_with!(lock() as lock, {
        lock.0 = lock.0.saturating_add(1);
    })?;
    async_with!(lock() as lock, { lock.0 = 3 })
}

async fn several() -> Result<u32, String> {
    async_with!(lock() as Lock(one), lock() as &mut Lock(two), lock(), {
        one.saturating_add(two)
    })
}

async fn questions(text: &str) -> Result<u32, String> {
    async_with!(lock() as lock, {
        let parsed: u32 = text.parse().or(Err("no number"))?;
        parsed.saturating_add(lock.0)
    })
}

async fn returns(early: bool) -> Result<u32, String> {
    async_with!(lock() as lock, {
        if early {
            return Ok(lock.0);
        }
        2
    })
}

async fn always_returns() -> Result<u32, String> {
    async_with!(lock() as lock, {
        return Ok(lock.0);
    })
}

async fn always_returns_as_a_value() -> Result<u32, String> {
    async_with!(lock() as lock, { return Ok(lock.0) })
}

async fn always_fails() -> Result<u32, Failed> {
    match async_with!(lock(), { return Err(Failed) }) {
        Ok(()) => Ok(1),
        Err(_) => Ok(2),
    }
}

async fn always_jumps() -> Result<u32, String> {
    for _ in 0_u32..3 {
        async_with!(lock(), { continue })?;
    }
    let mut rounds: u32 = 0;
    let found = loop {
        rounds = rounds.saturating_add(1);
        if rounds == 1 {
            async_with!(lock(), { continue })?;
        }
        if rounds == 3 {
            async_with!(lock() as lock, { break lock.0 })?;
        }
    };
    while rounds < 9 {
        rounds = rounds.saturating_add(1);
        if rounds == 5 {
            async_with!(lock(), { break })?;
        }
    }
    Ok(found)
}

async fn jumps() -> Result<u32, String> {
    let mut sum: u32 = 0;
    let found = 'rounds: loop {
        for round in 0_u32..9 {
            async_with!(lock() as lock, {
                match round {
                    0 => continue,
                    1 if sum == 0 => {
                        sum = sum.saturating_add(lock.0);
                        continue 'rounds;
                    }
                    2 => break,
                    3 => break 'rounds 0,
                    _ => {}
                }
            })?;
        }
        async_with!(lock(), lock() as lock, { break 'rounds lock.0 })?;
    };
    Ok(sum.saturating_add(found))
}

async fn blocks() -> Result<&'static str, String> {
    Ok('block: {
        async_with!(lock() as lock, {
            if lock.0 == 1 {
                break 'block "one";
            }
        })?;
        "many"
    })
}

async fn diverges() -> Result<u32, String> {
    async_with!(lock() as lock, {
        loop {
            lock.0 = lock.0.saturating_add(1);
            if lock.0 == 3 {
                return Ok(3);
            }
        }
    })
}

async fn refuses(when: u32) -> Result<u32, String> {
    for _ in 0_u32..2 {
        async_with!(lock() as outer, lock(), {
            if when == 1 {
                return mark_failed!(Ok(outer.0));
            }
            let refused = async_with!(lock() as lock, {
                if when == 2 {
                    mark_failed!();
                    continue;
                }
                if when == 3 {
                    return Ok(mark_failed!(lock.0.saturating_add(2)));
                }
                mark_failed!(lock.0)
            })?;
            outer.0 = refused;
        })?;
    }
    Ok(0)
}

fn leave() -> ! {
    std::process::abort()
}

async fn calls_what_never_returns(really: bool) -> Result<u32, String> {
    if really {
        async_with!(lock() as _lock, { leave() })?;
    }
    async_with!(lock() as lock, {
        if really {
            leave();
        }
        lock.0
    })
}

async fn no_value() {
    drop(async_with!(lock() as lock, { lock.0 }));
    if async_with!(lock() as lock, { lock.0 == 1 }) == Ok(true) {
        return;
    }
    drop(lock().await);
}

async fn generic<Any: Send>(any: Any) -> Result<Any, String> {
    async_with!(lock(), { any })
}

async fn serves() -> ! {
    loop {
        if async_with!(lock(), { drop(lock().await) }).is_err() {
            core::future::pending::<()>().await;
        }
    }
}

#[test]
fn no_lint_fires_on_resources() {
    assert!(size_of_val(&serves()) > 0, "it would never return");
    block_on(async {
        assert_eq!(values().await, Ok(1));
        assert_eq!(units().await, Ok(()));
        assert_eq!(several().await, Ok(2));
        assert_eq!(questions("1").await, Ok(2));
        assert_eq!(questions("x").await, Err("no number".to_owned()));
        assert_eq!(returns(true).await, Ok(1));
        assert_eq!(returns(false).await, Ok(2));
        assert_eq!(always_returns().await, Ok(1));
        assert_eq!(always_returns_as_a_value().await, Ok(1));
        assert!(always_fails().await.is_err());
        assert_eq!(always_jumps().await, Ok(1));
        assert_eq!(jumps().await, Ok(2));
        assert_eq!(blocks().await, Ok("one"));
        assert_eq!(refuses(1).await, Ok(1));
        assert_eq!(refuses(2).await, Ok(0));
        assert_eq!(refuses(3).await, Ok(3));
        assert_eq!(diverges().await, Ok(3));
        assert_eq!(calls_what_never_returns(false).await, Ok(1));
        no_value().await;
        assert_eq!(generic(3_u32).await, Ok(3));
    });
}
