//! Connections for commands that block.

use std::cell::Cell;
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_resources::redis::connection;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};
use forwith_testing::{soon, start_redis, until};
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, ErrorKind, RedisError, RedisResult, cmd};

use crate::site::{Site, client_of, site};

/// The ids of connections that were not there before.
async fn new_ids(site: &Site, before: &[u64]) -> Vec<u64> {
    let mut ids = site.ids().await;
    ids.retain(|id| !before.contains(id));
    ids
}

/// The id of a connection.
async fn id(conn: &mut impl redis::aio::ConnectionLike) -> RedisResult<u64> {
    cmd("CLIENT").arg("ID").query_async(conn).await
}

/// Waits until the server has seen that a connection is gone.
async fn until_gone(site: &Site, id: u64, what: &str) {
    until(&format!("the end of a connection: {what}"), async || {
        site.client(id).await.map_or(Ok(()), Err)
    })
    .await;
}

/// Waits until a connection is blocked at the server.
async fn until_blocked(site: &Site, id: u64) {
    until("a command that blocks", async || {
        let client = site.client(id).await.ok_or("it is gone")?;
        let flags = client.split(" flags=").nth(1).unwrap_or_default();
        if flags.starts_with('b') {
            Ok(())
        } else {
            Err("it does not block")
        }
    })
    .await;
}

/// An element that is pushed now stays, as nobody takes it.
async fn assert_not_taken(site: &Site, what: &str) {
    let () = site.ask(&format!("RPUSH {} element", site.name)).await;
    let len: u32 = site.ask(&format!("LLEN {}", site.name)).await;
    assert_eq!(len, 1, "a reader that is gone has taken an element: {what}");
    let () = site.ask(&format!("DEL {}", site.name)).await;
}

#[tokio::test]
async fn connection_ends_with_its_body() {
    let site = site!("conn:ends");
    for kind in ["completes", "fails", "panics"] {
        let of = Cell::new(0);
        let work = async || -> RedisResult<()> {
            async_with!(connection(&site.client) as conn, {
                of.set(id(conn).await?);
                assert!(site.client(of.get()).await.is_some());
                match kind {
                    "fails" => Err(RedisError::from((ErrorKind::Client, "fails")))?,
                    "panics" => panic!(),
                    _ => {}
                }
            })
        };
        drop(caught(async { drop(work().await) }).await);
        assert_eq!(
            site.client(of.get()).await,
            None,
            "right behind a body that {kind}"
        );
    }
}

#[tokio::test]
async fn connection_is_struck_in_each_phase() {
    let site = site!("conn:struck");
    let phase = Cell::new(Phase::Enter);
    let of = Cell::new(0);
    let work = async || -> RedisResult<()> {
        async_with!(connection(&site.client) as conn, {
            phase.set(Phase::Body);
            of.set(id(conn).await?);
            // Nothing comes, for as long as two answers take.
            let none: Option<(String, String)> = conn.blpop(site.name, 0.01).await?;
            assert_eq!(none, None);
            phase.set(Phase::Exit);
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                of.set(0);
                let ended = strike(kind, at, time, &phase, work()).await;
                if of.get() > 0 {
                    if kind == Strike::DroppedWithoutReaper {
                        until_gone(&site, of.get(), &what).await;
                    }
                    assert_eq!(site.client(of.get()).await, None, "{what}");
                }
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap();
                        if time > 1 || at == Phase::Exit {
                            break;
                        }
                    }
                }
            }
        }
    }
}

/// Each way to send a command, of which a scope or a drop cuts one that blocks for ever.
#[tokio::test]
async fn command_that_is_cut_takes_nothing_behind_the_block() {
    let site = site!("conn:cut");
    for kind in STRIKES {
        for sender in ["handle", "pipeline", "deref", "clone"] {
            let what = format!("{kind:?}, on {sender}");
            let of = Cell::new(0);
            let stop = CancelToken::new();
            let work = async || -> RedisResult<()> {
                async_with!(connection(&site.client) as conn, {
                    of.set(id(conn).await?);
                    match sender {
                        "handle" => conn.blpop(site.name, 0.0).await?,
                        "pipeline" => {
                            let mut pipe = redis::pipe();
                            let pipe = pipe.cmd("BLPOP").arg(site.name).arg(0);
                            pipe.query_async::<()>(conn).await?;
                        }
                        "deref" => {
                            let conn: &mut MultiplexedConnection = conn;
                            conn.blpop::<_, ()>(site.name, 0.0).await?;
                        }
                        _ => conn.clone().blpop(site.name, 0.0).await?,
                    }
                })
            };
            let blocked = async {
                until("the connection", async || {
                    if of.get() > 0 { Ok(()) } else { Err(()) }
                })
                .await;
                until_blocked(&site, of.get()).await;
            };
            let reaper = Reaper::tokio();
            let _entered = (kind != Strike::DroppedWithoutReaper).then(|| reaper.enter());
            if kind == Strike::Cancelled {
                let scoped = scope(work(), &stop);
                let stopped = async {
                    blocked.await;
                    stop.cancel();
                };
                let (ended, ()) =
                    Box::pin(soon("the scope", async { tokio::join!(scoped, stopped) })).await;
                let cancelled = ended.unwrap_err();
                assert!(cancelled.exit_errors().is_empty(), "{what}: {cancelled:?}");
            } else {
                tokio::select! {
                    ended = work() => unreachable!("{ended:?}"),
                    () = blocked => {}
                }
            }
            soon("the reaper", reaper.join()).await;
            if kind == Strike::DroppedWithoutReaper {
                until_gone(&site, of.get(), &what).await;
            }
            assert_eq!(site.client(of.get()).await, None, "{what}");
            assert_not_taken(&site, &what).await;
        }
    }
}

