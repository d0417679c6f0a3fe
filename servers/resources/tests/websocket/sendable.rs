//! Work with a WebSocket can be spawned. It compiles, or does not.

use forwith::{async_for, async_with};
use forwith_resources::tokio_tungstenite::websocket;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{accept_async, connect_async};

fn spawned<F: Future + Send + 'static>(_: fn() -> F) {}

#[test]
fn work_with_a_websocket_is_send() {
    async fn client() -> Result<(), Error> {
        async_with!(websocket(connect_async("ws://localhost/")) as socket, {
            socket.send(Message::text("hello")).await?;
            async_for!(for message in socket {
                message?;
                tokio::task::yield_now().await;
            });
            Ok::<_, Error>(())
        })?
    }
    async fn server() -> Result<(), Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (stream, _) = listener.accept().await?;
        async_with!(websocket(accept_async(stream)) as socket, {
            while let Some(message) = socket.receive().await {
                socket.send(message?).await?;
            }
            Ok::<_, Error>(())
        })?
    }
    spawned(client);
    spawned(server);
}
