//! Servers and clients of tonic.

use std::time::Duration;

use axum::body::Bytes;
use forwith::async_with;
use forwith_tower::TrackLayer;
use futures::{Stream, StreamExt};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::common::{App, hold, open, paced, pass, soon};

struct Service(App);

#[tonic::async_trait]
impl Health for Service {
    /// Holds a resource until its door opens.
    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let app = self.0.clone();
        let done: Result<(), String> = async_with!(hold(&app), {
            app.log.push("waits");
            pass(&app.doors.body).await;
        });
        done.map_err(Status::internal)?;
        Ok(Response::new(answer()))
    }

    type WatchStream =
        std::pin::Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    /// Streams without an end, and holds a resource meanwhile.
    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let frames = paced(self.0.clone(), Bytes::new(), usize::MAX, 3);
        Ok(Response::new(Box::pin(frames.map(|_| Ok(answer())))))
    }
}

fn answer() -> HealthCheckResponse {
    HealthCheckResponse {
        status: ServingStatus::Serving.into(),
    }
}

fn ask() -> Request<HealthCheckRequest> {
    Request::new(HealthCheckRequest::default())
}

async fn serve(layer: impl FnOnce(TrackLayer) -> TrackLayer) -> (App, HealthClient<Channel>) {
    let app = App::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder()
        .layer(layer(app.tracker.layer()))
        .add_service(HealthServer::new(Service(app.clone())))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), app.tracker.closing());
    tokio::spawn(server);
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap();
    (app, HealthClient::new(channel.connect().await.unwrap()))
}

#[tokio::test]
async fn a_call_that_is_dropped_is_cancelled_and_its_exit_awaited() {
    let (app, mut client) = serve(|layer| layer).await;
    let call = tokio::spawn(async move { client.check(ask()).await });
    app.log.until("waits").await;
    call.abort();
    app.log.until("exit Cancelled").await;
    assert_eq!(app.tracker.running(), 1);
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_stream_that_is_dropped_is_cancelled_and_its_exit_awaited() {
    let (app, mut client) = serve(|layer| layer).await;
    let mut stream = client.watch(ask()).await.unwrap().into_inner();
    soon("a message", stream.next()).await.unwrap().unwrap();
    drop(stream);
    app.log.until("exit Cancelled").await;
    assert_eq!(app.tracker.running(), 1);
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn the_limit_is_a_deadline_exceeded() {
    for at_once in [false, true] {
        let (app, mut client) = serve(|layer| {
            let layer = layer.time_limit(Duration::from_millis(50));
            if at_once {
                layer.answer_at_once()
            } else {
                layer
            }
        })
        .await;
        if !at_once {
            open(&app.doors.exit);
        }
        let status = soon("an answer", client.check(ask())).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
        assert_eq!(status.message(), "the time limit passed");
        app.log.until("exit Cancelled").await;
        open(&app.doors.exit);
        app.log.until("exited").await;
        app.until_idle().await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_a_deadline_exceeded_at_the_limit() {
    let (app, mut client) = serve(|layer| layer.time_limit(Duration::from_millis(50))).await;
    open(&app.doors.exit);
    let mut stream = client.watch(ask()).await.unwrap().into_inner();
    let status = loop {
        match soon("a message", stream.next()).await {
            Some(Ok(_)) => {}
            Some(Err(status)) => break status,
            None => panic!("a stream that was cut looks whole"),
        }
    };
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    app.log.until("exited").await;
    app.until_idle().await;
}

/// tonic's own server bounds the head of a response by `grpc-timeout`, but not its stream.
#[tokio::test]
async fn the_deadline_of_the_client_bounds_a_stream() {
    let (app, mut client) = serve(|layer| layer).await;
    let mut request = ask();
    request
        .metadata_mut()
        .insert("grpc-timeout", "500m".parse().unwrap());
    let mut stream = client.watch(request).await.unwrap().into_inner();
    let reading = async move { while let Some(Ok(_)) = stream.next().await {} };
    tokio::spawn(async move { soon("the end of the stream", reading).await });
    app.log.until("exit Cancelled").await;
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_shutdown_is_unavailable() {
    let (app, mut client) = serve(|layer| layer).await;
    open(&app.doors.exit);
    let call = tokio::spawn(async move { client.check(ask()).await });
    app.log.until("waits").await;
    let left = app.tracker.shut_down().wait(Duration::ZERO).await;
    assert!(left.is_empty(), "{left}");
    let status = soon("an answer", call).await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}
