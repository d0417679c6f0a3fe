//! Work with each resource can be spawned. It compiles, or does not.

use forwith::{async_for, async_with, scope};
use forwith_resources::redis::{HeldLock, connection, entries, lock, subscribe, watch};
use redis::aio::{ConnectionManager, MultiplexedConnection};
use redis::{AsyncCommands, Client, RedisResult, pipe};

#[test]
fn work_with_a_resource_of_redis_is_send() {
    async fn locked(
        client: Client,
        conn: MultiplexedConnection,
        manager: ConnectionManager,
    ) -> RedisResult<u64> {
        async_with!(lock(&client, "a") as a, lock(&conn, "b") as b, {
            async_with!(lock(&manager, "c").try_lock() as c, {
                let lost = scope(std::future::pending::<()>(), a.lost()).await;
                drop(lost);
                c.as_ref().map_or(0, HeldLock::fencing) + b.fencing()
            })?
        })
    }
    async fn popped(client: Client) -> RedisResult<(String, String)> {
        async_with!(connection(&client) as conn, {
            conn.blpop("list", 0.0).await?
        })
    }
    async fn watched(client: Client) -> RedisResult<Option<()>> {
        async_with!(watch(&client, &["a", "b"]) as keys, {
            let n: i64 = keys.get("a").await?;
            keys.exec(pipe().set("a", n + 1)).await?
        })
    }
    async fn listened(client: Client) -> RedisResult<Option<String>> {
        async_with!(subscribe(&client, &["a"]) as messages, {
            async_for!(for message in messages {
                let text: String = message.get_payload()?;
                tokio::task::yield_now().await;
                break text;
            })
        })
    }
    async fn read(client: Client) -> RedisResult<()> {
        async_with!(entries(&client, "stream", "group", "me") as entries, {
            async_for!(for entry in entries {
                async_with!(entry as entry, {
                    tokio::task::yield_now().await;
                    drop(entry.get::<String>("text"));
                })?;
            });
        })
    }
    fn sent<A, F: Future + Send + 'static>(_: fn(A) -> F) {}
    fn all_sent<A, B, C, F: Future + Send + 'static>(_: fn(A, B, C) -> F) {}
    all_sent(locked);
    sent(popped);
    sent(read);
    sent(watched);
    sent(listened);
}
