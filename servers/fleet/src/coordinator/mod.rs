//! The coordinator: starts the servers and the workers, publishes the jobs, disturbs, and looks
//! whether all is there.

mod disturb;
mod fortune;
mod ledger;
mod network;
mod place;
mod plan;
mod progress;
mod publish;
mod report;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::stream::Stream;
use forwith::on_tokio::TaskGroup;
use forwith::{AsyncEnterExt, async_with};
use forwith_resources::async_nats::client;
use forwith_resources::sqlx::pool;
use forwith_testing::{NatsCluster, Server, StartError, try_nats_cluster, try_postgres};
use futures_util::future::join_all;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use self::disturb::Scene;
use self::network::{Network, Urls};
use self::place::{Book, Order, Place};
use self::plan::Disturbance;
use self::progress::Progress;
use self::publish::{Published, publish};
pub use self::report::Report;
use crate::options::Run;
use crate::{Error, queue, store};

/// How many connections PostgreSQL has for workers.
pub const CONNECTIONS: usize = 200;

/// How long the queue may take to have all answers when everything is done, and to take what the
/// coordinator has sent.
const SETTLED: Duration = Duration::from_secs(30);

/// The servers of a run. They end with it.
pub struct Servers {
    postgres: Server,
    nats: Arc<NatsCluster>,
}

impl Servers {
    pub fn start() -> Result<Self, StartError> {
        let options = format!(
            "-c fsync=on -c max_connections={} -c log_min_messages=warning",
            CONNECTIONS + 20
        );
        Ok(Servers {
            postgres: try_postgres(&options)?,
            nats: Arc::new(try_nats_cluster(queue::REPLICAS)?),
        })
    }
}

/// What a run has come to, beside what is in the store.
struct Told {
    scene: Arc<Scene>,
    book: Arc<Book>,
    published: Arc<Published>,
    /// Messages that the queue still has.
    left: u64,
}

/// Runs the jobs, and tells what has become of them.
pub async fn run(run: &Run, servers: &Servers) -> Result<Report, Error> {
    let urls = Urls::of(&servers.nats, &servers.postgres);
    let name = "coordinator".to_owned();
    async_with!(
        pool(store::connect(urls.postgres.clone(), name.clone(), 4)).error_into::<Error>() as pool,
        client(queue::connect(urls.nats.clone(), name)).limit(SETTLED) as client,
        {
            store::make(pool).await?;
            let jetstream = queue::context(client);
            let (stream, consumer) = queue::make(&jetstream).await?;
            let told = conduct(run, servers, pool, &jetstream, stream, &consumer).await?;
            let check = store::check(pool, run.jobs).await?;
            let log = fs::read_to_string(servers.postgres.dir.join("log"))?;
            Report::new(run, check, &told, &log)
        }
    )
}

/// Starts the workers, publishes, disturbs, and ends the workers when all is done or stuck.
async fn conduct(
    run: &Run,
    servers: &Servers,
    pool: &PgPool,
    jetstream: &Context,
    stream: Stream,
    consumer: &PullConsumer,
) -> Result<Told, Error> {
    let scene = Arc::new(scene(run, servers, stream));
    let (book, published) = (Arc::<Book>::default(), Arc::<Published>::default());
    let left = async_with!(TaskGroup::<Error>::new() as tasks, {
        for place in 0..run.workers {
            let (scene, book) = (scene.clone(), book.clone());
            tasks.spawn(async move { scene.places[place].run(&book).await });
        }
        for place in &scene.places {
            place.ready().await;
        }
        scene.progress.begin();
        let mut others = Vec::new();
        for disturbance in plan(run) {
            let scene = scene.clone();
            others.push(tasks.spawn(async move { scene.disturb(disturbance).await }));
        }
        let (jetstream, publishing) = (jetstream.clone(), (scene.clone(), published.clone()));
        others.push(tasks.spawn(async move {
            let (scene, published) = publishing;
            publish(&jetstream, &scene.progress, &published).await;
            Ok(())
        }));
        scene.progress.watch(pool).await?;
        for other in others {
            other.await;
        }
        let left = settle(consumer).await?;
        join_all(scene.places.iter().map(|place| place.order(Order::End))).await;
        left
    })?;
    Ok(Told {
        scene,
        book,
        published,
        left,
    })
}

fn scene(run: &Run, servers: &Servers, stream: Stream) -> Scene {
    let direct = Urls::of(&servers.nats, &servers.postgres);
    let network = Network::to(&servers.nats, &servers.postgres);
    let place = |number| {
        let urls = if number == 0 {
            network.urls()
        } else {
            direct.clone()
        };
        Place::new(number, urls, run.mode)
    };
    let places = (0..run.workers).map(place).collect();
    let progress = Progress::of(run.jobs);
    Scene::new(progress, places, network, servers.nats.clone(), stream)
}

fn plan(run: &Run) -> Vec<Disturbance> {
    if run.is_calm {
        return Vec::new();
    }
    plan::plan(run.seed, run.jobs, run.workers, queue::REPLICAS)
}

/// Waits until the queue has the answers to all messages. Gives the number of those that it has
/// not.
async fn settle(consumer: &PullConsumer) -> Result<u64, Error> {
    let begun = Instant::now();
    loop {
        let left = match consumer.get_info().await {
            Ok(info) => info.num_pending + info.num_ack_pending as u64,
            Err(error) if begun.elapsed() > SETTLED => return Err(error.into()),
            Err(_) => u64::MAX, // a leader is elected
        };
        if left == 0 || begun.elapsed() > SETTLED {
            return Ok(left);
        }
        sleep(Duration::from_millis(50)).await;
    }
}
