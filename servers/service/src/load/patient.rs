//! Clients that wait for their answers.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::asked::End;
use super::plan::Ask;

/// How long anybody waits for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A client with a connection that it keeps.
pub struct Patient {
    address: SocketAddr,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Patient {
    pub fn new(address: SocketAddr) -> Self {
        Patient {
            address,
            connection: None,
        }
    }

    /// Asks, and reads the answer to its end.
    pub async fn ask(&mut self, ask: &Ask) -> End {
        if let Ok(Ok(end)) = timeout(PATIENCE, self.try_ask(ask)).await {
            return end;
        }
        self.connection = None;
        End::Silence
    }

    async fn try_ask(&mut self, ask: &Ask) -> hyper::Result<End> {
        if let Some(kept) = &mut self.connection
            && kept.ready().await.is_err()
        {
            self.connection = None; // the server has closed it
        }
        let connection = match &mut self.connection {
            Some(kept) => kept,
            none => none.insert(connect(self.address).await?),
        };
        let answer = connection.send_request(request(ask)).await?;
        let status = answer.status().as_u16();
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                self.connection = None;
                return Ok(End::CutShort);
            }
        }
        Ok(End::Status(status))
    }
}

async fn connect(address: SocketAddr) -> hyper::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.expect("the service listens");
    stream.set_nodelay(true).expect("a socket is set");
    let (client, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The method, the path and the body.
pub(super) fn parts(ask: &Ask) -> (Method, String, Vec<u8>) {
    match ask {
        Ask::Transfer(order) => {
            let order = serde_json::to_vec(order).expect("an order is JSON");
            (Method::POST, "/transfers".into(), order)
        }
        Ask::Report(None) => (Method::GET, "/report".into(), Vec::new()),
        Ask::Report(Some(account)) => {
            let path = format!("/report?account={account}");
            (Method::GET, path, Vec::new())
        }
        Ask::Statement(account) => {
            let path = format!("/statements?account={account}");
            (Method::POST, path, Vec::new())
        }
    }
}

fn request(ask: &Ask) -> Request<Full<Bytes>> {
    let (method, path, body) = parts(ask);
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body.into()))
        .expect("a request")
}
