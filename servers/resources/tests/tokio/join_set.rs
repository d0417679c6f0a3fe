//! Sets of tasks.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use forwith::{CancelToken, ExitWith, async_with};
use forwith_resources::tokio::join_set;
use tokio::task::{JoinError, JoinSet, yield_now};

use super::endings::{ENDINGS, Ending};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
use forwith_testing::{soon, until};

/// Counts the tasks that have something.
#[derive(Clone, Default)]
struct Held(Arc<AtomicUsize>);

impl Held {
    fn hold(&self) -> impl Send + use<> {
        struct One(Held);
        impl Drop for One {
            fn drop(&mut self) {
                self.0.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        One(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn tasks_have_ended_behind_their_block() {
    for ending in ENDINGS {
        let held = Held::default();
        let done = Arc::new(AtomicUsize::new(0));
        let token = CancelToken::new();
        let work = async {
            async_with!(join_set(JoinSet::new()) as set, {
                for steps in 0..4 {
                    let (holds, done) = (held.hold(), done.clone());
                    set.spawn(async move {
                        for _ in 0..steps {
                            yield_now().await;
                        }
                        done.fetch_add(1, Ordering::Relaxed);
                        drop(holds);
                        Ok::<_, io::Error>(())
                    });
                }
                ending.end(&token).await?;
            })
        };
        ending.run(&token, work).await;
        assert_eq!(
            held.count(),
            0,
            "right behind a body that ends so: {ending:?}"
        );
        let done = done.load(Ordering::Relaxed);
        assert_eq!(done == 4, ending == Ending::Completes, "{ending:?}: {done}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_other_threads_have_ended_behind_their_block() {
    for ending in ENDINGS {
        let held = Held::default();
        let token = CancelToken::new();
        let work = async {
            async_with!(join_set(JoinSet::new()) as set, {
                for _ in 0..20 {
                    let holds = held.hold();
                    set.spawn(async move {
                        for _ in 0..1000 {
                            yield_now().await;
                        }
                        drop(holds);
                        Ok::<_, io::Error>(())
                    });
                }
                ending.end(&token).await?;
            })
        };
        ending.run(&token, work).await;
        assert_eq!(
            held.count(),
            0,
            "right behind a body that ends so: {ending:?}"
        );
    }
}

#[tokio::test]
async fn set_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    for kind in STRIKES {
        for at in PHASES {
            for time in 1.. {
                assert!(time < 100);
                let (held, seen) = (Held::default(), Arc::new(AtomicUsize::new(99)));
                let what = format!("{kind:?} in {at:?}, {time}");
                let (for_exit, seen_by_exit) = (held.clone(), seen.clone());
                let around = async { Ok(()) }.exit_with(async move |(), _| {
                    seen_by_exit.store(for_exit.count(), Ordering::Relaxed);
                    Ok(())
                });
                let work = async {
                    async_with!(around, join_set(JoinSet::new()) as set, {
                        phase.set(Phase::Body);
                        for steps in 1..4 {
                            let holds = held.hold();
                            set.spawn(async move {
                                for _ in 0..steps {
                                    yield_now().await;
                                }
                                drop(holds);
                                Ok::<_, io::Error>(())
                            });
                        }
                        yield_now().await;
                        yield_now().await;
                        phase.set(Phase::Exit);
                    })
                };
                let ended: Ended<io::Result<()>> = strike(kind, at, time, &phase, work).await;
                if kind == Strike::DroppedWithoutReaper {
                    let look = async || match held.count() {
                        0 => Ok(()),
                        some => Err(some),
                    };
                    until(&what, look).await;
                } else {
                    assert_eq!(held.count(), 0, "{what}");
                    assert_eq!(
                        seen.load(Ordering::Relaxed),
                        0,
                        "the exit around saw tasks: {what}"
                    );
                }
                if let Ended::First(ended) = ended {
                    ended.unwrap();
                    assert!(
                        time > 1 || kind == Strike::Cancelled || at == Phase::Enter,
                        "{what}"
                    );
                    break;
                }
            }
        }
    }
}

/// The body has completed, and the exit awaits a task that does not end by itself.
#[tokio::test]
async fn wait_of_an_exit_ends_with_a_strike() {
    let phase = Cell::new(Phase::Enter);
    for limit in [None, Some(Duration::from_secs(1000))] {
        for kind in STRIKES {
            let held = Held::default();
            let mut enter = join_set(JoinSet::<()>::new());
            if let Some(limit) = limit {
                enter = enter.join_limit(limit);
            }
            let work = async {
                async_with!(enter as set, {
                    let holds = held.hold();
                    set.spawn(async move {
                        pending::<()>().await;
                        drop(holds);
                    });
                    phase.set(Phase::Exit);
                })
            };
            let ended: Ended<Result<(), JoinError>> =
                strike(kind, Phase::Exit, 1, &phase, work).await;
            assert!(matches!(ended, Ended::Struck), "{ended:?}");
            if kind == Strike::DroppedWithoutReaper {
                yield_now().await; // tokio aborts at its next turn
            }
            assert_eq!(held.count(), 0, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn first_failure_is_the_error_of_the_block() {
    let held = Held::default();
    let ended: io::Result<()> = async {
        async_with!(join_set(JoinSet::<io::Result<()>>::new()) as set, {
            let holds = held.hold();
            set.spawn(async move {
                yield_now().await;
                yield_now().await;
                drop(holds); // it is not aborted
                Err(io::Error::other("the second"))
            });
            set.spawn(async { Err(io::Error::other("the first")) });
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().to_string(), "the first");
    assert_eq!(held.count(), 0);

    let ended: Result<(), JoinError> = async {
        async_with!(join_set(JoinSet::<()>::new()) as set, {
            set.spawn(async { panic!("oh") });
        })
    }
    .await;
    assert!(ended.unwrap_err().is_panic());

    let ended: io::Result<()> = async {
        async_with!(join_set(JoinSet::new()) as set, {
            set.spawn(async { panic!("oh") });
            set.spawn(async { Ok(()) });
        })
    }
    .await;
    assert!(ended.unwrap_err().to_string().contains("panicked"));
}

#[tokio::test]
async fn task_that_was_aborted_has_not_failed() {
    let ended: Result<(), JoinError> = async {
        async_with!(join_set(JoinSet::new()) as set, {
            set.spawn(async {});
            set.spawn(pending()).abort();
        })
    }
    .await;
    ended.unwrap();
}

#[tokio::test]
async fn tasks_that_take_too_long_are_aborted() {
    let held = Held::default();
    let work = async {
        let enter = join_set(JoinSet::new()).join_limit(Duration::from_millis(10));
        async_with!(enter as set, {
            let holds = held.hold();
            set.spawn(async { Ok(()) });
            set.spawn(async move {
                pending::<()>().await;
                drop(holds);
                Ok(())
            });
        })
    };
    let ended: io::Result<()> = soon("the block", work).await;
    assert!(ended.unwrap_err().to_string().contains("cancelled"));
    assert_eq!(held.count(), 0);
}

/// Without this, `join_set` need not exist.
#[tokio::test]
async fn tasks_of_a_set_of_tokio_that_is_dropped_outlive_it() {
    let held = Held::default();
    let mut set = JoinSet::new();
    let holds = held.hold();
    set.spawn(async move {
        pending::<()>().await;
        drop(holds);
    });
    yield_now().await;
    drop(set);
    assert_eq!(
        held.count(),
        1,
        "this release of tokio drops the tasks of a set with it (1.54.1 does not): change the row \
         in the README"
    );
    until("the end of the task", async || match held.count() {
        0 => Ok(()),
        some => Err(some),
    })
    .await;
}
