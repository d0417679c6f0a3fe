//! Panics, which stay panics: a server behaves as without the layer.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{App, Serving, open};

/// Whether a future was polled behind its panic.
static IS_POLLED_ON: AtomicBool = AtomicBool::new(false);

fn look_at_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.to_string().contains("resumed after panicking") {
                IS_POLLED_ON.store(true, Ordering::SeqCst);
            }
            before(panic);
        }));
    });
}

async fn both(app: &App) -> [Serving; 2] {
    [
        app.serve_router(app.router()).await,
        app.serve(app.tracker.layer()).await,
    ]
}

#[tokio::test]
async fn a_handler_that_panics_closes_the_connection_behind_its_exit() {
    look_at_panics();
    let app = App::new();
    open(&app.doors.exit);
    for server in both(&app).await {
        let mut client = server.connect().await;
        client.get("/panic").await;
        assert_eq!(client.read_to_end().await, b"");
        app.log.until("exited").await;
        app.until_idle().await;
    }
    assert!(!IS_POLLED_ON.load(Ordering::SeqCst));
    let lines = app.log.lines();
    let exits = lines
        .iter()
        .filter(|line| *line == "exit Panicked(\"in a handler\")");
    assert_eq!(exits.count(), 2, "{lines:?}");
}

#[tokio::test]
async fn a_body_that_panics_closes_the_connection() {
    let app = App::new();
    for server in both(&app).await {
        let mut client = server.connect().await;
        client.get("/panic/stream").await;
        assert_eq!(client.read_to_end().await, b"");
        app.until_idle().await;
    }
}
