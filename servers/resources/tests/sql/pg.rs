//! sqlx on PostgreSQL.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};

use forwith_testing::{BOUND, postgres};

pub type Db = sqlx::Postgres;

/// The table of a test, and the sessions that it has on the server.
pub struct Site {
    pub admin: PgPool,
    name: &'static str,
}

impl Site {
    /// A statement that takes a while, and has something to bind.
    pub const SLEEPS: &str = "SELECT $1, pg_sleep(0.1)";

    pub async fn new(name: &'static str) -> Option<Site> {
        let server = postgres()?;
        let options = Self::options(server.port, "admin");
        let admin = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .unwrap();
        let site = Site { admin, name };
        let table = "id INT PRIMARY KEY, other INT UNIQUE DEFERRABLE INITIALLY DEFERRED";
        site.run(&format!("CREATE TABLE {name} ({table})")).await;
        Some(site)
    }

    fn options(port: u16, name: &str) -> PgConnectOptions {
        PgConnectOptions::new()
            .host("127.0.0.1")
            .port(port)
            .username("test")
            .database("postgres")
            .application_name(name)
    }

    /// A pool of one connection, so that whoever comes next gets what was given back.
    pub fn pool(&self) -> PgPool {
        self.lazy_pool(true)
    }

    pub fn lazy_pool(&self, has_test: bool) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BOUND)
            .test_before_acquire(has_test)
            .connect_lazy_with(Self::options(postgres().unwrap().slow_port, self.name))
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
        let rows = AssertSqlSafe(format!("SELECT id FROM {name} ORDER BY id"));
        sqlx::query_scalar(rows)
            .fetch_all(&self.admin)
            .await
            .unwrap()
    }

    pub fn insert(&self, id: i32) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("INSERT INTO {} (id) VALUES ({id})", self.name))
    }

    pub fn select(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("SELECT id FROM {} ORDER BY id", self.name))
    }

    pub async fn clear(&self) {
        self.run(&format!("DELETE FROM {}", self.name)).await;
    }

    /// What the sessions of the test do or hold, as the server sees it.
    pub async fn held(&self) -> Vec<String> {
        let held = "SELECT concat_ws(' ', state, query) FROM pg_stat_activity \
             WHERE application_name = $1 AND xact_start IS NOT NULL \
             UNION ALL SELECT concat_ws(' ', mode, locktype) FROM pg_locks \
             JOIN pg_stat_activity USING (pid) WHERE application_name = $1";
        sqlx::query_scalar(held)
            .bind(self.name)
            .fetch_all(&self.admin)
            .await
            .unwrap()
    }

    /// The number of sessions of the test.
    pub async fn sessions(&self) -> i64 {
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        sqlx::query_scalar(sessions)
            .bind(self.name)
            .fetch_one(&self.admin)
            .await
            .unwrap()
    }
}

mod transactions {
    crate::transactions::tests!(pg);
}

mod advisory_lock;
mod alone;
mod copy_in;
