//! The ways of one worker to the servers, which can be held up and cut.

use forwith_testing::{NatsCluster, Server, Way};

/// What a worker needs to know to reach the servers.
#[derive(Clone)]
pub struct Urls {
    pub nats: Vec<String>,
    pub postgres: String,
}

impl Urls {
    /// The servers themselves.
    pub fn of(nats: &NatsCluster, postgres: &Server) -> Self {
        Urls {
            nats: nats.urls(),
            postgres: postgres_url(postgres.port),
        }
    }
}

fn postgres_url(port: u16) -> String {
    format!("postgres://test@127.0.0.1:{port}/postgres")
}

/// A network between one worker and all servers.
pub struct Network {
    nats: Vec<Way>,
    postgres: Way,
}

impl Network {
    pub fn to(nats: &NatsCluster, postgres: &Server) -> Self {
        Network {
            nats: nats
                .servers
                .iter()
                .map(|server| Way::to(server.port))
                .collect(),
            postgres: Way::to(postgres.port),
        }
    }

    pub fn urls(&self) -> Urls {
        let url = |way: &Way| format!("nats://127.0.0.1:{}", way.port);
        Urls {
            nats: self.nats.iter().map(url).collect(),
            postgres: postgres_url(self.postgres.port),
        }
    }

    /// Lets nothing through any more, and nobody hears of it.
    pub fn hold(&self) {
        self.ways().for_each(|way| way.hold(true));
    }

    /// Closes all connections, and lets new ones through. What was held up is lost, or arrives late
    /// where nobody waits for the answer any more.
    pub fn cut(&self, arrives_late: bool) {
        for way in self.ways() {
            if !arrives_late {
                way.cut();
            }
            way.hold(false);
            way.cut();
        }
    }

    fn ways(&self) -> impl Iterator<Item = &Way> {
        self.nats.iter().chain([&self.postgres])
    }
}
