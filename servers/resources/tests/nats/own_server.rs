//! A server of a test's own, which can be killed, and tells of its connections.

use std::io::{Read, Write};
use std::net::TcpStream;

use forwith_testing::{Server, free_port, start_nats, until};

/// A server that can be killed, with a port that tells of its connections.
pub struct OwnServer {
    pub server: &'static Server,
    monitor: u16,
}

impl OwnServer {
    /// Starts it where the program is installed.
    pub fn start() -> Option<OwnServer> {
        let monitor = free_port();
        let server = start_nats(&format!("--http_port {monitor}"))?;
        Some(OwnServer {
            server: Box::leak(Box::new(server)),
            monitor,
        })
    }

    /// What the server says of its open connections and their subscriptions, as text.
    fn connections(&self) -> String {
        let mut monitor = TcpStream::connect(("127.0.0.1", self.monitor)).unwrap();
        let get = b"GET /connz?subs=1 HTTP/1.0\r\n\r\n";
        monitor.write_all(get).unwrap();
        let mut answer = String::new();
        monitor.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The number of connections with this name.
    pub fn connections_of(&self, name: &str) -> usize {
        let name = format!("\"name\": \"{name}\"");
        self.connections().matches(&name).count()
    }

    /// The number of subscriptions to subjects that begin like this.
    pub fn subscriptions_to(&self, subject: &str) -> usize {
        self.connections().matches(&format!("\"{subject}")).count()
    }

    pub async fn until_no_connections_of(&self, name: &str, what: &str) {
        until(
            &format!("that all is closed: {what}"),
            async || match self.connections_of(name) {
                0 => Ok(()),
                other => Err(other),
            },
        )
        .await;
    }
}
