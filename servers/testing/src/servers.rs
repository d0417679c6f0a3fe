//! The servers. One of each is shared by the tests of a process.

use std::fs;
use std::sync::OnceLock;

use crate::server::{Program, Server, StartError, present};

/// A server that has started.
type Start = Result<Server, StartError>;

/// Gives the PostgreSQL that the tests share, or nothing where it is not installed. Its user is
/// `test`; the user `guarded` needs a password.
#[must_use]
pub fn postgres() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(|| try_postgres(""));
    present(started.as_ref())
}

/// Starts a PostgreSQL for one test, which may restart it, with more options. Gives nothing where
/// it is not installed.
#[must_use]
pub fn start_postgres(options: &str) -> Option<Server> {
    present(try_postgres(options))
}

const POSTGRES: Program = Program {
    name: "PostgreSQL",
    package: "postgresql",
};

/// Starts a PostgreSQL for a program, with more options.
///
/// # Errors
///
/// [`StartError`], which names the package to install.
pub fn try_postgres(options: &str) -> Result<Server, StartError> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok();
    let bins = versions.into_iter().flatten().flatten();
    let mut bins: Vec<_> = bins.map(|version| version.path().join("bin")).collect();
    bins.sort();
    bins.reverse();
    let initdb = POSTGRES.find(&bins, "initdb")?;
    let initdb = fs::canonicalize(&initdb).unwrap_or(initdb); // its folder has the server, too
    let bin = initdb.parent().unwrap_or(&initdb).display();
    let script = format!(
        "$as {bin}/initdb --pgdata=data --username=test --auth=trust --no-sync --no-locale \
            --encoding=UTF8 >/dev/null\n\
         sed -i '1i host all guarded 127.0.0.1/32 scram-sha-256' data/pg_hba.conf\n\
         run() {{\n\
            exec $as {bin}/postgres -D data -p $port -k \"$dir\" \
                -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=100 \
                -c log_min_messages=panic {options}\n\
         }}\n\
         is_ready() {{ grep -q ready data/postmaster.pid; }}"
    );
    POSTGRES.start("postgres", &script)
}

/// Gives the MariaDB that the tests share, or nothing where it is not installed. Its user is
/// `root`, its database `test`.
#[must_use]
pub fn mariadb() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(try_mariadb);
    present(started.as_ref())
}

const MARIADB: Program = Program {
    name: "MariaDB",
    package: "mariadb-server",
};

fn try_mariadb() -> Start {
    let server = MARIADB.find(&["/usr/sbin".into()], "mariadbd")?;
    let server = server.display();
    let install = MARIADB.find(&[], "mariadb-install-db")?;
    let install = install.display();
    let script = format!(
        "$as {install} --no-defaults --datadir=\"$dir/data\" --skip-test-db \
                --auth-root-authentication-method=normal >/dev/null\n\
             run() {{\n\
                exec $as {server} --no-defaults --datadir=\"$dir/data\" \
                    --socket=\"$dir/socket\" --port=$port --bind-address=127.0.0.1 \
                    --pid-file=\"$dir/pid\" --innodb-flush-log-at-trx-commit=0 \
                    --performance-schema=ON \
                    --performance-schema-instrument=transaction=ON \
                    --performance-schema-consumer-events-transactions-current=ON\n\
             }}\n\
             is_ready() {{\n\
                mariadb --no-defaults --user=root --socket=\"$dir/socket\" \
                    --execute='CREATE DATABASE IF NOT EXISTS test' 2>/dev/null\n\
             }}"
    );
    MARIADB.start("mysql", &script)
}

/// Gives the Redis that the tests share, or nothing where it is not installed.
#[must_use]
pub fn redis() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(|| try_redis(""));
    present(started.as_ref())
}

/// Starts a Redis for one test, which may restart it, with more options. Gives nothing where it is
/// not installed.
#[must_use]
pub fn start_redis(options: &str) -> Option<Server> {
    present(try_redis(options))
}

const REDIS: Program = Program {
    name: "Redis",
    package: "redis-server",
};

/// Starts a Redis for a program, with more options.
///
/// # Errors
///
/// [`StartError`], which names the package to install.
pub fn try_redis(options: &str) -> Result<Server, StartError> {
    let server = REDIS.find(&[], "redis-server")?;
    let server = server.display();
    let script = format!(
        "signal=KILL\n\
         run() {{\n\
            exec {server} --bind 127.0.0.1 --port $port --save '' --dir \"$dir\" {options}\n\
         }}\n\
         is_ready() {{ grep -q 'Ready to accept connections' log; }}"
    );
    REDIS.start("root", &script)
}

/// Gives the NATS with JetStream that the tests share, or nothing where it is not installed.
#[must_use]
pub fn nats() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(|| try_nats(""));
    present(started.as_ref())
}

/// Starts a NATS with JetStream for one test, which may restart it, with more options. Gives
/// nothing where it is not installed.
#[must_use]
pub fn start_nats(options: &str) -> Option<Server> {
    present(try_nats(options))
}

