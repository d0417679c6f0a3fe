//! Recipes that talk to a server.

use std::time::Duration;

use ::fred::prelude::Config;
use forwith_recipes::{fred, mqtt, mysql};
use forwith_testing::strike::poll_times;
use forwith_testing::{mariadb, mosquitto, soon, until};
use mysql_async::Pool;
use mysql_async::prelude::Queryable;
use rumqttc::{AsyncClient, Event, Incoming, LastWill, MqttOptions, QoS};

fn options(port: u16, name: &str) -> MqttOptions {
    let mut options = MqttOptions::new(name, "127.0.0.1", port);
    options.set_last_will(LastWill::new(
        format!("{name}/will"),
        name,
        QoS::AtLeastOnce,
        false,
    ));
    options
}

/// The texts that a subscriber gets, and the last wills, up to the text that says so.
async fn heard(port: u16, topic: &str, work: impl Future<Output = ()>) -> Vec<String> {
    let mut options = MqttOptions::new(format!("hears {topic}"), "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(60));
    let (client, mut events) = AsyncClient::new(options, 10);
    client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
    client
        .subscribe(format!("{topic}/will"), QoS::AtLeastOnce)
        .await
        .unwrap();
    let mut acks = 0;
    while acks < 2 {
        let event = soon("a subscription", events.poll()).await.unwrap();
        acks += usize::from(matches!(event, Event::Incoming(Incoming::SubAck(_))));
    }
    work.await;
    client
        .publish(topic, QoS::AtLeastOnce, false, "end")
        .await
        .unwrap();
    let mut heard = Vec::new();
    loop {
        if let Event::Incoming(Incoming::Publish(message)) =
            soon("a message", events.poll()).await.unwrap()
        {
            let text = String::from_utf8(message.payload.to_vec()).unwrap();
            if text == "end" {
                return heard;
            }
            heard.push(text);
        }
    }
}

#[tokio::test]
async fn mqtt_messages_arrive_without_the_last_will() {
    let Some(server) = mosquitto() else { return };
    let heard = heard(server.port, "animals", async {
        let messages: Vec<_> = (0..20).map(|n| n.to_string()).collect();
        let messages: Vec<_> = messages.iter().map(String::as_str).collect();
        let publish = mqtt::publish(options(server.port, "animals"), "animals", &messages);
        publish.await.unwrap();
    })
    .await;
    let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(heard, expected, "all of them, and no will");
}

/// rumqttc alone: what was published is lost with the event loop.
#[tokio::test]
async fn mqtt_alone_loses_messages() {
    let Some(server) = mosquitto() else { return };
    let heard = heard(server.port, "lost", async {
        let (client, mut events) = AsyncClient::new(options(server.port, "lost"), 10);
        while !matches!(
            soon("a connection", events.poll()).await.unwrap(),
            Event::Incoming(Incoming::ConnAck(_))
        ) {}
        for _ in 0..5 {
            client
                .publish("lost", QoS::AtLeastOnce, false, "cow")
                .await
                .unwrap();
        }
    })
    .await;
    assert_eq!(
        heard,
        ["lost"], // the will
        "rumqttc sends what was published before its event loop was dropped: the row is out of date"
    );
}

async fn accounts(pool: &Pool, table: &str) -> Vec<(u32, i64)> {
    let mut admin = pool.get_conn().await.unwrap();
    let read = format!("SELECT id, cents FROM {table} ORDER BY id");
    admin.query(read).await.unwrap()
}

#[tokio::test]
async fn mysql_pays_wholly_or_not_at_all() {
    let Some(server) = mariadb() else { return };
    let url = |port| format!("mysql://root@127.0.0.1:{port}/test?pool_min=1&pool_max=1");
    let admin = Pool::from_url(url(server.port)).unwrap();
    let mut conn = admin.get_conn().await.unwrap();
    conn.query_drop(
        "CREATE TABLE accounts (id INT PRIMARY KEY, cents BIGINT NOT NULL, \
                     CHECK (cents >= 0))",
    )
    .await
    .unwrap();
    conn.query_drop("INSERT INTO accounts VALUES (1, 100), (2, 0)")
        .await
        .unwrap();
    drop(conn);

    let pool = Pool::from_url(url(server.slow_port)).unwrap();
    mysql::pay(&pool, 1, 2, 30).await.unwrap();
    assert_eq!(accounts(&admin, "accounts").await, [(1, 70), (2, 30)]);
    assert!(mysql::pay(&pool, 1, 2, 1000).await.is_err());
    assert_eq!(accounts(&admin, "accounts").await, [(1, 70), (2, 30)]);

    // Dropped at each wait: all or nothing, and the next one is right.
    let mut paid = 30;
    for polls in 1.. {
        let reaper = forwith::reaper::Reaper::tokio();
        let entered = reaper.enter();
        let ended = poll_times(polls, mysql::pay(&pool, 1, 2, 1)).await;
        drop(entered);
        soon("the reaper", reaper.join()).await;
        let seen = until("that the transaction has ended", async || {
            let accounts = accounts(&admin, "accounts").await;
            let rows: Vec<(u64,)> = admin
                .get_conn()
                .await
                .unwrap()
                .query("SELECT trx_id FROM information_schema.innodb_trx")
                .await
                .unwrap();
            if rows.is_empty() {
                Ok(accounts)
            } else {
                Err(rows)
            }
        })
        .await;
        assert!(seen[1].1 == paid || seen[1].1 == paid + 1, "{seen:?}");
        assert_eq!(seen[0].1 + seen[1].1, 100, "at poll {polls}");
        paid = seen[1].1;
        if ended.is_some() {
            break;
        }
        assert!(polls < 1000, "it does not end");
    }
    mysql::pay(&pool, 1, 2, 1).await.unwrap();
    assert_eq!(accounts(&admin, "accounts").await[1].1, paid + 1);
}

#[tokio::test]
async fn fred_stores_pairs_and_says_goodbye() {
    let Some(server) = forwith_testing::redis() else {
        return;
    };
    let url = format!("redis://127.0.0.1:{}", server.port);
    let client = redis::Client::open(url.as_str()).unwrap();
    let mut admin = client.get_connection().unwrap();
    let config = Config::from_url(&url).unwrap();
    fred::store(config, &[("cow", "Moo!")]).await.unwrap();
    let value: String = redis::Commands::get(&mut admin, "cow").unwrap();
    assert_eq!(value, "Moo!");
    until("that the client has gone", async || {
        let clients: String = redis::cmd("CLIENT").arg("LIST").query(&mut admin).unwrap();
        if clients.lines().count() == 1 {
            Ok(())
        } else {
            Err(clients)
        }
    })
    .await;
}
