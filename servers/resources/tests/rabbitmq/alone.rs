//! RabbitMQ alone: what lapin does there by itself.

use std::time::Duration;

use forwith::async_with;
use forwith_resources::lapin::{Message, handled};
use forwith_testing::strike::poll_times;
use forwith_testing::until;
use futures::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Consumer, Error};
use tokio::time::timeout;

use crate::site::{get, publish_on, site};

/// How long a call may take that may not end.
const LIMIT: Duration = Duration::from_secs(5);

async fn consume(channel: &Channel, queue: &str) -> Result<Consumer, Error> {
    let (tag, options) = ("".into(), BasicConsumeOptions::default());
    let consumer = channel.basic_consume(queue.into(), tag, options, FieldTable::default());
    consumer.await
}

/// Asks the server something on a channel, and so awaits that it has handled all before.
async fn settle(channel: &Channel) {
    let asked = channel.basic_qos(0, BasicQosOptions::default()).await;
    asked.unwrap();
}

/// Without this, `handled` need not exist.
#[tokio::test]
async fn delivery_of_lapin_that_is_dropped_stays_with_its_channel() {
    let site = site!("delivery");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    site.publish(1).await;
    drop(get(&channel, site.queue).await.unwrap().unwrap());
    settle(&channel).await;
    assert_eq!(
        site.take().await,
        None,
        "this release of lapin gives a message back whose delivery is dropped (4.12.3 does not): \
         change the row in the README"
    );
}

/// Without this, `handled` need not ask a question behind an acknowledgement.
#[tokio::test]
async fn acknowledgement_of_lapin_is_not_there_when_it_is_ready() {
    let site = site!("ack");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let requeue = BasicNackOptions {
        requeue: true,
        multiple: false,
    };
    let mut late = 0;
    for _ in 0..20 {
        site.publish(1).await;
        let got = get(&channel, site.queue).await.unwrap().unwrap();
        got.nack(requeue).await.unwrap();
        late += usize::from(site.take().await.is_none());
        settle(&channel).await;
        site.clear().await;
    }
    assert!(
        late > 0,
        "this release of lapin awaits that the server has an acknowledgement (4.12.3 does not): \
         change the row in the README, and see whether `settle` is still needed"
    );
}

/// Without this, a consumer need not have a channel of its own.
#[tokio::test]
async fn consumer_of_lapin_that_is_dropped_keeps_what_it_has_read_ahead() {
    let site = site!("ahead");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    site.publish(20).await;
    drop(consume(&channel, site.queue).await.unwrap());
    site.until(0, 0, "the consumer is cancelled").await;
    settle(&channel).await;
    assert_eq!(
        site.take().await,
        None,
        "this release of lapin gives back what a consumer has read ahead (4.12.3 does not): change \
         the row in the README"
    );
}

/// Without this, `consume` need not see its begin to its end.
#[tokio::test]
async fn consume_of_lapin_that_is_dropped_stays_at_the_server() {
    let site = site!("begin");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    site.publish(20).await;
    site.way.hold(true);
    assert!(poll_times(1, consume(&channel, site.queue)).await.is_none());
    site.way.hold(false);
    settle(&channel).await;
    drop(channel);
    // Behind the channel, if that were closed.
    settle(&connection.create_channel().await.unwrap()).await;
    settle(&connection.create_channel().await.unwrap()).await;
    assert_eq!(
        (site.consumers().await, site.take().await),
        (1, None),
        "this release of lapin no longer forgets a consumer whose begin was dropped (4.12.3 does, \
         with its channel, until the connection ends): change the row in the README"
    );
}

/// Without this, a consumer's stream need not fail at its end.
#[tokio::test]
async fn consumer_of_lapin_ends_as_if_all_were_well_when_its_queue_is_deleted() {
    let site = site!("deleted");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut consumer = consume(&channel, site.queue).await.unwrap();
    let options = QueueDeleteOptions::default();
    let deleted = site.admin.queue_delete(site.queue.into(), options);
    deleted.await.unwrap();
    let next = consumer.next().await;
    assert!(
        next.is_none(),
        "this release of lapin tells a consumer that the server has cancelled it (4.12.3 does \
         not): change the row in the README, and see whether `HeldConsumer` should"
    );
}

#[tokio::test]
async fn get_of_lapin_that_is_dropped_takes_the_message() {
    let site = site!("get");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    site.publish(2).await;
    let no_ack = BasicGetOptions { no_ack: true };
    site.way.hold(true);
    for options in [BasicGetOptions::default(), no_ack] {
        let get = channel.basic_get(site.queue.into(), options);
        assert!(poll_times(1, get).await.is_none());
    }
    site.way.hold(false);
    settle(&channel).await;
    assert_eq!(
        site.take().await,
        None,
        "this release of lapin gives back the message of a `basic_get` that was dropped (4.12.3 \
         does not): change the row in the README"
    );
    channel.close(200, "OK".into()).await.unwrap();
    assert_eq!(site.take().await.as_deref(), Some("0"));
    assert_eq!(site.take().await, None, "that of `no_ack` is lost");
}

