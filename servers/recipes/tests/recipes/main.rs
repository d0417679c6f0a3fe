//! The recipes, on real files and servers; and what each library does when a value is dropped.

mod files;
mod local;
mod servers;

/// Work with a recipe can be spawned. It compiles, or does not.
#[test]
fn recipes_are_send() {
    use std::path::Path;

    use forwith_recipes::{csv, file, fred, gzip, mqtt, mysql, tar, zip};

    fn sent<F: Future + Send>(_: impl FnOnce() -> F) {}

    let path = Path::new("path");
    sent(|| csv::store(path, &[]));
    sent(|| file::store(path, ""));
    sent(|| fred::store(::fred::prelude::Config::default(), &[]));
    sent(|| gzip::compress(tokio::io::empty(), path));
    sent(|| mqtt::publish(rumqttc::MqttOptions::new("x", "x", 1), "x", &[]));
    let pool = mysql_async::Pool::new("mysql://x");
    sent(|| mysql::pay(&pool, 1, 2, 3));
    sent(|| tar::pack(path, &[]));
    sent(|| zip::pack(path, &[]));
}
