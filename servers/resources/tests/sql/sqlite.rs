//! sqlx on SQLite, in a file.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::TempDir;

use forwith_testing::BOUND;

pub type Db = sqlx::Sqlite;

/// The file of a test. Each session of the test has it open.
pub struct Site {
    pub admin: SqlitePool,
    dir: TempDir,
    name: &'static str,
}

impl Site {
    /// A statement that takes a while, and has something to bind.
    pub const SLEEPS: &str = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c \
         WHERE n < 100000) SELECT ?, count(*) FROM c";

    pub async fn new(name: &'static str) -> Option<Site> {
        let dir = tempfile::tempdir().unwrap();
        let options = Self::options(&dir).busy_timeout(Duration::ZERO);
        let admin = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(options);
        let site = Site { admin, dir, name };
        site.run("CREATE TABLE t (id INT PRIMARY KEY)").await;
        Some(site)
    }

    fn options(dir: &TempDir) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(dir.path().join("file"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
    }

    /// A pool of one connection, so that whoever comes next gets what was given back.
    pub fn pool(&self) -> SqlitePool {
        let name = self.name;
        let options = Self::options(&self.dir).thread_name(move |id| format!("{name}-{id}"));
        SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BOUND)
            .connect_lazy_with(options)
    }

    /// Executes a statement as somebody else.
    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&self.admin)
            .await
            .unwrap();
    }

    /// The rows that others see.
    pub async fn rows(&self) -> Vec<i32> {
        sqlx::query_scalar("SELECT id FROM t ORDER BY id")
            .fetch_all(&self.admin)
            .await
            .unwrap()
    }

    #[expect(
        clippy::unused_self,
        reason = "the table of PostgreSQL has the name of the site"
    )]
    pub fn insert(&self, id: i32) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("INSERT INTO t (id) VALUES ({id})"))
    }

    #[expect(
        clippy::unused_self,
        reason = "the table of PostgreSQL has the name of the site"
    )]
    pub fn select(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe("SELECT id FROM t ORDER BY id".into())
    }

    pub async fn clear(&self) {
        self.run("DELETE FROM t").await;
    }

    /// Whether somebody else may not write.
    pub async fn held(&self) -> Vec<String> {
        let locked = sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK")
            .execute(&self.admin)
            .await;
        locked
            .err()
            .map(|error| error.to_string())
            .into_iter()
            .collect()
    }

    /// The number of threads that the test's sessions have.
    #[expect(clippy::unused_async, reason = "the other databases wait")]
    pub async fn sessions(&self) -> usize {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let names = tasks.map(|task| std::fs::read_to_string(task.path().join("comm")));
        let prefix = format!("{}-", self.name);
        names
            .flatten()
            .filter(|name| name.starts_with(&prefix))
            .count()
    }
}

mod transactions {
    crate::transactions::tests!(sqlite);
}
