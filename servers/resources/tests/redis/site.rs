//! What the tests ask the server.

use std::path::Path;
use std::process::Command;

use forwith_testing::{Server, redis};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, cmd};

/// The client of a test, and a connection of somebody else.
pub struct Site {
    pub name: &'static str,
    pub client: Client,
    pub admin: MultiplexedConnection,
}

impl Site {
    /// A site on the server of all tests. Its connections are slow, so that each answer is waited
    /// for.
    pub async fn new(name: &'static str) -> Option<Site> {
        Some(Site::of(name, redis()?).await)
    }

    pub async fn of(name: &'static str, server: &Server) -> Site {
        let client = client_of(server.slow_port);
        let admin = conn(&client_of(server.port)).await;
        Site {
            name,
            client,
            admin,
        }
    }

    /// A connection that is shared.
    pub async fn shared(&self) -> MultiplexedConnection {
        conn(&self.client).await
    }

    /// Asks the server as somebody else.
    pub async fn ask<T: redis::FromRedisValue>(&self, command: &str) -> T {
        let mut words = command.split(' ');
        let mut cmd = cmd(words.next().unwrap());
        words.for_each(|word| _ = cmd.arg(word));
        cmd.query_async(&mut self.admin.clone()).await.unwrap()
    }

    /// Whether somebody has the lock of this name.
    pub async fn is_locked(&self) -> bool {
        self.ask(&format!("EXISTS {}", self.name)).await
    }

    /// The ids of all connections at the server.
    pub async fn ids(&self) -> Vec<u64> {
        let list: String = self.ask("CLIENT LIST").await;
        let ids = list.lines().filter_map(|line| {
            let id = line.split(' ').next()?.strip_prefix("id=")?;
            id.parse().ok()
        });
        ids.collect()
    }

    /// Whether a connection with this id is there, and what it does.
    pub async fn client(&self, id: u64) -> Option<String> {
        let list: String = self.ask(&format!("CLIENT LIST ID {id}")).await;
        Some(list).filter(|list| !list.is_empty())
    }
}

pub fn client_of(port: u16) -> Client {
    Client::open(("127.0.0.1", port)).unwrap()
}

/// A connection that waits as long as it takes.
async fn conn(client: &Client) -> MultiplexedConnection {
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(None);
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .unwrap()
}

/// A server of its own, which can be ended, and started again.
pub struct Own {
    server: Server,
}

impl Own {
    pub fn start() -> Option<Own> {
        redis()?; // says so if it is not installed
        let script = "set -e\n\
             PATH=$PATH:/usr/sbin\n\
             redis-server --bind 127.0.0.1 --port $port --save '' --dir \"$dir\" &\n\
             server=$!\n\
             echo $server >pid\n\
             signal=KILL\n\
             until grep -q 'Ready to accept connections' log\n\
             do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e";
        let server = Server::start("redis-own", "root", script).unwrap();
        Some(Own { server })
    }

    /// Sends a signal to the server.
    pub fn signal(&self, signal: &str) {
        let pid = std::fs::read_to_string(self.server.dir.join("pid")).unwrap();
        let status = Command::new("kill").args([signal, pid.trim()]).status();
        assert!(status.unwrap().success());
    }

    pub fn port(&self) -> u16 {
        self.server.port
    }

    pub async fn site(&self) -> Site {
        Site::of("own", &self.server).await
    }

    /// Starts one more server on the same port, which has forgotten all.
    pub fn start_again(&self) -> Child {
        start_at(self.server.port, &self.server.dir)
    }
}

/// A server that ends with this.
pub struct Child(std::process::Child);

impl Drop for Child {
    fn drop(&mut self) {
        drop((self.0.kill(), self.0.wait()));
    }
}

fn start_at(port: u16, dir: &Path) -> Child {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    let child = Command::new("redis-server")
        .env("PATH", path)
        .args(["--bind", "127.0.0.1", "--save", "", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(dir)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    Child(child)
}

macro_rules! site {
    ($name:literal) => {
        match $crate::site::Site::new(concat!("site:", $name)).await {
            Some(site) => site,
            None => return,
        }
    };
}

pub(crate) use site;
