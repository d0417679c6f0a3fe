//! Loses an exit: without a subscriber, with one for other crates only, or with one for all.

use forwith::async_with;
use forwith_tracing_tests::{Collected, Db};
use futures::FutureExt;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

fn main() {
    let collected = Collected::default();
    let listener = std::env::args().nth(1);
    match listener.as_deref() {
        None => {}
        Some("others") => {
            let targets = Targets::new().with_target("another_crate", LevelFilter::TRACE);
            install(collected.subscriber().with(targets));
        }
        Some(_) => install(collected.subscriber()),
    }
    let work = async {
        async_with!(async { Ok(Db::new()) }, {
            std::future::pending::<()>().await
        })
    };
    assert!(work.now_or_never().is_none());
    for line in collected.take() {
        println!("{line}");
    }
}

fn install(subscriber: impl Subscriber + Send + Sync + 'static) {
    tracing::subscriber::set_global_default(subscriber).expect("it is the first");
}
