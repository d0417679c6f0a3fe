//! Redis, on both executors.

use std::sync::Arc;
use std::time::Instant;

use forwith_testing::{BOUND, Way, free_port, redis, start_redis};
use redis::{Commands, Connection};

use crate::{Pairs, assert_drawn, fails, report, run, succeeds};

fn connect(port: u16, database: u8) -> Connection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/{database}")).unwrap();
    let begun = Instant::now();
    loop {
        let answered = client.get_connection().and_then(|mut connection| {
            redis::cmd("PING").exec(&mut connection)?;
            Ok(connection)
        });
        match answered {
            Ok(connection) => return connection,
            Err(error) => assert!(begun.elapsed() < BOUND, "{error}"), // it may be restarting
        }
    }
}

/// All keys of the database, in order: a session that has ended leaves no copy.
fn keys(admin: &mut Connection) -> Vec<String> {
    let mut keys: Vec<String> = admin.keys("*").unwrap();
    keys.sort();
    keys
}

#[test]
fn pairs_are_stored_and_read_back() {
    let Some(server) = redis() else { return };
    for (database, executor) in [(1, "runtime"), (2, "tokio")] {
        let mut admin = connect(server.port, database);
        let url = format!("redis://127.0.0.1:{}/{database}", server.port);
        let first = Pairs::new("cow: Moo!\ncat: Meow!\ndog: Woof!\n");
        let output = succeeds(&["--on", executor, &url, first.path()]);
        assert_eq!(
            report(&output),
            [
                "Up to 3 writers store 3 pairs.",
                "A transaction is rolled back: a cow does not quack.",
                "3 pairs are read back:",
                "  cat: Meow!",
                "  cow: Moo!",
                "  dog: Woof!",
            ]
        );
        assert!(output.contains("● exited RedisSession"), "{output}");
        assert_eq!(keys(&mut admin), ["{pairs}", "{pairs}:keys"]);

        // More than a page, and one pair again.
        let more: Vec<_> = (0..20).map(|n| format!("x{n}: {n}")).collect();
        let more = Pairs::new(&format!("{}\ncow: Moo?\n", more.join("\n")));
        let picture = tempfile::tempdir().unwrap();
        let picture = picture.path().join("out.svg");
        let arguments = [
            "--timeline",
            picture.to_str().unwrap(),
            "--on",
            executor,
            &url,
            more.path(),
        ];
        let output = succeeds(&arguments);
        assert!(output.contains("23 pairs are read back:\n  cat: Meow!\n  cow: Moo?\n"));
        assert_eq!(output.matches("fetched 6 pairs").count(), 3, "{output}");
        assert_eq!(keys(&mut admin), ["{pairs}", "{pairs}:keys"]);
        let ttl: i64 = admin.ttl("{pairs}").unwrap();
        assert_eq!(ttl, -1, "the pairs stay");
        assert_drawn(&picture, "writer");
    }
}

#[test]
fn servers_that_are_not_there_are_named() {
    let port = free_port();
    for executor in ["runtime", "tokio"] {
        let url = format!("redis://127.0.0.1:{port}");
        let sentence = fails(&["--on", executor, &url]);
        let begins = format!("no Redis answers at 127.0.0.1:{port} (");
        assert!(sentence.starts_with(&begins), "{sentence}");
    }
    let sentence = fails(&["redis://127.0.0.1:port"]);
    assert!(sentence.contains("write `redis://HOST`"), "{sentence}");
}

#[test]
fn wrong_passwords_are_named() {
    let Some(server) = start_redis("--requirepass secret") else {
        return;
    };
    let host = format!("127.0.0.1:{}", server.port);
    for executor in ["runtime", "tokio"] {
        for password in ["", ":wrong@"] {
            let sentence = fails(&["--on", executor, &format!("redis://{password}{host}")]);
            assert!(
                sentence.contains("lets nobody in with this URL"),
                "{sentence}"
            );
        }
        succeeds(&["--on", executor, &format!("redis://:secret@{host}")]);
    }
}

#[test]
fn nothing_is_half_stored_when_the_server_is_restarted() {
    for executor in ["runtime", "tokio"] {
        for (text, times, sentence) in [
            ("HSET", 2, "nothing was stored; run again"),
            ("ZRANGEBYLEX", 1, "nothing was stored; run again"),
            (
                "EXEC",
                1,
                "it is unknown whether the pairs are stored: look",
            ),
        ] {
            let Some(server) = start_redis("--appendonly yes --appendfsync always") else {
                return;
            };
            let port = server.port;
            let mut admin = connect(port, 0);
            let () = admin.hset("{pairs}", "cow", "Moo!").unwrap();
            let () = admin.zadd("{pairs}:keys", "cow", 0).unwrap();
            let server = Arc::new(server);
            let restarted = server.clone();
            let way = Way::with_trap(port, text, times, move || restarted.restart());
            let failed = fails(&["--on", executor, &format!("redis://127.0.0.1:{}", way.port)]);
            assert!(
                failed.contains("Redis hung up") && failed.contains(sentence),
                "{failed}"
            );

            let mut admin = connect(port, 0);
            let stored: Vec<(String, String)> = admin.hgetall("{pairs}").unwrap();
            assert_eq!(stored, [("cow".to_owned(), "Moo!".to_owned())], "at {text}");
            let copies: Vec<String> = admin.keys("{pairs}:session*").unwrap();
            for copy in copies {
                let ttl: i64 = admin.ttl(&copy).unwrap();
                assert!(ttl > 0, "{copy} would stay");
            }
        }
    }
}

#[test]
fn pairs_of_somebody_else_are_not_overwritten() {
    let Some(server) = redis() else { return };
    let port = server.port;
    for (database, executor) in [(3, "runtime"), (4, "tokio")] {
        let way = Way::with_trap(port, "HMGET", 1, move || {
            let () = connect(port, database)
                .hset("{pairs}", "hen", "Cluck!")
                .unwrap();
        });
        let url = format!("redis://127.0.0.1:{}/{database}", way.port);
        let failed = fails(&["--on", executor, &url]);
        assert!(
            failed.starts_with("somebody else has changed the pairs"),
            "{failed}"
        );
        let mut admin = connect(port, database);
        assert_eq!(keys(&mut admin), ["{pairs}"]);
        let stored: Vec<String> = admin.hkeys("{pairs}").unwrap();
        assert_eq!(stored, ["hen"]);
    }
}

#[test]
fn keys_of_another_program_are_left_alone() {
    let Some(server) = redis() else { return };
    let mut admin = connect(server.port, 5);
    let () = admin.set("{pairs}", "of another program").unwrap();
    let failed = fails(&[&format!("redis://127.0.0.1:{}/5", server.port)]);
    assert!(failed.contains("belongs to another program"), "{failed}");
    assert_eq!(keys(&mut admin), ["{pairs}"]);
    let value: String = admin.get("{pairs}").unwrap();
    assert_eq!(value, "of another program");
}

#[test]
fn empty_file_stores_nothing() {
    let Some(server) = redis() else { return };
    let pairs = Pairs::new("");
    let output = run(&[
        &format!("redis://127.0.0.1:{}/6", server.port),
        pairs.path(),
    ]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(keys(&mut connect(server.port, 6)), [""; 0]);
}
