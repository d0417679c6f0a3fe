//! What the tests ask the server.

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

macro_rules! site {
    ($name:literal) => {
        match $crate::site::Site::new(concat!("site:", $name)).await {
            Some(site) => site,
            None => return,
        }
    };
}

pub(crate) use site;
