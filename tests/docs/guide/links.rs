//! Everything in other crates that the guide links to. It exists if this file compiles, and a test
//! compares this file with the links.

#![allow(unused_imports, clippy::single_component_path_imports)]

use blocking::unblock;
use forwith_runtime;
use forwith_runtime::Deadline;
use forwith_runtime::Executor;
use forwith_runtime::JoinHandle;
use forwith_runtime::TaskGroup;
use forwith_runtime::Timeline;
use forwith_runtime::block_on;
use forwith_runtime::by_hand::Coroutine;
use forwith_runtime::by_hand::Request;
use forwith_runtime::gather;
use forwith_runtime::now;
use forwith_runtime::sleep;
use forwith_runtime::sleep_until;
use forwith_runtime::spawn;
use forwith_runtime::spawn_named;
use forwith_runtime::task::JoinError;
use forwith_runtime::time::Elapsed;
use forwith_runtime::timeout;
use forwith_runtime::timeout_at;
use forwith_runtime::yield_now;
use futures::channel::mpsc;
use futures::channel::oneshot;
use futures::future::join_all;
use futures::future::select;
use futures::future::select_all;
use futures::future::try_join_all;
use futures::join;
use futures::stream::FuturesUnordered;
use futures::stream::iter;
use futures::stream::unfold;
use tokio::signal::ctrl_c;
use tokio::sync::Barrier;
use tokio::sync::Mutex;
use tokio::sync::Notify;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::task_local;

/// What cannot be imported.
#[allow(dead_code)]
fn members() {
    use futures::stream::{Collect, Empty};
    use std::future::Ready;

    let _ = forwith_runtime::by_hand::Coroutine::<Ready<()>>::send;
    let _ = forwith_runtime::Executor::block_on::<Ready<()>>;
    let _ = forwith_runtime::Executor::with_virtual_clock;
    let _ = forwith_runtime::JoinHandle::<()>::cancel;
    let _ = forwith_runtime::JoinHandle::<()>::is_finished;
    let _ = forwith_runtime::by_hand::Reply::Granted;
    let _ = forwith_runtime::by_hand::Reply::Now;
    let _: fn(Empty<()>) -> Collect<_, Vec<()>> = futures::stream::StreamExt::collect;
    let _: fn(Empty<()>, fn(())) -> _ = futures::stream::StreamExt::map;
    let _: fn(&'static mut Empty<()>) -> _ = futures::stream::StreamExt::next;
    let _ = forwith_runtime::Timeline::summary;
    let _ = forwith_runtime::Timeline::svg;
    let _ = forwith_runtime::time::Sleep::reset;
    let _ = tokio::runtime::Handle::spawn::<Ready<()>>;
}
