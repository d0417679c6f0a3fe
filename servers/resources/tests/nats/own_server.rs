//! A server of a test's own, which can be killed, and tells of its connections.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use forwith_testing::{Server, free_port, nats, until};

/// A server that is started anew when it is killed, with the same ports and files.
pub struct OwnServer {
    pub server: &'static Server,
    monitor: u16,
}

impl OwnServer {
    /// Starts it where the program is installed.
    pub fn start() -> Option<OwnServer> {
        nats()?;
        let monitor = free_port();
        let script = format!(
            "PATH=$PATH:/usr/sbin\n\
             (trap 'kill -KILL $(cat pid); exit' QUIT\n\
              while :; do\n\
                nats-server --addr 127.0.0.1 --port $port --http_port {monitor} --jetstream \
                   --store_dir \"$dir/store\" --pid \"$dir/pid\" &\n\
                wait $!\n\
                while [ -e down ]; do sleep 0.01; done\n\
              done) &\n\
             server=$!\n\
             until grep -q 'Server is ready' log; do kill -0 $server; sleep 0.05; done\n\
             touch ready"
        );
        let server = Server::start("own-nats", "root", &script).unwrap();
        Some(OwnServer {
            server: Box::leak(Box::new(server)),
            monitor,
        })
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::new(&self.server.dir).join(name)
    }

    /// Kills it. It does not come up again before [`up`](OwnServer::up).
    pub fn kill(&self) {
        fs::write(self.file("down"), "").unwrap();
        let id = fs::read_to_string(self.file("pid")).unwrap();
        let kill = Command::new("kill").args(["-KILL", id.trim()]).status();
        assert!(kill.unwrap().success());
    }

    pub fn up(&self) {
        fs::remove_file(self.file("down")).unwrap();
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
