//! A stream and a consumer on the common server, and what the server says of them.

use std::cell::Cell;
use std::fs;
use std::time::Duration;

use async_nats::jetstream::consumer::{Info, PullConsumer, pull};
use async_nats::jetstream::{self, Context, stream};
use async_nats::{Client, ConnectOptions, Error};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
use forwith_testing::{Server, nats, until};
use futures::StreamExt;

/// So long that a test which waits for it has failed.
pub const ACK_WAIT: Duration = Duration::from_mins(10);

/// A stream of a test, and a consumer with the same name.
pub struct Site {
    pub name: &'static str,
    pub server: &'static Server,
    /// A client of somebody else.
    pub admin: Client,
    pub jetstream: Context,
    /// The consumer, as somebody else has it.
    pub consumer: PullConsumer,
}

macro_rules! site {
    ($name:literal) => {
        match crate::site::Site::new(concat!("nats_", $name)).await {
            Some(site) => site,
            None => return,
        }
    };
}
pub(crate) use site;

impl Site {
    pub async fn new(name: &'static str) -> Option<Site> {
        Some(Site::on(nats()?, name, ACK_WAIT).await)
    }

    pub async fn on(server: &'static Server, name: &'static str, ack_wait: Duration) -> Site {
        let admin = connect(server.port, "admin").await;
        let jetstream = jetstream::new(admin.clone());
        let consumer = make(&jetstream, name, ack_wait).await;
        Site {
            name,
            server,
            admin,
            jetstream,
            consumer,
        }
    }

    /// Waits until the server has written that so many messages were delivered, at most 127.
    ///
    /// It writes that behind the delivery. One that is killed before does not know of it, and
    /// delivers them again, even if they are acknowledged meanwhile.
    pub async fn delivered_is_written(&self, messages: u8) {
        let name = self.name;
        let consumer = format!("store/jetstream/$G/streams/{name}/obs/{name}/o.dat");
        let file = self.server.dir.join(consumer);
        // Behind two bytes that name the format, there are two numbers of acknowledged messages.
        until("the state of the consumer", async || {
            match fs::read(&file) {
                Ok(state) if state.get(4) == Some(&messages) => Ok(()),
                other => Err(other),
            }
        })
        .await;
    }

    /// Makes the stream and its consumer anew, where something may be hidden in them.
    pub async fn make_anew(&self) {
        self.jetstream.delete_stream(self.name).await.unwrap();
        make(&self.jetstream, self.name, ACK_WAIT).await;
    }

    /// The stream and the consumer of a new client, over a port that leads to the server.
    pub async fn over(&self, port: u16) -> (Context, PullConsumer) {
        let jetstream = jetstream::new(connect(port, self.name).await);
        let consumer = jetstream.get_consumer_from_stream(self.name, self.name);
        (jetstream.clone(), consumer.await.unwrap())
    }

    pub async fn slow(&self) -> (Context, PullConsumer) {
        self.over(self.server.slow_port).await
    }

    /// Stores messages in the stream.
    pub async fn store(&self, number: usize) {
        for n in 0..number {
            let subject = format!("{}.{n}", self.name);
            let stored = self.jetstream.publish(subject, n.to_string().into());
            stored.await.unwrap().await.unwrap();
        }
    }

    pub async fn info(&self) -> Info {
        self.consumer.get_info().await.unwrap()
    }

    /// The number of messages in the stream.
    pub async fn stored(&self) -> u64 {
        let stream = self.jetstream.get_stream(self.name).await.unwrap();
        stream.get_info().await.unwrap().state.messages
    }

    /// Gets a message as somebody else does, if there is one at this moment, and acknowledges it.
    /// Gives its text, and how often it was delivered.
    pub async fn take(&self) -> Option<(String, i64)> {
        let mut fetched = self
            .consumer
            .fetch()
            .max_messages(1)
            .messages()
            .await
            .unwrap();
        let message = fetched.next().await?.unwrap();
        message.double_ack().await.unwrap();
        let delivered = message.info().unwrap().delivered;
        let text = String::from_utf8(message.payload.to_vec()).unwrap();
        Some((text, delivered))
    }

    /// Takes all messages that nobody has acknowledged. Each of them can be had at once, and nobody
    /// asks for messages any more.
    pub async fn take_all(&self, what: &str) -> Vec<(String, i64)> {
        let mut taken = Vec::new();
        until(&format!("that nothing is hidden: {what}"), async || {
            taken.extend(self.take().await);
            let info = self.info().await;
            match (info.num_pending, info.num_ack_pending, info.num_waiting) {
                (0, 0, 0) => Ok(()),
                seen => Err(seen),
            }
        })
        .await;
        taken
    }
}

async fn make(jetstream: &Context, name: &str, ack_wait: Duration) -> PullConsumer {
    let stream = stream::Config {
        name: name.into(),
        subjects: vec![format!("{name}.>")],
        ..stream::Config::default()
    };
    let stream = jetstream.create_stream(stream).await.unwrap();
    let consumer = pull::Config {
        durable_name: Some(name.into()),
        ack_wait,
        ..pull::Config::default()
    };
    stream.create_consumer(consumer).await.unwrap()
}

pub async fn connect(port: u16, name: &str) -> Client {
    let options = ConnectOptions::new().name(name);
    options.connect(url(port)).await.unwrap()
}

pub fn url(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// Strikes work at each wait of each phase, in each way, and looks then.
pub async fn strike_everywhere(
    work: impl AsyncFn(&Cell<Phase>) -> Result<(), Error>,
    mut look: impl AsyncFnMut(&str, Strike, Phase),
) {
    let phase = Cell::new(Phase::Enter);
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work(&phase)).await;
                look(&what, kind, at).await;
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap();
                        // An exit that has begun is awaited by a scope.
                        if time > 1 || at == Phase::Exit {
                            break;
                        }
                    }
                }
            }
        }
    }
}
