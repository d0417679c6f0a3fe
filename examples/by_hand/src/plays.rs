//! The plays: coroutines that can be started.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use forwith::{async_for, async_with};
use forwith_runtime::mock::{Database, Error, Latency, RemoteContainer};
use forwith_runtime::{sleep, yield_now};

use crate::journal::{Journal, Voice};

/// The last number whose square fits into 64 bits.
pub const LARGEST_SQUARE: u64 = 4_294_967_295;
/// The last number whose cube does.
pub const LARGEST_CUBE: u64 = 2_642_245;
pub const MOST_TURNS: u64 = 100;

const URL: &str = "mock://db.somedomain.net";
const THREE_SECONDS: Duration = Duration::from_secs(3);
const SECOND: Latency = Latency::Time(Duration::from_secs(1));
const TWO_SECONDS: Latency = Latency::Time(Duration::from_secs(2));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    Square(u64),
    Cube(u64),
    Animals,
    Store,
    Turns(u64),
    Fail,
    Panic,
}

/// Writes the play as it is typed.
impl fmt::Display for Play {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Play::Square(x) => write!(f, "square {x}"),
            Play::Cube(x) => write!(f, "cube {x}"),
            Play::Animals => f.write_str("animals"),
            Play::Store => f.write_str("store"),
            Play::Turns(turns) => write!(f, "turns {turns}"),
            Play::Fail => f.write_str("fail"),
            Play::Panic => f.write_str("panic"),
        }
    }
}

/// The servers that the plays talk to.
#[derive(Clone)]
pub struct Servers {
    database: Database,
    animals: RemoteContainer<&'static str>,
    broken: RemoteContainer<&'static str>,
}

impl Servers {
    pub fn new(journal: &Rc<Journal>) -> Self {
        let animals = || RemoteContainer::new(["cat", "cow", "dog"]);
        let animals = || animals().with_page_size(2).with_latency(SECOND);
        let servers = Servers {
            database: Database::new()
                .with_handshake_latency(SECOND)
                .with_request_latency(SECOND)
                .with_teardown_latency(TWO_SECONDS),
            animals: animals(),
            broken: animals().failing_at_page(2),
        };
        let Servers {
            database,
            animals,
            broken,
        } = servers.clone();
        journal.watch("database", move || database.log());
        journal.watch("container", move || animals.log());
        journal.watch("broken container", move || broken.log());
        servers
    }
}

/// Runs the play, and gives its result in words.
pub async fn perform(play: Play, servers: Servers, voice: Voice) -> Result<String, Error> {
    let Servers {
        database,
        animals,
        broken,
    } = servers;
    match play {
        Play::Square(x) => Ok(square(x, &voice).await.to_string()),
        Play::Cube(x) => Ok(cube(x, &voice).await.to_string()),
        Play::Animals => count(animals, &voice).await.map(|n| n.to_string()),
        Play::Store => store(&database, animals).await.map(|n| n.to_string()),
        Play::Turns(turns) => Ok(take_turns(turns, &voice).await.to_string()),
        Play::Fail => store(&database, broken).await.map(|n| n.to_string()),
        Play::Panic => panic_inside(&database).await.map(|n| n.to_string()),
    }
}

/// With `cube`, one of the two coroutines of the tutorial.
async fn square(x: u64, voice: &Voice) -> u64 {
    voice.print(format!("Starting square with argument {x}!"));
    sleep(THREE_SECONDS).await;
    voice.print(format!("Finishing square with argument {x}!"));
    x * x
}

async fn cube(x: u64, voice: &Voice) -> u64 {
    voice.print(format!("Starting cube with argument {x}!"));
    sleep(THREE_SECONDS).await;
    let square = square(x, voice).await;
    voice.print(format!("Finishing cube with argument {x}!"));
    x * square
}

async fn count(animals: RemoteContainer<&str>, voice: &Voice) -> Result<usize, Error> {
    let mut n = 0;
    async_for!(for animal in animals {
        voice.say(animal?);
        n += 1;
    });
    Ok(n)
}

async fn store(database: &Database, animals: RemoteContainer<&str>) -> Result<usize, Error> {
    async_with!(database.connect(URL) as db, {
        let mut n = 0;
        async_for!(for animal in animals {
            db.set_key(animal?, "is here").await?;
            n += 1;
        });
        n
    })
}

async fn take_turns(turns: u64, voice: &Voice) -> u64 {
    for turn in 1..=turns {
        voice.say(&format!("turn {turn} of {turns}"));
        yield_now().await;
    }
    turns
}

async fn panic_inside(database: &Database) -> Result<usize, Error> {
    async_with!(database.connect(URL) as db, {
        db.set_key("cow", "is about to panic").await?;
        panic!("oh")
    })
}
