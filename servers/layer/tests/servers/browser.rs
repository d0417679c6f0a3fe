//! A real browser that closes its tab.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::{env, fs, thread};

use axum::response::Html;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{App, open, soon};

/// A browser without a window, in a folder of its own.
struct Browser {
    process: Child,
    folder: std::path::PathBuf,
    /// Where it listens to commands.
    address: String,
}

impl Browser {
    /// Starts Debian's Chromium, if it is here.
    fn start() -> Option<Self> {
        let folder = env::temp_dir().join(format!("forwith-browser-{}", std::process::id()));
        let started = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args([
                "--no-first-run",
                "--disable-background-networking",
                "--disable-extensions",
            ])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", folder.display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) if env::var_os("FORWITH_SERVERS_REQUIRED").is_none() => {
                eprintln!("without Chromium this test sees nothing: {error}");
                return None;
            }
            Err(error) => panic!("Chromium is required here: {error}"),
        };
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            let address = line.strip_prefix("DevTools listening on ws://")?;
            Some(address.split('/').next()?.to_string())
        });
        // What it says must be read, or it waits.
        thread::spawn(move || lines.for_each(drop));
        let address = address.expect("Chromium says where it listens");
        Some(Browser {
            process,
            folder,
            address,
        })
    }

    /// Gives it a command, and reads its answer.
    async fn command(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // It keeps the connection open although it was told not to.
        let reading = async {
            loop {
                let read = stream.read_buf(&mut answer).await.unwrap();
                let text = String::from_utf8_lossy(&answer);
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    assert!(read > 0, "{text}");
                    continue;
                };
                let len = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    let is_len = name.eq_ignore_ascii_case("content-length");
                    is_len.then(|| value.trim().parse::<usize>().ok())?
                });
                if read == 0 || len.is_some_and(|len| body.len() >= len) {
                    assert!(head.contains(" 200 "), "{text}");
                    return body.to_string();
                }
            }
        };
        soon("the browser's answer", reading).await
    }

    /// Opens a tab, and gives its name.
    async fn open(&self, url: &str) -> String {
        let tab = self.command("PUT", &format!("/json/new?{url}")).await;
        let id = tab
            .split("\"id\": \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        id.unwrap_or_else(|| panic!("a tab has an id: {tab}"))
            .to_string()
    }

    async fn close(&self, tab: &str) {
        self.command("GET", &format!("/json/close/{tab}")).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A page that asks for more while it is shown.
const PAGE: &str = "<!doctype html><title>tab</title><script>fetch('PATH')</script>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tab_that_is_closed_cancels_what_it_has_asked_for() {
    let Some(browser) = Browser::start() else {
        return;
    };
    for (path, begun) in [("/wait", "waits"), ("/stream", "frame 5")] {
        let app = App::new();
        let page = get(async move || Html(PAGE.replace("PATH", path)));
        let router = app.router().route("/page", page).layer(app.tracker.layer());
        let server = app.serve_router(router).await;
        let tab = browser
            .open(&format!("http://{}/page", server.address))
            .await;
        app.log.until(begun).await;
        browser.close(&tab).await;
        app.log.until("exit Cancelled").await;
        assert_eq!(app.tracker.running(), 1);
        open(&app.doors.exit);
        app.log.until("exited").await;
        app.until_idle().await;
    }
}
