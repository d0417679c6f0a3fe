//! Blocks with a browser that are struck, on the driver of the tests.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::fantoccini::{Error, browser};
use tokio::sync::Semaphore;

use crate::driver::Driver;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, poll_times, strike};
use forwith_testing::{soon, until};

async fn assert_gone(driver: &Driver, what: &str) {
    until(
        &format!("the end of the sessions: {what}"),
        async || match driver.sessions() {
            0 => Ok(()),
            many => Err(many),
        },
    )
    .await;
}

#[tokio::test]
async fn browser_is_gone_behind_its_body() {
    let driver = Driver::default().start().await;
    for kind in ["completes", "fails", "panics", "closes the last window"] {
        let mut ended = Ok(());
        let panicked = caught(async {
            ended = async {
                async_with!(browser(driver.connect()) as client, {
                    client.goto("http://page").await?;
                    assert_eq!(driver.sessions(), 1);
                    match kind {
                        "fails" => Err(fantoccini::error::CmdError::WaitTimeout)?,
                        "panics" => panic!("oh"),
                        "completes" => {}
                        _ => driver.lose_sessions(),
                    }
                    Ok::<_, Error>(())
                })?
            }
            .await;
        })
        .await;
        assert_eq!(panicked.is_some(), kind == "panics", "{panicked:?}");
        assert_eq!(ended.is_err(), kind == "fails", "{ended:?}");
        assert_eq!(driver.sessions(), 0, "right behind a body that {kind}");
    }
}

#[tokio::test]
async fn browser_is_struck_in_each_phase() {
    let driver = Driver::default().start().await;
    let phase = Cell::new(Phase::Enter);
    let work = async || -> Result<(), Error> {
        async_with!(browser(driver.connect()) as client, {
            phase.set(Phase::Body);
            client.goto("http://page").await?;
            client.title().await?;
            phase.set(Phase::Exit);
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let mut time = 1;
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let made = driver.made.load(Ordering::SeqCst);
                let ended = strike(kind, at, time, &phase, work()).await;
                if kind != Strike::DroppedWithoutReaper {
                    // A browser that is on its way comes all the same.
                    assert_eq!(driver.made.load(Ordering::SeqCst), made + 1, "{what}");
                    assert_eq!(driver.sessions(), 0, "behind the exit: {what}");
                }
                assert_gone(&driver, &what).await;
                if let Ended::First(ended) = ended {
                    ended.unwrap();
                    assert!(time > 1 || at == Phase::Exit, "no strike: {what}");
                    break;
                }
                time += 1;
                assert!(time < 100, "no end: {what}");
            }
        }
    }
}

/// Several blocks side by side, each with a browser, are cancelled while they load a page.
#[tokio::test]
async fn browsers_side_by_side_are_cancelled() {
    let loads = Arc::new(Semaphore::new(0));
    let driver = Driver {
        loads: Some(loads.clone()),
        ..Driver::default()
    };
    let driver = driver.start().await;
    let work = async || -> Result<(), Error> {
        async_with!(browser(driver.connect()) as client, {
            client.goto("http://page").await?;
        })
    };
    let stop = CancelToken::new();
    let three = async { tokio::join!(work(), work(), work()) };
    let cancelled = scope(three, stop.cancelled());
    let strike = async {
        until("three browsers", async || match driver.sessions() {
            3 => Ok(()),
            other => Err(other),
        })
        .await;
        stop.cancel();
        loads.add_permits(1); // the pages load, one after the other
    };
    let (ended, ()) = soon("the exits", async { tokio::join!(cancelled, strike) }).await;
    assert!(ended.is_err());
    assert_eq!(driver.sessions(), 0);
}