/// Without this, the exit of a connection need not open one more channel.
#[tokio::test]
async fn close_of_lapin_behind_the_drop_of_a_channel_breaks_the_connection() {
    let site = site!("drop");
    let mut broken = 0;
    for _ in 0..20 {
        let connection = site.connect().await.unwrap();
        drop(connection.create_channel().await.unwrap());
        // Now and then it does not end at all.
        let closed = timeout(LIMIT, connection.close(200, "OK".into())).await;
        broken += usize::from(!matches!(closed, Ok(Ok(()))) || connection.status().errored());
        if broken > 0 {
            break;
        }
    }
    assert!(
        broken > 0,
        "this release of lapin closes a connection behind the drop of a channel (4.12.3 says \
         `InvalidChannelState(Closing)`): change the row in the README, and see whether \
         `HeldConnection` still needs a channel"
    );
}

/// Without this, the close of a channel need not ask a question before.
#[tokio::test]
async fn close_of_lapin_that_crosses_one_of_the_server_breaks_the_connection() {
    let site = site!("crosses");
    let mut broken = 0;
    for _ in 0..20 {
        let connection = site.connect().await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let (exchange, key) = ("there is none".into(), "".into());
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let sent = channel.basic_publish(exchange, key, options, b"", properties);
        drop(sent.await.unwrap());
        drop(timeout(LIMIT, channel.close(200, "OK".into())).await);
        let others = async {
            settle_or_fail(&connection.create_channel().await?).await?;
            settle_or_fail(&connection.create_channel().await?).await
        };
        broken += usize::from(!matches!(timeout(LIMIT, others).await, Ok(Ok(()))));
        if broken > 0 {
            break;
        }
    }
    assert!(
        broken > 0,
        "this release of lapin outlives a close of a channel that crosses one of the server's \
         (4.12.3 does not, and the connection with all its channels is gone): change the row in \
         the README, and see whether `owned::close` still needs to settle"
    );
}

/// Without this, the README need not say so.
#[tokio::test]
async fn lapin_sends_nothing_while_the_server_blocks_it() {
    let site = site!("blocked");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    site.publish(1).await;
    let got = get(&channel, site.queue).await.unwrap().unwrap();
    // `connection.blocked`: the server is short of memory.
    site.way
        .tell(&[1, 0, 0, 0, 0, 0, 6, 0, 10, 0, 60, 1, b'!', 0xCE]);
    until("that lapin knows", async || {
        let status = connection.status();
        if status.blocked() {
            Ok(())
        } else {
            Err(status.clone())
        }
    })
    .await;
    let message = Message::new(&channel, got.delivery);
    let limit = Duration::from_millis(300);
    let ended: Result<(), Error> =
        async { async_with!(handled(message).settle_limit(limit), {}) }.await;
    assert!(
        ended.is_err(),
        "this release of lapin sends an acknowledgement while the server blocks its publishers \
         (4.12.3 does not): change the README"
    );
    site.way.cut();
}

async fn settle_or_fail(channel: &Channel) -> Result<(), Error> {
    channel.basic_qos(0, BasicQosOptions::default()).await
}

/// Without this, `publisher` need not keep the confirmations itself.
#[tokio::test]
async fn wait_for_confirms_of_lapin_is_content_with_what_was_refused() {
    let mut site = site!("refused");
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), 1.into());
    let overflow = AMQPValue::LongString("reject-publish".into());
    arguments.insert("x-overflow".into(), overflow);
    site.queue = "alone::short";
    site.declare(site.queue, arguments).await;
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let options = ConfirmSelectOptions::default();
    channel.confirm_select(options).await.unwrap();
    for number in 0..5 {
        publish_on(&channel, site.queue, number).await.unwrap();
    }
    let confirmed = channel.wait_for_confirms().await;
    assert!(
        confirmed.is_ok_and(|returned| returned.is_empty()),
        "this release of lapin tells of a message that was refused in `wait_for_confirms` (4.12.3 \
         does not): change the row in the README, and see whether `HeldPublisher` should use it"
    );
    site.until(1, 0, "4 were refused").await;
}

#[tokio::test]
async fn wait_for_confirms_of_lapin_that_was_dropped_is_ready_at_once() {
    let site = site!("dropped");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let options = ConfirmSelectOptions::default();
    channel.confirm_select(options).await.unwrap();
    site.way.hold(true);
    publish_on(&channel, site.queue, 0).await.unwrap();
    let first = poll_times(1, channel.wait_for_confirms()).await;
    assert!(first.is_none());
    let second = poll_times(1, channel.wait_for_confirms()).await;
    assert!(
        matches!(second, Some(Ok(_))),
        "this release of lapin remembers what a `wait_for_confirms` that was dropped has waited \
         for (4.12.3 does not): change the row in the README"
    );
    site.way.cut();
}
