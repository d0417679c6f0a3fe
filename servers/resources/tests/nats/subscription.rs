//! Subscriptions.

use std::cell::Cell;

use async_nats::Error;
use forwith::{async_for, async_with};
use forwith_resources::async_nats::subscribe;
use forwith_testing::soon;
use forwith_testing::strike::Phase;
use forwith_testing::until;

use crate::own_server::OwnServer;
use crate::site::{connect, site, strike_everywhere};

#[tokio::test]
async fn nothing_is_missed_behind_the_enter() {
    let site = site!("heard");
    let client = connect(site.server.slow_port, "heard").await;
    let heard: Result<_, Error> = async {
        async_with!(subscribe(&client, "heard.*") as heard, {
            for n in 0..10 {
                // It goes another way, which is faster.
                site.admin.publish(format!("heard.{n}"), "".into()).await?;
            }
            let mut subjects = Vec::new();
            async_for!(for message in heard {
                subjects.push(message.subject.to_string());
                if subjects.len() == 10 {
                    break;
                }
            });
            subjects
        })
    }
    .await;
    let expected: Vec<_> = (0..10).map(|n| format!("heard.{n}")).collect();
    assert_eq!(heard.unwrap(), expected);
}

#[tokio::test]
async fn subscription_is_struck_in_each_phase() {
    let Some(own) = OwnServer::start() else {
        return;
    };
    let client = connect(own.server.slow_port, "subscribed").await;
    let admin = connect(own.server.port, "admin").await;
    let work = async |phase: &Cell<Phase>| -> Result<(), Error> {
        let subscribe = subscribe(&client, "struck.a").queue_group("group");
        async_with!(subscribe as struck, {
            phase.set(Phase::Body);
            assert_eq!(own.subscriptions_to("struck"), 1);
            admin.publish("struck.a", "".into()).await?;
            async_for!(for message in struck {
                break drop(message);
            });
            phase.set(Phase::Exit);
        })
    };
    strike_everywhere(work, async |what, _, _| {
        until(what, async || match own.subscriptions_to("struck") {
            0 => Ok(()),
            other => Err(other),
        })
        .await;
    })
    .await;
    work(&Cell::new(Phase::Enter)).await.unwrap();
    assert_eq!(own.subscriptions_to("struck"), 0, "right behind the block");
}

#[tokio::test]
async fn subscription_of_a_closed_client_is_an_error() {
    let site = site!("closed_sub");
    let client = connect(site.server.port, "closed").await;
    let ended: Result<(), Error> = soon("the exit", async {
        async_with!(subscribe(&client, "closed") as _closed, {
            client.drain().await?;
            while client.flush().await.is_ok() {}
        })
    })
    .await;
    ended.unwrap_err();
}
