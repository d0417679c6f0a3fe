//! The check, which must be able to fail.

use forwith_testing::{postgres, until};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{fails, run};

const JOBS: &str = "300";

/// What a run of the jobs leaves behind, written down once more.
const DONE: &str = "
    INSERT INTO done SELECT generate_series(1, 300);
    INSERT INTO effects SELECT job, 'worker-0-0', 1 FROM done;
    UPDATE accounts SET cents = sum
        FROM (SELECT job % 1000 AS account, sum(job % 100 + 1) FROM done GROUP BY 1) AS sums
        WHERE id = account;";

/// Makes a database by these statements. Gives its address, if there is a server.
fn database(name: &str, statements: &str) -> Option<String> {
    let server = postgres()?;
    let url = |database: &str| format!("postgres://test@127.0.0.1:{}/{database}", server.port);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let admin = url("postgres");
        let connect = async || PgConnection::connect(&admin).await;
        let mut admin = until("a connection", connect).await;
        let create = format!("CREATE DATABASE checked_{name}");
        let create = sqlx::raw_sql(AssertSqlSafe(create));
        create.execute(&mut admin).await.unwrap();
        let mut made = PgConnection::connect(&url(&format!("checked_{name}")))
            .await
            .unwrap();
        let all = [include_str!("../../src/schema.sql"), DONE, statements].concat();
        let all = sqlx::raw_sql(AssertSqlSafe(all));
        all.execute(&mut made).await.unwrap();
    });
    Some(url(&format!("checked_{name}")))
}

#[track_caller]
fn check(name: &str, statements: &str, code: i32, expected: &str) {
    let Some(url) = database(name, statements) else {
        return;
    };
    let output = run(&["check", &url, JOBS]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.starts_with(expected), "{report}");
    assert_eq!(output.status.code(), Some(code), "{report}");
}

#[test]
fn all_effects_are_there() {
    check(
        "all",
        "",
        0,
        "effects     300 of 300 jobs: 0 missing, 0 doubled, 0 of no job\n\
         accounts    15150 cents, 15150 expected; 0 accounts are wrong\n",
    );
}

#[test]
fn doubled_effect_is_found() {
    check(
        "doubled",
        "INSERT INTO effects VALUES (17, 'worker-1-1', 2);
         UPDATE accounts SET cents = cents + 18 WHERE id = 17;",
        1,
        "effects     301 of 300 jobs: 0 missing, 1 doubled, 0 of no job\n\
         accounts    15168 cents, 15150 expected; 1 accounts are wrong\n",
    );
}

#[test]
fn missing_effect_is_found() {
    check(
        "missing",
        "DELETE FROM effects WHERE job = 17;
         UPDATE accounts SET cents = cents - 18 WHERE id = 17;",
        1,
        "effects     299 of 300 jobs: 1 missing, 0 doubled, 0 of no job\n\
         accounts    15132 cents, 15150 expected; 1 accounts are wrong\n",
    );
}

/// One is missing and another one doubled, so the number is right, and so is the sum.
#[test]
fn effects_that_outweigh_each_other_are_found() {
    check(
        "outweighed",
        "UPDATE effects SET job = 117 WHERE job = 17;
         UPDATE accounts SET cents = cents - 18 WHERE id = 17;
         UPDATE accounts SET cents = cents + 18 WHERE id = 117;",
        1,
        "effects     300 of 300 jobs: 1 missing, 1 doubled, 0 of no job\n\
         accounts    15150 cents, 15150 expected; 2 accounts are wrong\n",
    );
}

#[test]
fn wrong_account_and_strange_job_are_found() {
    check(
        "wrong",
        "UPDATE accounts SET cents = 0 WHERE id = 17",
        1,
        "effects     300 of 300 jobs: 0 missing, 0 doubled, 0 of no job\n\
         accounts    15132 cents, 15150 expected; 1 accounts are wrong\n",
    );
    check(
        "strange",
        "INSERT INTO effects VALUES (301, 'worker-0-0', 1)",
        1,
        "effects     301 of 300 jobs: 0 missing, 0 doubled, 1 of no job\n",
    );
}

#[test]
fn database_that_is_not_there_is_named() {
    let Some(server) = postgres() else { return };
    let url = format!("postgres://test@127.0.0.1:{}/nowhere", server.port);
    let sentence = fails(&["check", &url, JOBS]);
    assert!(
        sentence.contains("database \"nowhere\" does not exist"),
        "{sentence}"
    );
}
