//! PostgreSQL, on tokio.

use std::sync::Arc;

use forwith_testing::{Server, Way, free_port, postgres, start_postgres, until};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{Pairs, assert_drawn, fails, report, succeeds};

const TABLE: &str = "CREATE TABLE pairs (key TEXT PRIMARY KEY, value TEXT NOT NULL)";

fn url(port: u16, database: &str) -> String {
    format!("postgres://test@127.0.0.1:{port}/{database}")
}

/// Executes statements in a database, which is made if it is not there, and gives all pairs.
fn ask(server: &Server, database: &str, statements: &[&str]) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = url(server.port, database);
        let connect = async || PgConnection::connect(&url).await;
        let mut admin = until("a connection", connect).await;
        for statement in statements {
            let statement = AssertSqlSafe(*statement);
            sqlx::raw_sql(statement).execute(&mut admin).await.unwrap();
        }
        let pairs = sqlx::query_as("SELECT key, value FROM pairs ORDER BY key");
        pairs.fetch_all(&mut admin).await.unwrap_or_default()
    })
}

/// A database of a test.
fn database(server: &Server, name: &str) -> String {
    ask(server, "postgres", &[&format!("CREATE DATABASE {name}")]);
    url(server.port, name)
}

#[test]
fn pairs_are_stored_and_read_back() {
    let Some(server) = postgres() else { return };
    let url = database(server, "stored");
    ask(server, "stored", &[TABLE]);
    let first = Pairs::new("cow: Moo!\ncat: Meow!\nDog: Woof!\n");
    let output = succeeds(&[&url, first.path()]);
    assert_eq!(
        report(&output),
        [
            "Up to 3 writers store 3 pairs.",
            "A transaction is rolled back: a cow does not quack.",
            "3 pairs are read back:",
            "  Dog: Woof!",
            "  cat: Meow!",
            "  cow: Moo!",
        ]
    );
    assert!(output.contains("● exited PgSession"), "{output}");

    let more: Vec<_> = (0..20).map(|n| format!("x{n}: {n}")).collect();
    let more = Pairs::new(&format!("{}\ncow: Moo?\n", more.join("\n")));
    let picture = tempfile::tempdir().unwrap();
    let picture = picture.path().join("out.svg");
    let output = succeeds(&["--timeline", picture.to_str().unwrap(), &url, more.path()]);
    assert!(output.contains("23 pairs are read back:\n  Dog: Woof!\n  cat: Meow!\n  cow: Moo?\n"));
    assert_eq!(output.matches("fetched 6 pairs").count(), 3, "{output}");
    assert_eq!(ask(server, "stored", &[]).len(), 23);
    assert_drawn(&picture, "writer");
}

#[test]
fn mistakes_on_the_way_in_are_named() {
    let port = free_port();
    let sentence = fails(&[&url(port, "animals")]);
    let begins = format!("no PostgreSQL answers at 127.0.0.1:{port} (");
    assert!(sentence.starts_with(&begins), "{sentence}");
    let sentence = fails(&["postgres://test@127.0.0.1:port/animals"]);
    assert!(
        sentence.contains("write `postgres://USER@HOST/DATABASE`"),
        "{sentence}"
    );

    let Some(server) = postgres() else { return };
    ask(
        server,
        "postgres",
        &["CREATE ROLE guarded LOGIN PASSWORD 'secret'"],
    );
    let host = format!("127.0.0.1:{}", server.port);
    for (url, reason) in [
        (
            format!("postgres://guarded:wrong@{host}/postgres"),
            "password authentication failed",
        ),
        (format!("postgres://guarded@{host}/postgres"), "password"),
        (
            url(server.port, "nowhere"),
            "database \"nowhere\" does not exist",
        ),
        (
            format!("postgres://nobody@{host}/postgres"),
            "role \"nobody\" does not exist",
        ),
    ] {
        let sentence = fails(&[&url]);
        assert!(sentence.starts_with("PostgreSQL at ") || sentence.starts_with("cannot connect"));
        assert!(sentence.contains(reason), "{sentence}");
    }
    let url = format!("postgres://guarded:secret@{host}/postgres");
    assert!(fails(&[&url]).starts_with("the database has no table `pairs`"));
}

#[test]
fn missing_table_is_named() {
    let Some(server) = postgres() else { return };
    let url = database(server, "no_table");
    let sentence = fails(&[&url]);
    assert_eq!(
        sentence.trim_end(),
        format!(
            "the database has no table `pairs`, and nothing was stored: create it with `{TABLE}`"
        )
    );
    ask(
        server,
        "no_table",
        &["CREATE TABLE pairs (key TEXT PRIMARY KEY, number INT NOT NULL)"],
    );
    let sentence = fails(&[&url]);
    assert!(
        sentence.starts_with("PostgreSQL refused, and nothing was stored: "),
        "{sentence}"
    );
}

/// At a writer's statement, when the pairs are read back, and at the commit.
#[test]
fn nothing_is_half_stored_when_the_server_is_restarted() {
    for (text, sentence) in [
        ("VALUES ($1, $2)", "nothing was stored; run again"),
        ("LIMIT $2", "nothing was stored; run again"),
        ("COMMIT", "look whether the pairs are stored"),
    ] {
        let Some(server) = start_postgres("") else {
            return;
        };
        ask(
            &server,
            "postgres",
            &[TABLE, "INSERT INTO pairs VALUES ('cow', 'Moo!')"],
        );
        let server = Arc::new(server);
        let restarted = server.clone();
        let way = Way::with_trap(server.port, text, 1, move || restarted.restart());
        let failed = fails(&[&url(way.port, "postgres")]);
        assert!(failed.contains(sentence), "{failed}");
        let stored = ask(&server, "postgres", &[]);
        assert_eq!(stored, [("cow".to_owned(), "Moo!".to_owned())], "at {text}");
    }
}