/// A clone outlives the block, and its task waits on.
#[tokio::test]
async fn command_of_a_clone_ends_with_the_block() {
    let site = site!("conn:clone");
    let mut task = None;
    let ended: RedisResult<u64> = async {
        async_with!(connection(&site.client) as conn, {
            let of = id(conn).await?;
            let mut clone = conn.clone();
            task = Some(tokio::spawn(async move {
                clone
                    .blpop::<_, (String, String)>("site:conn:clone", 0.0)
                    .await
            }));
            until_blocked(&site, of).await;
            of
        })
    }
    .await;
    let of = ended.unwrap();
    assert_eq!(site.client(of).await, None);
    let popped = soon("the task", task.unwrap()).await.unwrap();
    assert!(popped.unwrap_err().is_connection_dropped());
    assert_not_taken(&site, "of a clone").await;
}

/// Inside of a body that goes on.
#[tokio::test]
async fn command_that_is_dropped_closes_the_connection() {
    let site = site!("conn:dropped");
    let ended: RedisResult<()> = async {
        async_with!(connection(&site.client) as conn, {
            let of = id(conn).await?;
            tokio::select! {
                popped = conn.blpop::<_, (String, String)>(site.name, 0.0) => panic!("{popped:?}"),
                () = until_blocked(&site, of) => {}
            }
            assert!(conn.is_cut());
            until_gone(&site, of, "in the body").await;
            assert_not_taken(&site, "in the body").await;
            let error = id(conn).await.unwrap_err();
            assert!(
                error.to_string().contains("a command on it was dropped"),
                "{error}"
            );
            let pipe = redis::pipe().ping().exec_async(conn).await;
            assert!(pipe.is_err());
        })
    }
    .await;
    ended.unwrap();
}

/// No answer comes for longer than the library waits by default.
#[tokio::test]
async fn command_takes_as_long_as_it_takes() {
    let site = site!("conn:long");
    let ended: RedisResult<(String, String)> = async {
        async_with!(connection(&site.client) as conn, {
            let of = id(conn).await?;
            let popped = conn.blpop(site.name, 0.0);
            let pushed = async {
                // A second on the clock of the server, behind the default limit of half of one.
                until("a wait of a second", async || {
                    let client = site.client(of).await.unwrap();
                    let idle = client.split(" idle=").nth(1).unwrap();
                    if idle.starts_with('0') {
                        Err(client)
                    } else {
                        Ok(())
                    }
                })
                .await;
                let () = site.ask(&format!("RPUSH {} element", site.name)).await;
            };
            let (popped, ()) = soon("the element", async { tokio::join!(popped, pushed) }).await;
            popped?
        })
    }
    .await;
    assert_eq!(ended.unwrap().1, "element");
}

/// The server has been told to forbid what the exit needs.
#[tokio::test]
async fn exit_that_is_forbidden_says_so_and_closes() {
    let site = site!("conn:acl");
    let () = site
        .ask("ACL SETUSER reader on >secret ~* &* +@all -client|kill")
        .await;
    let server = forwith_testing::redis().unwrap();
    let url = format!("redis://reader:secret@127.0.0.1:{}", server.slow_port);
    let client = redis::Client::open(url).unwrap();
    let ended: RedisResult<u64> =
        async { async_with!(connection(&client) as conn, { id(conn).await? }) }.await;
    assert_eq!(site.client(ended.unwrap()).await, None, "nothing was cut");
    let of = Cell::new(0);
    let ended: RedisResult<()> = async {
        async_with!(connection(&client) as conn, {
            of.set(id(conn).await?);
            tokio::select! {
                popped = conn.blpop::<_, (String, String)>(site.name, 0.0) => panic!("{popped:?}"),
                () = until_blocked(&site, of.get()) => {}
            }
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().code(), Some("NOPERM"));
    until_gone(&site, of.get(), "without CLIENT KILL").await;
    assert_not_taken(&site, "without CLIENT KILL").await;
}

/// The one who is asked to close the connection does not answer.
#[tokio::test]
async fn exit_is_bounded() {
    let Some(own) = start_redis("") else { return };
    let site = Site::of("own", &own).await;
    let before = site.ids().await;
    let limit = Duration::from_millis(50);
    let ended: RedisResult<()> = soon("the exit", async {
        async_with!(connection(&site.client).close_limit(limit) as conn, {
            id(conn).await?;
            assert_eq!(new_ids(&site, &before).await.len(), 1);
            own.signal("-STOP");
        })
    })
    .await;
    assert!(ended.unwrap_err().is_timeout());
    own.signal("-CONT");
}

/// The server was restarted, and has given the id to somebody else.
#[tokio::test]
async fn exit_does_not_end_the_connection_of_somebody_else() {
    let Some(own) = start_redis("") else { return };
    let client = client_of(own.port);
    for _ in 0..20 {
        // Ids that the restart may use up.
        client.get_multiplexed_async_connection().await.unwrap();
    }
    let mut others = Vec::new();
    let ended: RedisResult<()> = async {
        async_with!(connection(&client) as conn, {
            let of = id(conn).await?;
            conn.clone().ping::<()>().await?; // lent, so that the exit cannot say `QUIT`
            own.restart();
            until("the id", async || {
                let other = client.get_multiplexed_async_connection().await;
                let mut other = other.map_err(|error| error.to_string())?;
                let has = id(&mut other).await.unwrap();
                others.push(other);
                if has == of {
                    Ok(())
                } else {
                    Err(has.to_string())
                }
            })
            .await;
        })
    }
    .await;
    ended.unwrap();
    for other in &mut others {
        id(other).await.unwrap();
    }
}
