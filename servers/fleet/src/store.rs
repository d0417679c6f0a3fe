//! The store: the tables, the effect of a job, and the questions whether all is there.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{PgConnection, query, query_as, query_scalar, raw_sql};

use crate::job::{ACCOUNTS, Job};
use crate::line::Fate;
use crate::queue::ACK_WAIT;

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Opens a pool of so many connections.
pub async fn connect(url: String, name: String, connections: u32) -> sqlx::Result<PgPool> {
    // The server ends the transaction of a worker that it hears no more of. Its locks are free then
    // when its jobs are delivered again.
    let idle = ACK_WAIT.as_millis().to_string();
    let options: PgConnectOptions = url.parse()?;
    let options = options
        .application_name(&name)
        .options([("idle_in_transaction_session_timeout", idle)]);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CONNECT_LIMIT)
        .connect_with(options)
        .await
}

/// Makes the tables.
pub async fn make(pool: &PgPool) -> sqlx::Result<()> {
    raw_sql(include_str!("schema.sql")).execute(pool).await?;
    Ok(())
}

/// A job in the hands of a worker.
pub struct Delivery<'a> {
    pub job: Job,
    pub worker: &'a str,
    /// For the so manieth time.
    pub number: i64,
    /// Whether a job that was done before is left.
    pub is_guarded: bool,
}

/// Does what the job is for, within a transaction.
pub async fn apply(tx: &mut PgConnection, delivery: &Delivery<'_>) -> sqlx::Result<Fate> {
    let Job {
        number: job,
        account,
        cents,
        ..
    } = delivery.job;
    // Waits for another worker that is at this job. It is new if that one rolls back.
    let claimed = query("INSERT INTO done VALUES ($1) ON CONFLICT DO NOTHING").bind(job);
    let is_new = claimed.execute(&mut *tx).await?.rows_affected() == 1;
    if !is_new && delivery.is_guarded {
        return Ok(Fate::DoneBefore);
    }
    query("UPDATE accounts SET cents = cents + $1 WHERE id = $2")
        .bind(cents)
        .bind(account)
        .execute(&mut *tx)
        .await?;
    query("INSERT INTO effects VALUES ($1, $2, $3)")
        .bind(job)
        .bind(delivery.worker)
        .bind(delivery.number)
        .execute(&mut *tx)
        .await?;
    Ok(Fate::Done)
}

/// Counts the jobs that are done.
pub async fn count(pool: &PgPool) -> sqlx::Result<i64> {
    query_scalar("SELECT count(*) FROM done")
        .fetch_one(pool)
        .await
}

/// What is in the store, beside what must be there.
#[derive(Debug)]
pub struct Check {
    pub jobs: i64,
    pub effects: i64,
    /// Jobs without an effect.
    pub missing: i64,
    /// Effects beyond the first of a job.
    pub doubled: i64,
    /// Effects of what is no job.
    pub strange: i64,
    /// Accounts in which there are other cents than the jobs have put there.
    pub wrong_accounts: usize,
    pub sum: i64,
    pub expected_sum: i64,
}

impl Check {
    pub fn is_right(&self) -> bool {
        let Check {
            missing,
            doubled,
            strange,
            wrong_accounts,
            ..
        } = self;
        (*missing, *doubled, *strange, *wrong_accounts) == (0, 0, 0, 0)
            && self.sum == self.expected_sum
    }
}

/// Looks whether the effect of each of the jobs `1..=jobs` is there exactly once.
pub async fn check(pool: &PgPool, jobs: i64) -> sqlx::Result<Check> {
    let (effects, distinct, known): (i64, i64, i64) = query_as(
        "SELECT count(*), count(DISTINCT job),
            count(DISTINCT job) FILTER (WHERE job BETWEEN 1 AND $1)
         FROM effects",
    )
    .bind(jobs)
    .fetch_one(pool)
    .await?;
    let found: Vec<(i64, i64)> = query_as("SELECT id, cents FROM accounts ORDER BY id")
        .fetch_all(pool)
        .await?;
    let expected = expected(jobs);
    let is_wrong = |(id, cents): &&(i64, i64)| expected.get(index(*id)) != Some(cents);
    Ok(Check {
        jobs,
        effects,
        missing: jobs - known,
        doubled: effects - distinct,
        strange: distinct - known,
        wrong_accounts: found.iter().filter(is_wrong).count(),
        sum: found.iter().map(|(_, cents)| cents).sum(),
        expected_sum: expected.iter().sum(),
    })
}

/// The cents that each account must have.
fn expected(jobs: i64) -> Vec<i64> {
    let mut accounts = vec![0; index(ACCOUNTS)];
    for job in (1..=jobs).map(Job::of) {
        accounts[index(job.account)] += job.cents;
    }
    accounts
}

fn index(id: i64) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}
