//! Entries of a stream that a group reads.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use forwith::{CancelToken, async_for, async_with};
use forwith_resources::redis::entries;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, caught, strike};
use forwith_testing::{soon, until};
use redis::{ErrorKind, RedisError, RedisResult};

use crate::site::{Site, site};

/// A stream with a group.
async fn begin(site: &Site) {
    site.ask::<()>(&format!("XGROUP CREATE {} group 0 MKSTREAM", site.name))
        .await;
}

async fn add(site: &Site, text: &str) -> String {
    site.ask(&format!("XADD {} * text {text}", site.name)).await
}

/// The number of entries that were delivered, and not acknowledged.
async fn pending(site: &Site) -> u32 {
    let (pending, _, _, _): (u32, Option<String>, Option<String>, redis::Value) =
        site.ask(&format!("XPENDING {} group", site.name)).await;
    pending
}

/// Waits until a consumer waits for the next entry.
async fn until_it_waits(site: &Site) {
    until("a read that blocks", async || {
        let list: String = site.ask("CLIENT LIST").await;
        let is_there = list
            .lines()
            .any(|line| line.contains("flags=b") && line.contains("cmd=xreadgroup"));
        if is_there { Ok(()) } else { Err(list) }
    })
    .await;
}

/// Works until it has seen the last text. Fails, panics or breaks at the second one.
async fn work(site: &Site, kind: &str, seen: &RefCell<Vec<String>>) -> RedisResult<()> {
    async_with!(
        entries(&site.client, site.name, "group", "me") as entries,
        {
            async_for!(for entry in entries {
                let is_last = async_with!(entry as entry, {
                    let text: String = entry.get("text").unwrap();
                    seen.borrow_mut().push(text.clone());
                    match (&*text, kind) {
                        ("two", "fails") => Err(RedisError::from((ErrorKind::Client, "fails")))?,
                        ("two", "panics") => panic!(),
                        _ => {}
                    }
                    text == "three"
                })?;
                if is_last {
                    break;
                }
            });
        }
    )
}

#[tokio::test]
async fn entry_is_acknowledged_when_its_turn_completes() {
    let site = site!("entries:ends");
    begin(&site).await;
    for kind in ["completes", "fails", "panics"] {
        for text in ["one", "two", "three"] {
            add(&site, text).await;
        }
        let seen = RefCell::default();
        drop(caught(async { drop(work(&site, kind, &seen).await) }).await);
        if kind != "completes" {
            assert_eq!(*seen.borrow(), ["one", "two"], "{kind}");
            assert_eq!(pending(&site).await, 1, "{kind}");
            seen.borrow_mut().clear();
            work(&site, "completes", &seen).await.unwrap();
            assert_eq!(
                *seen.borrow(),
                ["two", "three"],
                "what is pending comes first"
            );
        }
        assert_eq!(pending(&site).await, 0, "{kind}");
    }
}

/// Whatever ends the work, each entry is worked on by a turn that completes, in the end.
#[tokio::test]
async fn entries_are_struck_in_each_phase() {
    let site = site!("entries:struck");
    begin(&site).await;
    let phase = Cell::new(Phase::Enter);
    let done = RefCell::new(HashSet::new());
    let work = async || -> RedisResult<()> {
        async_with!(
            entries(&site.client, site.name, "group", "me") as entries,
            {
                async_for!(for entry in entries {
                    async_with!(entry as entry, {
                        phase.set(Phase::Body);
                        site.shared().await; // waits
                        done.borrow_mut().insert(entry.id.clone());
                        phase.set(Phase::Exit);
                    })?;
                    break;
                });
            }
        )
    };
    let mut added = HashSet::new();
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                added.insert(add(&site, "text").await);
                let ended = strike(kind, at, time, &phase, work()).await;
                // Nothing is lost: what was not acknowledged is pending, or not delivered yet.
                let done = done.borrow().len();
                let pending = usize::try_from(pending(&site).await).unwrap();
                let groups: Vec<std::collections::HashMap<String, redis::Value>> =
                    site.ask(&format!("XINFO GROUPS {}", site.name)).await;
                let lag: usize = redis::from_redis_value_ref(&groups[0]["lag"]).unwrap();
                assert!(done + pending + lag >= added.len(), "{what}");
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => {
                        time += 1;
                        struck += 1;
                    }
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
    assert!(struck > 10, "{struck}");
    for _ in 0..added.len() {
        if *done.borrow() == added {
            break;
        }
        soon("the rest", work()).await.unwrap();
    }
    assert_eq!(*done.borrow(), added);
}

