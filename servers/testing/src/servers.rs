//! The servers, one of each in a process.

use std::fs;
use std::sync::OnceLock;

use crate::server::{Once, Server, find, started};

/// Starts PostgreSQL, or gives nothing where it is not installed. Its user is `test`.
#[must_use]
pub fn postgres() -> Option<&'static Server> {
    static SERVER: Once = OnceLock::new();
    started(&SERVER, "PostgreSQL", || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok();
        let bins = versions.into_iter().flatten().flatten();
        let mut bins: Vec<_> = bins.map(|version| version.path().join("bin")).collect();
        bins.sort();
        bins.reverse();
        let initdb = find(&bins, "initdb")?;
        let initdb = fs::canonicalize(initdb).ok()?; // its folder has the server, too
        let bin = initdb.parent()?.display();
        let script = format!(
            "set -e\n\
             $as {bin}/initdb --pgdata=data --username=test --auth=trust --no-sync --no-locale \
                --encoding=UTF8 >/dev/null\n\
             $as {bin}/postgres -D data -p $port -k \"$dir\" -c listen_addresses=127.0.0.1 \
                -c fsync=off -c max_connections=100 -c log_min_messages=panic &\n\
             server=$!\n\
             until grep -q ready data/postmaster.pid; do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e"
        );
        Some(Server::start("postgres", "postgres", &script))
    })
}

/// Starts MariaDB, or gives nothing where it is not installed. Its user is `root`, its database
/// `test`.
#[must_use]
pub fn mariadb() -> Option<&'static Server> {
    static SERVER: Once = OnceLock::new();
    started(&SERVER, "MariaDB", || {
        let server = find(&["/usr/sbin".into()], "mariadbd")?;
        let server = server.display();
        let install = find(&[], "mariadb-install-db")?;
        let install = install.display();
        let script = format!(
            "set -e\n\
             $as {install} --no-defaults --datadir=\"$dir/data\" --skip-test-db \
                --auth-root-authentication-method=normal >/dev/null\n\
             $as {server} --no-defaults --datadir=\"$dir/data\" --socket=\"$dir/socket\" \
                --port=$port --bind-address=127.0.0.1 --pid-file=\"$dir/pid\" \
                --innodb-flush-log-at-trx-commit=0 --performance-schema=ON \
                --performance-schema-instrument=transaction=ON \
                --performance-schema-consumer-events-transactions-current=ON &\n\
             server=$!\n\
             until mariadb --no-defaults --user=root --socket=\"$dir/socket\" \
                --execute='CREATE DATABASE IF NOT EXISTS test' 2>/dev/null\n\
             do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e"
        );
        Some(Server::start("mariadb", "mysql", &script))
    })
}

/// Starts Redis, or gives nothing where it is not installed.
#[must_use]
pub fn redis() -> Option<&'static Server> {
    static SERVER: Once = OnceLock::new();
    started(&SERVER, "Redis", || {
        let server = find(&["/usr/sbin".into()], "redis-server")?;
        let server = server.display();
        let script = format!(
            "set -e\n\
             {server} --bind 127.0.0.1 --port $port --save '' --appendonly no --dir \"$dir\" &\n\
             server=$!\n\
             signal=KILL\n\
             until grep -q 'Ready to accept connections' log\n\
             do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e"
        );
        Some(Server::start("redis", "root", &script))
    })
}

/// Starts NATS with JetStream, or gives nothing where it is not installed.
#[must_use]
pub fn nats() -> Option<&'static Server> {
    static SERVER: Once = OnceLock::new();
    started(&SERVER, "NATS", || {
        let server = find(&["/usr/sbin".into()], "nats-server")?;
        let server = server.display();
        let script = format!(
            "set -e\n\
             {server} --addr 127.0.0.1 --port $port --jetstream --store_dir \"$dir/store\" &\n\
             server=$!\n\
             until grep -q 'Server is ready' log; do kill -0 $server; sleep 0.05; done\n\
             touch ready\n\
             set +e"
        );
        Some(Server::start("nats", "root", &script))
    })
}

/// Starts RabbitMQ, or gives nothing where it is not installed. Its user is `guest`, the password
/// too.
#[must_use]
pub fn rabbitmq() -> Option<&'static Server> {
    static SERVER: Once = OnceLock::new();
    started(&SERVER, "RabbitMQ", || {
        // The script in front of this one insists on a user of its own.
        let server = find(&["/usr/lib/rabbitmq/bin".into()], "rabbitmq-server")?;
        let server = server.display();
        let script = format!(
            "set -e\n\
             : >rabbitmq.conf\n\
             export HOME=\"$dir\" RABBITMQ_NODENAME=forwith$port@localhost \
                RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$port \
                RABBITMQ_DIST_PORT=$((port < 40000 ? port + 20000 : port - 20000)) \
                RABBITMQ_MNESIA_BASE=\"$dir/mnesia\" RABBITMQ_LOG_BASE=\"$dir/logs\" \
                RABBITMQ_CONFIG_FILE=\"$dir/rabbitmq\" RABBITMQ_PID_FILE=\"$dir/pid\" \
                RABBITMQ_ENABLED_PLUGINS_FILE=\"$dir/plugins\" ERL_EPMD_ADDRESS=127.0.0.1 \
                RABBITMQ_LOGS=- ERL_EPMD_PORT=$((port < 40000 ? port + 21000 : port - 21000))\n\
             {server} &\n\
             server=$!\n\
             signal=KILL\n\
             afterwards='for _ in 1 2 3 4 5 6 7 8 9; do epmd -kill | grep -q Killed && break; \
                sleep 0.2; done'\n\
             until grep -q 'startup complete' log; do kill -0 $server; sleep 0.1; done\n\
             server=$(cat pid) # of the Erlang machine, which a script has started\n\
             touch ready\n\
             set +e"
        );
        Some(Server::start("rabbitmq", "root", &script))
    })
}
