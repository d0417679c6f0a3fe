//! What the log of a program is told.

use std::fmt::{Debug, Write};
use std::sync::{LazyLock, Mutex, Once};
use std::time::Duration;

use axum::extract::State;
use forwith::{OwnedExit, OwnedOutcome, async_with};
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::common::{App, open, until};

static EVENTS: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);

struct Hears;

#[derive(Default)]
struct Fields {
    method: String,
    path: String,
    others: String,
}

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        match field.name() {
            "method" => self.method = format!("{value:?}"),
            "path" => self.path = format!("{value:?}"),
            "message" => write!(self.others, "{value:?}").unwrap(),
            name => write!(self.others, "; {name}: {value:?}").unwrap(),
        }
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Hears {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("forwith_tower") {
            let mut fields = Fields::default();
            event.record(&mut fields);
            let Fields {
                method,
                path,
                others,
            } = fields;
            let level = event.metadata().level();
            EVENTS
                .lock()
                .unwrap()
                .push(format!("{method} {path}: {level} {others}"));
        }
    }
}

/// Hears all events of the process.
pub fn hear() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hears = tracing_subscriber::registry().with(Hears);
        tracing::subscriber::set_global_default(hears).unwrap();
    });
}

/// The events of requests with that method and path.
pub fn of(request: &str) -> Vec<String> {
    let events = EVENTS.lock().unwrap();
    let own = events
        .iter()
        .filter_map(|event| event.strip_prefix(request)?.strip_prefix(": "));
    own.map(String::from).collect()
}

#[tokio::test]
async fn a_client_that_left_is_logged_and_gets_nothing() {
    let app = App::new();
    open(&app.doors.exit);
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait/gone?secret=1").await;
    app.log.until("waits").await;
    drop(client);
    app.until_idle().await;
    assert_eq!(
        of("GET /wait/gone"),
        ["INFO a request is cancelled; reason: the client left"]
    );
}

#[tokio::test]
async fn a_request_that_ends_is_not_logged() {
    let app = App::new();
    open(&app.doors.exit);
    open(&app.doors.body);
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait/fine").await;
    client.read_until("done").await;
    app.until_idle().await;
    assert_eq!(of("GET /wait/fine"), [""; 0]);
}

struct Fails(&'static str);

impl OwnedExit for Fails {
    type Error = String;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), String> {
        Err(format!("{} is disconnected", self.0))
    }
}

/// Both exits fail behind a body that has failed, so nobody is given their errors.
async fn fails(State(app): State<App>) -> String {
    let failed: Result<(), String> = async {
        async_with!(
            async { Ok(Fails("the database")) },
            async { Ok(Fails("the lock")) },
            {
                app.log.push("waits");
                crate::common::pass(&app.doors.body).await;
                Err::<(), _>(String::from("no such key"))?;
            }
        )
    }
    .await;
    failed.unwrap_err()
}

fn router(app: &App, path: &str) -> axum::Router {
    let router = axum::Router::new().route(path, axum::routing::get(fails));
    router
        .layer(app.tracker.layer().time_limit(Duration::from_secs(30)))
        .with_state(app.clone())
}

const ERRORS: [&str; 2] = [
    "ERROR an exit in a request went wrong; resource: servers::events::Fails; \
     error: the exit of servers::events::Fails failed: \"the lock is disconnected\"",
    "ERROR an exit in a request went wrong; resource: servers::events::Fails; \
     error: the exit of servers::events::Fails failed: \"the database is disconnected\"",
];

#[tokio::test]
async fn errors_of_exits_that_give_way_are_logged_with_the_request() {
    hear();
    let app = App::new();
    open(&app.doors.body);
    let server = app.serve_router(router(&app, "/fails/after")).await;
    let mut client = server.connect().await;
    client.get("/fails/after").await;
    client.read_until("no such key").await;
    until("both errors", || match of("GET /fails/after") {
        events if events.len() == 2 => Ok(()),
        events => Err(events),
    })
    .await;
    assert_eq!(of("GET /fails/after"), ERRORS);
}

#[tokio::test]
async fn errors_of_exits_that_a_cancellation_began_are_logged_with_the_request() {
    hear();
    let app = App::new();
    let server = app.serve_router(router(&app, "/fails/in")).await;
    let mut client = server.connect().await;
    client.get("/fails/in").await;
    app.log.until("waits").await;
    drop(client);
    app.until_idle().await;
    let events = of("GET /fails/in");
    assert_eq!(
        events[0],
        "INFO a request is cancelled; reason: the client left"
    );
    assert_eq!(events[1..], ERRORS);
}
