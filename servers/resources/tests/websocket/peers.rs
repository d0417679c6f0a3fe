//! Peers on the other end of a connection over the loopback.

use futures::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

pub type Socket = WebSocketStream<TcpStream>;

/// What the side under test is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    Client,
    Server,
}

pub const SIDES: [Side; 2] = [Side::Client, Side::Server];

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }

    /// Shakes hands on this side.
    pub async fn open(self, stream: TcpStream) -> Result<Socket, Error> {
        match self {
            Side::Client => {
                let opened = client_async("ws://localhost/", stream).await;
                opened.map(|(socket, _)| socket)
            }
            Side::Server => accept_async(stream).await,
        }
    }
}

/// Two ends of a connection.
pub async fn streams() -> (TcpStream, TcpStream) {
    ends(TcpSocket::new_v4().unwrap(), TcpSocket::new_v4().unwrap()).await
}

/// Two ends of a connection that holds little of what the first one sends.
pub async fn narrow_streams() -> (TcpStream, TcpStream) {
    let (ours, theirs) = (TcpSocket::new_v4().unwrap(), TcpSocket::new_v4().unwrap());
    ours.set_send_buffer_size(4096).unwrap();
    theirs.set_recv_buffer_size(4096).unwrap();
    ends(ours, theirs).await
}

async fn ends(ours: TcpSocket, theirs: TcpSocket) -> (TcpStream, TcpStream) {
    theirs.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = theirs.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let (ours, theirs) = tokio::join!(ours.connect(address), listener.accept());
    (ours.unwrap(), theirs.unwrap().0)
}

/// Two ends of a WebSocket: the one under test, which is on this side, and the peer's.
pub async fn sockets(side: Side) -> (Socket, Socket) {
    let (ours, theirs) = streams().await;
    let (ours, theirs) = tokio::join!(side.open(ours), side.other().open(theirs));
    (ours.unwrap(), theirs.unwrap())
}

/// What a peer has seen, until it has seen the end.
pub type Seen = JoinHandle<Vec<String>>;

/// A peer that answers each text with the same one, until the end.
pub fn echo(socket: Socket) -> Seen {
    tokio::spawn(echo_all(socket))
}

/// A peer that shakes hands, and then is an echo.
pub fn connecting_echo(side: Side, stream: TcpStream) -> Seen {
    tokio::spawn(async move {
        match side.open(stream).await {
            Ok(socket) => echo_all(socket).await,
            Err(error) => vec![format!("handshake: {error}")],
        }
    })
}

async fn echo_all(mut socket: Socket) -> Vec<String> {
    let mut seen = Vec::new();
    while let Some(message) = socket.next().await {
        if let Ok(Message::Text(text)) = &message {
            drop(socket.send(Message::Text(text.clone())).await);
        }
        seen.push(told(&message));
    }
    seen
}

/// A message, or the end, in words.
pub fn told(message: &Result<Message, Error>) -> String {
    match message {
        Ok(Message::Text(text)) => text.to_string(),
        Ok(Message::Close(Some(frame))) => {
            let (code, reason) = (u16::from(frame.code), &frame.reason);
            format!("close {code} {reason}").trim_end().into()
        }
        Ok(other) => format!("{} bytes", other.len()),
        Err(error) => format!("error: {error}"),
    }
}