/// The driver goes on to start a browser, whoever waits for it.
#[tokio::test]
async fn browser_that_starts_behind_its_limit_is_closed() {
    let starts = Arc::new(Semaphore::new(0));
    let driver = Driver {
        starts: Some(starts.clone()),
        ..Driver::default()
    };
    let driver = driver.start().await;
    let limit = Duration::from_millis(20);
    let ended: Result<(), Error> = async {
        async_with!(browser(driver.connect()).connect_limit(limit), {
            unreachable!("it has not started")
        })
    }
    .await;
    assert!(matches!(ended, Err(Error::NotConnected(_))), "{ended:?}");
    starts.add_permits(1);
    until("the start", async || match starts.available_permits() {
        0 => Ok(()),
        other => Err(other),
    })
    .await;
    assert_gone(&driver, "behind the limit").await;
}

/// A page loads without end, so that the exit cannot be done.
#[tokio::test]
async fn exit_that_takes_too_long_is_bounded() {
    let loads = Arc::new(Semaphore::new(0));
    let driver = Driver {
        loads: Some(loads.clone()),
        ..Driver::default()
    };
    let driver = driver.start().await;
    let work = async {
        let browser = browser(driver.connect()).close_limit(Duration::from_millis(20));
        async_with!(browser as client, {
            assert!(poll_times(2, client.goto("http://page")).await.is_none());
        })
    };
    let ended: Result<(), Error> = soon("the exit", work).await;
    assert!(matches!(ended, Err(Error::NotClosed(_))), "{ended:?}");
    assert_eq!(driver.sessions(), 1);
    loads.add_permits(1);
    assert_gone(&driver, "behind the page").await;
}

/// The library's own `close` would say that all is well.
#[tokio::test]
async fn exit_that_the_driver_refuses_fails() {
    let driver = Driver {
        refuses: true,
        ..Driver::default()
    };
    let driver = driver.start().await;
    let ended: Result<(), Error> = async {
        async_with!(browser(driver.connect()), {
            assert_eq!(driver.sessions(), 1)
        })
    }
    .await;
    let error = ended.unwrap_err();
    assert!(error.to_string().contains("it does not end"), "{error:?}");
    assert_eq!(driver.sessions(), 1);
}

#[tokio::test]
async fn exit_fails_if_the_driver_is_gone() {
    let server = tokio::runtime::Runtime::new().unwrap();
    let driver = server.spawn(Driver::default().start()).await.unwrap();
    let ended: Result<(), Error> = soon("the exit", async {
        async_with!(browser(driver.connect()), { server.shutdown_background() })
    })
    .await;
    assert!(matches!(ended, Err(Error::Command(_))), "{ended:?}");
    assert_eq!(driver.sessions(), 1);
}

#[tokio::test]
async fn driver_that_is_not_there_is_an_error_of_the_enter() {
    let driver = Driver {
        port: forwith_testing::free_port(),
        ..Driver::default()
    };
    let ended: Result<(), Error> =
        async { async_with!(browser(driver.connect()), { unreachable!() }) }.await;
    assert!(matches!(ended, Err(Error::NewSession(_))), "{ended:?}");
}

/// A clone does not keep the session.
#[tokio::test]
async fn clone_of_the_client_fails_behind_the_exit() {
    let driver = Driver::default().start().await;
    let mut kept = None;
    let ended: Result<(), Error> = async {
        async_with!(browser(driver.connect()) as client, {
            kept = Some((**client).clone())
        })
    }
    .await;
    ended.unwrap();
    assert_eq!(driver.sessions(), 0);
    let error = soon("the clone", kept.unwrap().title()).await.unwrap_err();
    assert!(error.is_invalid_session_id(), "{error:?}");
}

/// Work with a browser can be spawned. It compiles, or does not.
#[test]
fn work_with_a_browser_is_send() {
    fn spawned<F: Future + Send + 'static>(_: fn(Driver) -> F) {}
    async fn work(driver: Driver) -> Result<(), Error> {
        async_with!(browser(driver.connect()) as client, {
            client.goto("http://page").await?;
        })
    }
    spawned(work);
}
