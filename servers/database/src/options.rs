//! The command line.

use std::path::PathBuf;

use forwith_example_database::{ANIMALS, Error};
use lexopt::prelude::*;

pub const USAGE: &str = "\
usage: cargo run --manifest-path servers/Cargo.toml --package forwith-example-network-database \
           -- [--timeline OUT.svg] [--on tokio|runtime] URL [FILE]

URL   postgres://USER@HOST/DATABASE, whose table `pairs` has the columns `key` and `value`, or
      redis://HOST
FILE  lines such as `cow: Moo!`
OUT   where to write who ran when, as a picture
--on  the executor; Redis runs on both, and on forwith's own if nothing is said
";

pub struct Options {
    pub url: String,
    pub place: Place,
    pub file: PathBuf,
    pub timeline: Option<PathBuf>,
}

/// The kind of database, and the executor.
pub enum Place {
    Postgres,
    RedisOnTokio,
    RedisOnRuntime,
}

impl Options {
    /// `None` if the user asks for help.
    pub fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, Error> {
        let wrong = |error: lexopt::Error| Error::new(format!("{error}: see `--help`"));
        let (mut url, mut file, mut timeline, mut executor) = (None, None, None, None);
        while let Some(argument) = parser.next().map_err(wrong)? {
            match argument {
                Short('h') | Long("help") => return Ok(None),
                Long("timeline") => timeline = Some(parser.value().map_err(wrong)?.into()),
                Long("on") => executor = Some(parser.value().map_err(wrong)?),
                Value(value) if url.is_none() => url = Some(value.string().map_err(wrong)?),
                Value(value) if file.is_none() => file = Some(value.into()),
                other => return Err(wrong(other.unexpected())),
            }
        }
        let Some(url) = url else {
            return Err(Error::new(
                "a URL is missing, such as `redis://127.0.0.1`: see `--help`",
            ));
        };
        let executor = executor.as_deref().map(|executor| executor.to_str());
        let place = match (url.split_once("://").map(|(scheme, _)| scheme), executor) {
            (Some("postgres" | "postgresql"), None | Some(Some("tokio"))) => Place::Postgres,
            (Some("postgres" | "postgresql"), Some(Some("runtime"))) => {
                return Err(Error::new(
                    "this client of PostgreSQL needs tokio: leave `--on runtime` out",
                ));
            }
            (Some("redis"), None | Some(Some("runtime"))) => Place::RedisOnRuntime,
            (Some("redis"), Some(Some("tokio"))) => Place::RedisOnTokio,
            (Some("postgres" | "postgresql" | "redis"), Some(_)) => {
                return Err(Error::new("`--on` is followed by `tokio` or `runtime`"));
            }
            (Some("mock" | "redb"), _) => {
                return Err(Error::new(format!(
                    "`{url}` needs no network: run `cargo run --package forwith-example-database \
                     --features redb -- {url}`"
                )));
            }
            _ => {
                return Err(Error::new(format!(
                    "`{url}` is no URL of a database: write `postgres://USER@HOST/DATABASE` or \
                     `redis://HOST`"
                )));
            }
        };
        Ok(Some(Options {
            url,
            place,
            file: file.unwrap_or_else(|| ANIMALS.into()),
            timeline,
        }))
    }
}
