//! Real browsers. There are few, since each takes seconds.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use fantoccini::ClientBuilder;
use fantoccini::wd::Capabilities;
use forwith::async_with;
use forwith_resources::fantoccini::{Error, browser};
use hyper_util::client::legacy::connect::HttpConnector;

use forwith_testing::strike::{Ended, Phase, Strike, strike};
use forwith_testing::{chromedriver, until};

/// What a browser is started with. `profile` is the folder of what it writes.
fn capabilities(profile: &Path) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.display());
    let args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        &profile,
    ];
    let options = [("args", args.as_slice())].into_iter().collect();
    [("goog:chromeOptions".to_string(), options)]
        .into_iter()
        .collect()
}

/// The number of processes that have this folder in their arguments.
fn processes(profile: &Path) -> usize {
    let profile = profile.display().to_string();
    let all = fs::read_dir("/proc").unwrap();
    let lines = all.filter_map(|process| fs::read(process.ok()?.path().join("cmdline")).ok());
    lines
        .filter(|line| String::from_utf8_lossy(line).contains(&profile))
        .count()
}

#[tokio::test]
async fn no_process_of_a_browser_outlives_its_block() {
    let Some(server) = chromedriver() else { return };
    let phase = Cell::new(Phase::Enter);
    let work = async |profile: &Path| -> Result<String, Error> {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(profile));
        let url = format!("http://127.0.0.1:{}", server.port);
        let connect = async move { builder.connect(&url).await };
        async_with!(browser(connect) as client, {
            phase.set(Phase::Body);
            assert!(processes(profile) > 0);
            client.goto("data:text/html,<title>a page</title>").await?;
            let title = client.title().await?;
            phase.set(Phase::Exit);
            title
        })
    };
    let profile = |name| -> PathBuf { server.dir.join(name) };
    let assert_gone = async |profile: &Path| {
        until("the end of the browser", async || {
            match processes(profile) {
                0 => Ok(()),
                many => Err(many),
            }
        })
        .await;
    };

    let completed = profile("completed");
    assert_eq!(work(&completed).await.unwrap(), "a page");
    assert_eq!(processes(&completed), 0, "right behind the exit");
    for (name, kind, at) in [
        ("cancelled", Strike::Cancelled, Phase::Enter),
        ("dropped", Strike::Dropped, Phase::Body),
        ("dropped-late", Strike::Dropped, Phase::Exit),
        ("without-reaper", Strike::DroppedWithoutReaper, Phase::Enter),
    ] {
        let profile = profile(name);
        let ended = strike(kind, at, 1, &phase, work(&profile)).await;
        assert!(matches!(ended, Ended::Struck), "{ended:?}");
        if kind != Strike::DroppedWithoutReaper {
            assert!(profile.exists(), "it was started: {name}");
            assert_eq!(processes(&profile), 0, "behind the exit: {name}");
        }
        // A browser that is on its way comes all the same.
        until("the start", async || {
            profile.exists().then_some(()).ok_or(name)
        })
        .await;
        assert_gone(&profile).await;
    }
}