/// A loop that waits is ended between two entries.
#[tokio::test]
async fn loop_that_waits_ends_by_its_until() {
    let site = site!("entries:until");
    begin(&site).await;
    let stop = CancelToken::new();
    let work = async {
        async_with!(
            entries(&site.client, site.name, "group", "me") as entries,
            {
                async_for!(
                    #[until(stop.cancelled())]
                    for entry in entries {
                        panic!("{entry:?}");
                    }
                );
            }
        )
    };
    let stopped = async {
        until_it_waits(&site).await;
        stop.cancel();
    };
    let (ended, ()): (RedisResult<()>, ()) =
        Box::pin(soon("the end", async { tokio::join!(work, stopped) })).await;
    ended.unwrap();
    add(&site, "three").await;
    assert_eq!(
        pending(&site).await,
        0,
        "a reader that is gone has taken an entry"
    );
    let seen = RefCell::default();
    work_of_the_next(&site, &seen).await;
    assert_eq!(*seen.borrow(), ["three"]);
}

async fn work_of_the_next(site: &Site, seen: &RefCell<Vec<String>>) {
    soon("the next", work(site, "completes", seen))
        .await
        .unwrap();
}

#[tokio::test]
async fn entry_that_was_deleted_while_it_was_pending_is_skipped() {
    let site = site!("entries:deleted");
    begin(&site).await;
    let id = add(&site, "one").await;
    let () = site
        .ask(&format!(
            "XREADGROUP GROUP group me STREAMS {} >",
            site.name
        ))
        .await;
    let () = site.ask(&format!("XDEL {} {id}", site.name)).await;
    add(&site, "three").await;
    let seen = RefCell::default();
    work_of_the_next(&site, &seen).await;
    assert_eq!(*seen.borrow(), ["three"]);
    assert_eq!(pending(&site).await, 0);
}

/// The error of a read is that of its turn, and then the loop ends.
#[tokio::test]
async fn read_that_fails_is_the_error_of_a_turn() {
    let site = site!("entries:fails");
    let mut errors = Vec::new();
    let ended: RedisResult<()> =
        async_with!(entries(&site.client, site.name, "none", "me") as entries, {
            async_for!(for entry in entries {
                let ended: RedisResult<()> = async_with!(entry, {});
                errors.push(ended.unwrap_err());
            });
        });
    ended.unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code(), Some("NOGROUP"));
}

/// Work in tasks is acknowledged while the loop waits for the next entry.
#[tokio::test]
async fn entries_are_acknowledged_while_the_loop_waits() {
    let site = site!("entries:tasks");
    begin(&site).await;
    add(&site, "one").await;
    add(&site, "two").await;
    let stop = CancelToken::new();
    let waits = CancelToken::new();
    let work = async {
        async_with!(
            entries(&site.client, site.name, "group", "me").count(2) as entries,
            {
                async_for!(
                    #[until(stop.cancelled())]
                    for entry in entries {
                        let waits = waits.clone();
                        drop(tokio::spawn(async move {
                            let worked: RedisResult<()> =
                                async_with!(entry, { waits.cancelled().await });
                            worked.unwrap();
                        }));
                    }
                );
            }
        )
    };
    let stopped = async {
        until_it_waits(&site).await;
        assert_eq!(pending(&site).await, 2);
        waits.cancel();
        until("the acknowledgments", async || match pending(&site).await {
            0 => Ok(()),
            other => Err(other),
        })
        .await;
        stop.cancel();
    };
    let (ended, ()): (RedisResult<()>, ()) =
        Box::pin(soon("the end", async { tokio::join!(work, stopped) })).await;
    ended.unwrap();
}
