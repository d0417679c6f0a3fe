//! sqlx on MariaDB.

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, MySqlPool};

use forwith_testing::{BOUND, mariadb};

pub type Db = sqlx::MySql;

/// A database of a test, and the sessions that it has on the server.
pub struct Site {
    pub admin: MySqlPool,
    name: &'static str,
}

impl Site {
    /// A statement that takes a while, and has something to bind.
    pub const SLEEPS: &str = "SELECT ?, SLEEP(0.1)";

    pub async fn new(name: &'static str) -> Option<Site> {
        let server = mariadb()?;
        let options = Self::options(server.port).database("test");
        let admin = MySqlPoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .unwrap();
        let site = Site { admin, name };
        site.run(&format!("CREATE DATABASE {name}")).await;
        site.run(&format!("CREATE TABLE {name}.t (id INT PRIMARY KEY)"))
            .await;
        Some(site)
    }

    fn options(port: u16) -> MySqlConnectOptions {
        MySqlConnectOptions::new()
            .host("127.0.0.1")
            .port(port)
            .username("root")
    }

    /// A pool of one connection, so that whoever comes next gets what was given back.
    pub fn pool(&self) -> MySqlPool {
        self.lazy_pool(true)
    }

    pub fn lazy_pool(&self, has_test: bool) -> MySqlPool {
        MySqlPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BOUND)
            .test_before_acquire(has_test)
            .connect_lazy_with(Self::options(mariadb().unwrap().slow_port).database(self.name))
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
        let name = self.name;
        let rows = AssertSqlSafe(format!("SELECT id FROM {name}.t ORDER BY id"));
        sqlx::query_scalar(rows)
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
        self.run(&format!("DELETE FROM {}.t", self.name)).await;
    }

    /// What the sessions of the test do or hold, as the server sees it.
    pub async fn held(&self) -> Vec<String> {
        // Not `innodb_trx`: that is a copy, which is not renewed as long as it is read often.
        let held = "SELECT CONCAT_WS(' ', state, processlist_info) \
             FROM performance_schema.events_transactions_current \
             JOIN performance_schema.threads USING (thread_id) \
             WHERE processlist_db = ? AND (state = 'ACTIVE' OR processlist_info IS NOT NULL)";
        sqlx::query_scalar(held)
            .bind(self.name)
            .fetch_all(&self.admin)
            .await
            .unwrap()
    }

    /// The number of sessions of the test.
    pub async fn sessions(&self) -> i64 {
        let sessions = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?";
        sqlx::query_scalar(sessions)
            .bind(self.name)
            .fetch_one(&self.admin)
            .await
            .unwrap()
    }
}

mod transactions {
    crate::transactions::tests!(mariadb);
}

mod alone;
