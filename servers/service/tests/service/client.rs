//! A client of HTTP/1.0, whose answers end with the connection.

use std::net::SocketAddr;

use forwith_testing::{soon, until};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// An answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body, which is JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends a request, and gives the connection.
pub async fn send(address: SocketAddr, method: &str, path: &str, body: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    // So a client that does not read holds the service up.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads the answer to its end.
pub async fn answer(mut stream: TcpStream) -> Answer {
    let mut answer = String::new();
    let read = soon("an answer", stream.read_to_string(&mut answer)).await;
    read.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).unwrap();
    Answer {
        status: status.parse().unwrap(),
        body: body.into(),
    }
}

/// Asks, and gives the answer.
pub async fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> Answer {
    answer(send(address, method, path, body).await).await
}

/// The body of an order.
pub fn order(key: &str, from: i64, to: i64, cents: i64) -> String {
    json!({ "key": key, "from": from, "to": to, "cents": cents }).to_string()
}

/// Asks for a transfer.
pub async fn transfer(address: SocketAddr, order: &str) -> Answer {
    ask_in_time(address, "POST", "/transfers", order).await
}

/// Asks again where the time limit has ended a request, as it may on a busy machine.
pub async fn ask_in_time(address: SocketAddr, method: &str, path: &str, body: &str) -> Answer {
    until("an answer in time", async || {
        let answer = ask(address, method, path, body).await;
        if answer.status == 408 {
            Err(answer)
        } else {
            Ok(answer)
        }
    })
    .await
}
