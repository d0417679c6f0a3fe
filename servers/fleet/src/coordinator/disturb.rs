//! Carries the plan out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::stream::Stream;
use forwith_testing::{NatsCluster, Server};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::network::Network;
use super::place::{Order, Place};
use super::plan::{Disturbance, Kind, Victim};
use super::progress::Progress;
use crate::Error;
use crate::queue::{self, ACK_WAIT};

/// How long a server stays down.
const DOWN: Duration = Duration::from_secs(3);

/// How long nothing gets through: the queue delivers what the worker has to others meanwhile.
const HELD: Duration = ACK_WAIT.saturating_mul(3);

/// What there is to be disturbed.
pub struct Scene {
    pub progress: Progress,
    pub places: Vec<Place>,
    /// The network of the first place.
    pub network: Network,
    pub nats: Arc<NatsCluster>,
    pub stream: Stream,
    happened: Mutex<Vec<String>>,
}

impl Scene {
    pub fn new(
        progress: Progress,
        places: Vec<Place>,
        network: Network,
        nats: Arc<NatsCluster>,
        stream: Stream,
    ) -> Self {
        Scene {
            progress,
            places,
            network,
            nats,
            stream,
            happened: Mutex::default(),
        }
    }

    /// Waits until it is due, and disturbs. Without progress there is nothing to disturb.
    pub async fn disturb(&self, disturbance: Disturbance) -> Result<(), Error> {
        if self.progress.wait_for(disturbance.at).await.is_err() {
            return Ok(());
        }
        match disturbance.kind {
            Kind::KillWorker { place } => {
                let in_hand = self.places[place].order(Order::Kill).await;
                self.note(&format!(
                    "worker {place} was killed; jobs in hand: {in_hand}"
                ));
            }
            Kind::StopWorker { place } => {
                let in_hand = self.places[place].order(Order::Stop).await;
                self.note(&format!(
                    "worker {place} has stopped as it was asked to; jobs in hand: {in_hand}"
                ));
            }
            Kind::KillServer { victim } => self.kill_server(victim).await?,
            Kind::Cut { arrives_late } => self.cut(arrives_late).await,
        }
        Ok(())
    }

    async fn kill_server(&self, victim: Victim) -> Result<(), Error> {
        let leaders = self.leaders().await;
        let index = match victim {
            Victim::StreamLeader => leaders[0].unwrap_or(0),
            Victim::ConsumerLeader => leaders[1].unwrap_or(0),
            Victim::Any(index) => index,
        };
        self.on_server(index, Server::kill).await?;
        let led = match leaders.map(|leader| leader == Some(index)) {
            [true, true] => ", which led the stream and the consumer,",
            [true, false] => ", which led the stream,",
            [false, true] => ", which led the consumer,",
            [false, false] => "",
        };
        self.note(&format!("server {index} of NATS{led} was killed"));
        sleep(DOWN).await;
        self.on_server(index, Server::up).await?;
        self.note(&format!("server {index} of NATS was started again"));
        Ok(())
    }

    /// The servers that lead the stream and the consumer.
    async fn leaders(&self) -> [Option<usize>; 2] {
        let stream = self.stream.get_info().await.ok().map(|info| info.cluster);
        let consumer = self.stream.consumer_info(queue::NAME).await.ok();
        let consumer = consumer.map(|info| info.cluster);
        [stream, consumer].map(|cluster| self.nats.find(&cluster??.leader?))
    }

    async fn on_server(&self, index: usize, act: fn(&Server)) -> Result<(), Error> {
        let nats = self.nats.clone();
        spawn_blocking(move || act(&nats.servers[index])).await?;
        Ok(())
    }

    async fn cut(&self, arrives_late: bool) {
        self.network.hold();
        self.note("nothing gets through to worker 0 any more");
        sleep(HELD).await;
        self.network.cut(arrives_late);
        let what = if arrives_late {
            "what was held up arrived late"
        } else {
            "what was held up is lost"
        };
        self.note(&format!("the connections of worker 0 were cut, and {what}"));
    }

    fn note(&self, what: &str) {
        let percent = self.progress.percent();
        let seconds = self.progress.elapsed().as_secs_f64();
        let mut happened = self.happened.lock().unwrap_or_else(PoisonError::into_inner);
        happened.push(format!("{percent:4} % {seconds:7.1} s  {what}"));
    }

    /// What has happened, a line for each.
    pub fn happened(&self) -> Vec<String> {
        self.happened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
