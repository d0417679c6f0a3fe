//! Deadlines of coroutines that are stepped, or scheduled.

use std::future::pending;
use std::time::Duration;

use forwith::scope;
use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
use forwith_runtime::{Deadline, now, sleep, spawn, yield_now};

use crate::common::{run, secs};

#[test]
fn coroutine_asks_for_its_deadline() {
    let deadline = Deadline::at(secs(5));
    let work = {
        let deadline = deadline.clone();
        async move {
            yield_now().await;
            deadline.set(secs(3));
            pending::<()>().await;
        }
    };
    let mut coroutine =
        Coroutine::new(async move { (scope(work, deadline).await.is_err(), now()) });
    coroutine.send(Reply::Granted).unwrap();
    let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) else {
        panic!("it waits for the deadline");
    };
    assert_eq!(
        request.to_string(),
        "Please do not continue until 3 seconds have elapsed (deadline)."
    );
    let ended = coroutine.send(Reply::Granted);
    assert_eq!(ended, Ok(Step::Returned((true, secs(3)))));
}

#[test]
fn deadline_of_a_coroutine_in_a_task_is_moved_outside() {
    run(async {
        let deadline = Deadline::at(secs(60));
        let coroutine = Coroutine::new(scope(pending::<()>(), deadline.clone()));
        let ended = spawn(coroutine.into_future());
        sleep(secs(1)).await;
        deadline.set(secs(3));
        assert!(ended.await.unwrap().is_err());
        assert_eq!(now(), secs(3));
        let coroutine = Coroutine::new(scope(pending::<()>(), deadline.clone()));
        deadline.clear();
        let ended = spawn(coroutine.into_future());
        sleep(secs(1)).await;
        deadline.set(Duration::ZERO);
        assert!(ended.await.unwrap().is_err());
        assert_eq!(now(), secs(4));
    });
}

#[test]
fn coroutine_whose_deadline_is_lifted_asks_for_no_time() {
    let deadline = Deadline::at(secs(5));
    let mut coroutine = Coroutine::new(scope(pending::<()>(), &deadline));
    coroutine.send(Reply::Granted).unwrap();
    deadline.clear(); // by the person
    let asked = coroutine.send(Reply::Now(secs(1)));
    assert_eq!(asked, Ok(Step::Yielded(Request::Other)));
    deadline.set(secs(1));
    let ended = coroutine.send(Reply::Granted);
    assert!(matches!(ended, Ok(Step::Returned(Err(_)))), "{ended:?}");
}
