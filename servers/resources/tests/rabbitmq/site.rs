//! A queue on the server, and what the server says of it.

use std::cell::Cell;

use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
use forwith_testing::{soon, until};
use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, ConfirmSelectOptions,
    QueueDeclareOptions, QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Error};

use forwith_testing::Way;

/// A queue of a test, and a connection that looks at it.
pub struct Site {
    pub queue: &'static str,
    pub way: Way,
    /// On a connection of its own, which goes no slow way.
    pub admin: Channel,
    pub other: Connection,
}

/// A site for the test, or the end of it where there is no server.
macro_rules! site {
    ($name:literal) => {
        match crate::site::Site::new(concat!(module_path!(), "::", $name)).await {
            Some(site) => site,
            None => return,
        }
    };
}
pub(crate) use site;

impl Site {
    pub async fn new(queue: &'static str) -> Option<Site> {
        let server = forwith_testing::rabbitmq()?;
        let other = connect(server.port, ConnectionProperties::default()).await;
        let other = other.unwrap();
        let admin = other.create_channel().await.unwrap();
        let confirm = ConfirmSelectOptions::default();
        admin.confirm_select(confirm).await.unwrap();
        let way = Way::slow_both_ways(server.port);
        let site = Site {
            queue,
            way,
            admin,
            other,
        };
        site.declare(queue, FieldTable::default()).await;
        Some(site)
    }

    pub async fn declare(&self, queue: &str, arguments: FieldTable) {
        let options = QueueDeclareOptions::default();
        let declared = self.admin.queue_declare(queue.into(), options, arguments);
        declared.await.unwrap();
    }

    /// Connects by the slow way.
    pub async fn connect(&self) -> Result<Connection, Error> {
        connect(self.way.port, ConnectionProperties::default()).await
    }

    /// Connects by the slow way, and again when it is cut.
    pub async fn connect_again_and_again(&self) -> Result<Connection, Error> {
        let properties = ConnectionProperties::default().enable_auto_recover();
        connect(self.way.port, properties).await
    }

    /// Puts this many messages into the queue: "0", "1", and so on.
    pub async fn publish(&self, count: usize) {
        for number in 0..count {
            publish_on(&self.admin, self.queue, number).await.unwrap();
        }
        self.admin.wait_for_confirms().await.unwrap();
    }

    async fn seen(&self, queue: &str) -> (u32, u32) {
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let arguments = FieldTable::default();
        let seen = self.admin.queue_declare(queue.into(), passive, arguments);
        let seen = seen.await.unwrap();
        (seen.message_count(), seen.consumer_count())
    }

    /// Waits until this many messages are ready, and there are this many consumers.
    pub async fn until(&self, ready: u32, consumers: u32, what: &str) {
        self.until_in(self.queue, ready, consumers, what).await;
    }

    pub async fn until_in(&self, queue: &str, ready: u32, consumers: u32, what: &str) {
        let look = async || match self.seen(queue).await {
            seen if seen == (ready, consumers) => Ok(()),
            other => Err(other),
        };
        until(
            &format!("{ready} messages and {consumers} consumers of {queue}: {what}"),
            look,
        )
        .await;
    }

    /// The messages that are ready, and the consumers.
    pub async fn seen_now(&self) -> (u32, u32) {
        self.seen(self.queue).await
    }

    pub async fn consumers(&self) -> u32 {
        self.seen(self.queue).await.1
    }

    /// Takes a message that is ready at this moment.
    pub async fn take(&self) -> Option<String> {
        self.take_from(self.queue).await
    }

    pub async fn take_from(&self, queue: &str) -> Option<String> {
        let got = get(&self.admin, queue).await.unwrap()?;
        got.ack(BasicAckOptions::default()).await.unwrap();
        Some(String::from_utf8_lossy(&got.data).into_owned())
    }

    /// Asserts that these messages are ready, at this moment, and leaves them there.
    pub async fn assert_ready(&self, count: usize, what: &str) {
        let mut ready = Vec::new();
        while let Some(got) = get(&self.admin, self.queue).await.unwrap() {
            ready.push(got);
        }
        for got in &ready {
            let requeue = BasicNackOptions {
                requeue: true,
                multiple: false,
            };
            got.nack(requeue).await.unwrap();
        }
        assert_eq!(ready.len(), count, "{what}");
    }

    pub async fn clear(&self) {
        let options = QueuePurgeOptions::default();
        let purged = self.admin.queue_purge(self.queue.into(), options);
        purged.await.unwrap();
    }

    /// No connection is open on the slow way.
    pub async fn until_disconnected(&self, what: &str) {
        until(
            &format!("the end of all connections: {what}"),
            async || match self.way.open() {
                0 => Ok(()),
                other => Err(other),
            },
        )
        .await;
    }
}

async fn connect(port: u16, properties: ConnectionProperties) -> Result<Connection, Error> {
    let uri = format!("amqp://guest:guest@127.0.0.1:{port}/%2f");
    Connection::connect(&uri, properties).await
}

pub async fn get(channel: &Channel, queue: &str) -> Result<Option<BasicGetMessage>, Error> {
    let options = BasicGetOptions::default();
    channel.basic_get(queue.into(), options).await
}

pub async fn publish_on(channel: &Channel, queue: &str, number: usize) -> Result<(), Error> {
    let (exchange, text) = ("".into(), number.to_string());
    let options = BasicPublishOptions::default();
    let properties = BasicProperties::default();
    let text = text.as_bytes();
    let sent = channel.basic_publish(exchange, queue.into(), options, text, properties);
    sent.await.map(drop)
}

/// An error of a body.
pub fn failure() -> Error {
    std::io::Error::other("the body has failed").into()
}

/// Strikes work in each phase, at each of its waits, in each way. `check` looks at the server
/// behind each strike, and is told whether the work came to its end.
pub async fn strike_everywhere(
    phase: &Cell<Phase>,
    mut work: impl AsyncFnMut() -> Result<(), Error>,
    mut check: impl AsyncFnMut(Strike, bool, &str),
) {
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, phase, work()).await;
                let whole = matches!(ended, Ended::First(_));
                soon(&what, check(kind, whole, &what)).await;
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap_or_else(|error| panic!("{what}: {error}"));
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