pub(crate) const NATS: Program = Program {
    name: "NATS",
    package: "nats-server",
};

/// Starts a NATS for a program, with more options.
///
/// # Errors
///
/// [`StartError`], which names the package to install.
pub fn try_nats(options: &str) -> Result<Server, StartError> {
    let server = NATS.find(&["/usr/sbin".into()], "nats-server")?;
    let server = server.display();
    let script = format!(
        "signal=KILL\n\
         run() {{\n\
            exec {server} --addr 127.0.0.1 --port $port --jetstream --store_dir \"$dir/store\" \
                {options}\n\
         }}\n\
         is_ready() {{ grep -q 'Server is ready' log; }}"
    );
    NATS.start("root", &script)
}

/// Gives the RabbitMQ that the tests share, or nothing where it is not installed. Its user is
/// `guest`, the password too.
#[must_use]
pub fn rabbitmq() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(try_rabbitmq);
    present(started.as_ref())
}

/// Starts a RabbitMQ for one test. Gives nothing where it is not installed.
#[must_use]
pub fn start_rabbitmq() -> Option<Server> {
    present(try_rabbitmq())
}

const RABBITMQ: Program = Program {
    name: "RabbitMQ",
    package: "rabbitmq-server",
};

fn try_rabbitmq() -> Start {
    // The script in front of this one insists on a user of its own.
    let server = RABBITMQ.find(&["/usr/lib/rabbitmq/bin".into()], "rabbitmq-server")?;
    let server = server.display();
    let script = format!(
        ": >rabbitmq.conf\n\
         near() {{ echo $((port < 40000 ? port + $1 : port - $1)); }}\n\
         export HOME=\"$dir\" RABBITMQ_NODENAME=forwith$port@localhost \
            RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$port \
            RABBITMQ_DIST_PORT=$(near 20000) ERL_EPMD_PORT=$(near 21000) \
            RABBITMQ_MNESIA_BASE=\"$dir/mnesia\" RABBITMQ_LOG_BASE=\"$dir/logs\" \
            RABBITMQ_CONFIG_FILE=\"$dir/rabbitmq\" RABBITMQ_PID_FILE=\"$dir/pid\" \
            RABBITMQ_ENABLED_PLUGINS_FILE=\"$dir/plugins\" ERL_EPMD_ADDRESS=127.0.0.1 \
            RABBITMQ_LOGS=-\n\
         pid_file=pid signal=KILL\n\
         afterwards='for _ in 1 2 3 4 5 6 7 8 9; do epmd -kill | grep -q Killed && break; \
            sleep 0.2; done'\n\
         run() {{ exec {server}; }}\n\
         is_ready() {{ grep -q 'startup complete' log; }}"
    );
    RABBITMQ.start("root", &script)
}

/// Gives the Mosquitto, a broker of MQTT, that the tests share, or nothing where it is not
/// installed.
#[must_use]
pub fn mosquitto() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(try_mosquitto);
    present(started.as_ref())
}

const MOSQUITTO: Program = Program {
    name: "Mosquitto",
    package: "mosquitto",
};

fn try_mosquitto() -> Start {
    let server = MOSQUITTO.find(&["/usr/sbin".into()], "mosquitto")?;
    let server = server.display();
    let script = format!(
        "signal=KILL\n\
         printf 'listener %s 127.0.0.1\\nallow_anonymous true\\n' $port >conf\n\
         run() {{ exec $as {server} -c conf; }}\n\
         is_ready() {{ grep -q 'running' log; }}"
    );
    MOSQUITTO.start("mosquitto", &script)
}

/// Gives the chromedriver that the tests share, or nothing where it or Chromium is not installed.
/// What a browser writes belongs into the folder of the server.
#[must_use]
pub fn chromedriver() -> Option<&'static Server> {
    static SERVER: OnceLock<Start> = OnceLock::new();
    let started = SERVER.get_or_init(try_chromedriver);
    present(started.as_ref())
}

const CHROMEDRIVER: Program = Program {
    name: "chromedriver",
    package: "chromium-driver",
};

fn try_chromedriver() -> Start {
    let server = CHROMEDRIVER.find(&[], "chromedriver")?;
    CHROMEDRIVER.find(&[], "chromium")?;
    let server = server.display();
    // Browsers outlive their driver. Those of this one have its folder in their arguments.
    let script = format!(
        "export HOME=\"$dir\" TMPDIR=\"$dir\"\n\
         signal=KILL\n\
         afterwards='for process in /proc/[0-9]*; do \
            grep -qs \"data-dir=$dir\" $process/cmdline && kill -KILL ${{process#/proc/}}; done'\n\
         run() {{ exec {server} --port=$port; }}\n\
         is_ready() {{ grep -q 'started successfully' log; }}"
    );
    CHROMEDRIVER.start("root", &script)
}
