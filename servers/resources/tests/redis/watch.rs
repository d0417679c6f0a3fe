//! Keys that are watched.

use std::cell::Cell;

use forwith::async_with;
use forwith_resources::redis::{WatchedKeys, watch};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};
use forwith_testing::until;
use redis::{AsyncCommands, ErrorKind, RedisError, RedisResult, cmd, pipe};

use crate::site::{Site, site};

async fn id(conn: &mut WatchedKeys) -> RedisResult<u64> {
    cmd("CLIENT").arg("ID").query_async(conn).await
}

async fn value(site: &Site) -> Option<i64> {
    site.ask(&format!("GET {}", site.name)).await
}

async fn set(site: &Site, value: i64) {
    let () = site.ask(&format!("SET {} {value}", site.name)).await;
}

#[tokio::test]
async fn transaction_is_executed_only_if_nobody_has_changed_the_key() {
    let site = site!("watch:changed");
    set(&site, 1).await;
    let ended: RedisResult<u32> = async {
        async_with!(watch(&site.client, site.name) as keys, {
            let mut tries = 0;
            loop {
                let before: i64 = keys.get(site.name).await?;
                if tries < 2 {
                    set(&site, before + 100).await; // somebody is faster
                }
                tries += 1;
                let add = pipe()
                    .set(site.name, before + 1)
                    .ignore()
                    .get(site.name)
                    .clone();
                match keys.exec::<(i64,)>(&add).await? {
                    Some((after,)) => {
                        assert_eq!(after, 202);
                        break;
                    }
                    None => assert_eq!(value(&site).await, Some(before + 100)),
                }
            }
            let more = keys.exec::<()>(pipe().set(site.name, 0)).await.unwrap_err();
            assert!(more.to_string().contains("nothing is watched"), "{more}");
            tries
        })
    }
    .await;
    assert_eq!(ended.unwrap(), 3);
    assert_eq!(value(&site).await, Some(202));
}

#[tokio::test]
async fn keys_are_watched_anew_behind_an_error() {
    let site = site!("watch:error");
    set(&site, 1).await;
    let other = format!("{}:other", site.name);
    let ended: RedisResult<()> = async {
        async_with!(watch(&site.client, site.name) as keys, {
            keys.also(&other).await?;
            // Refused when it is queued, so that nothing is executed.
            let refused = keys.exec::<()>(pipe().cmd("SET").arg(site.name)).await;
            assert!(refused.is_err());
            for changed in [site.name, &other] {
                let () = site.ask(&format!("SET {changed} 7")).await;
                let executed = keys.exec::<()>(pipe().set(site.name, 8)).await?;
                assert_eq!(executed, None, "{changed} was changed");
            }
        })
    }
    .await;
    ended.unwrap();
    assert_eq!(value(&site).await, Some(7));
}

/// A transaction that was executed is not executed again, also when nobody understands its answer.
#[tokio::test]
async fn answer_that_does_not_fit_is_an_error_of_an_executed_transaction() {
    let site = site!("watch:unfit");
    let ended: RedisResult<()> = async {
        async_with!(watch(&site.client, site.name) as keys, {
            let set = pipe().set(site.name, 5).clone();
            let error = keys.exec::<(i64,)>(&set).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Parse, "{error}");
            assert!(keys.exec::<()>(&set).await.is_err());
        })
    }
    .await;
    ended.unwrap();
    assert_eq!(value(&site).await, Some(5));
}

#[tokio::test]
async fn watched_keys_end_with_their_body() {
    let site = site!("watch:ends");
    for kind in ["completes", "fails", "panics", "is inside of MULTI"] {
        let of = Cell::new(0);
        let work = async || -> RedisResult<()> {
            async_with!(watch(&site.client, site.name) as keys, {
                of.set(id(keys).await?);
                match kind {
                    "fails" => Err(RedisError::from((ErrorKind::Client, "fails")))?,
                    "panics" => panic!(),
                    "completes" => {}
                    _ => {
                        cmd("MULTI").exec_async(keys).await?;
                        cmd("SET").arg(site.name).arg(1).exec_async(keys).await?;
                    }
                }
            })
        };
        drop(caught(async { drop(work().await) }).await);
        assert_eq!(
            site.client(of.get()).await,
            None,
            "right behind a body that {kind}"
        );
        assert_eq!(value(&site).await, None);
    }
}

#[tokio::test]
async fn watched_keys_are_struck_in_each_phase() {
    let site = site!("watch:struck");
    let phase = Cell::new(Phase::Enter);
    let of = Cell::new(0);
    let work = async || -> RedisResult<()> {
        async_with!(watch(&site.client, site.name) as keys, {
            phase.set(Phase::Body);
            of.set(id(keys).await?);
            let before: Option<i64> = keys.get(site.name).await?;
            let set = pipe().set(site.name, before.unwrap_or(0) + 1).clone();
            assert!(keys.exec::<()>(&set).await?.is_some());
            phase.set(Phase::Exit);
        })
    };
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                of.set(0);
                let before = value(&site).await.unwrap_or(0);
                let ended = strike(kind, at, time, &phase, work()).await;
                if of.get() > 0 {
                    if kind == Strike::DroppedWithoutReaper {
                        until(&format!("the end of the connection: {what}"), async || {
                            site.client(of.get()).await.map_or(Ok(()), Err)
                        })
                        .await;
                    }
                    assert_eq!(site.client(of.get()).await, None, "{what}");
                }
                let added = value(&site).await.unwrap_or(0) - before;
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => {
                        struck += 1;
                        time += 1;
                        let most = i64::from(at != Phase::Enter);
                        assert!((0..=most).contains(&added), "{added} were added: {what}");
                    }
                    Ended::First(ended) => {
                        ended.unwrap();
                        assert_eq!(added, 1, "{what}");
                        if time > 1 || at == Phase::Exit {
                            break;
                        }
                    }
                }
            }
        }
    }
    assert!(struck > 10, "{struck}");
}

/// Many want to add one, and none is lost.
#[tokio::test]
async fn optimistic_loops_lose_nothing() {
    let site = site!("watch:loops");
    let add = async || -> RedisResult<()> {
        async_with!(watch(&site.client, site.name) as keys, {
            loop {
                let before: Option<i64> = keys.get(site.name).await?;
                let set = pipe()
                    .set(site.name, before.unwrap_or(0) + 1)
                    .ignore()
                    .clone();
                if keys.exec::<()>(&set).await?.is_some() {
                    break;
                }
            }
        })
    };
    let added = futures::future::join_all((0..8).map(|_| add())).await;
    assert!(added.iter().all(Result::is_ok), "{added:?}");
    assert_eq!(value(&site).await, Some(8));
}
