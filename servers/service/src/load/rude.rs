//! Clients that leave, and clients that stall.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use super::asked::End;
use super::patient::{PATIENCE, parts};
use super::plan::{Ask, Manner};
use crate::bank::TIME_LIMIT;

/// Longer than any request may take.
const STALL: Duration = TIME_LIMIT.saturating_add(Duration::from_millis(200));

/// So little is read ahead by a client that stalls.
const NARROW: u32 = 4096;

/// Asks in a manner, and gives what was told to the client until it left.
pub async fn ask(address: SocketAddr, manner: Manner, ask: &Ask, second: &Ask) -> End {
    match behave(address, manner, ask, second).await {
        Ok(bytes) => end_of(&bytes),
        Err(_) => End::Silence,
    }
}

async fn behave(
    address: SocketAddr,
    manner: Manner,
    ask: &Ask,
    second: &Ask,
) -> io::Result<Vec<u8>> {
    let socket = TcpSocket::new_v4()?;
    if manner == Manner::StallsReading {
        socket.set_recv_buffer_size(NARROW)?;
    }
    let mut stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    let mut request = bytes(ask);
    match manner {
        Manner::Stays | Manner::HalfCloses => {
            stream.write_all(&request).await?;
            stream.shutdown().await?;
            return read_to_end(&mut stream).await;
        }
        Manner::StallsSending => {
            stream.write_all(&request[..request.len() - 10]).await?;
            return read_some(&mut stream).await;
        }
        Manner::StallsReading => {
            stream.write_all(&request).await?;
            sleep(STALL).await;
        }
        Manner::Leaves(soon) | Manner::Resets(soon) => {
            stream.write_all(&request).await?;
            sleep(soon).await;
            if matches!(manner, Manner::Resets(_)) {
                stream.set_zero_linger()?;
            }
        }
        Manner::Pipelines(soon) => {
            request.extend(bytes(second));
            stream.write_all(&request).await?;
            sleep(soon).await;
        }
    }
    Ok(Vec::new())
}

async fn read_to_end(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await??;
    Ok(answer)
}

async fn read_some(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer = vec![0; 4096];
    let read = timeout(PATIENCE, stream.read(&mut answer)).await??;
    answer.truncate(read);
    Ok(answer)
}

fn bytes(ask: &Ask) -> Vec<u8> {
    let (method, path, body) = parts(ask);
    let mut bytes = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    bytes
}

/// The status of the answer, if there is one: `HTTP/1.1 200 OK`.
fn end_of(answer: &[u8]) -> End {
    let status = answer
        .get(9..12)
        .and_then(|status| str::from_utf8(status).ok());
    let status = status.and_then(|status| status.parse().ok());
    status.map_or(End::Silence, End::Status)
}
