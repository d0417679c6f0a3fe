//! Folders.

use std::cell::Cell;
use std::fs;

use async_tempfile::{Error, TempDir};
use forwith::async_with;
use forwith_resources::async_tempfile::{OpenFolder, folder};

use super::dropped_at_each_wait;
use super::site::Site;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};

fn in_site(site: &Site) -> OpenFolder<impl Future<Output = Result<TempDir, Error>> + use<>> {
    folder(TempDir::new_in(site.path().to_path_buf()))
}

#[tokio::test]
async fn folder_ends_with_its_body() {
    for kind in ["completes", "fails", "panics"] {
        let site = Site::new();
        let work = async {
            async_with!(in_site(&site) as folder, {
                let path = folder.dir_path().clone();
                folder.run(|path| fs::write(path.join("file"), "1")).await?;
                folder
                    .call(tokio::fs::create_dir_all(path.join("a/b")))
                    .await?;
                assert!(path.join("file").exists() && path.join("a/b").exists());
                match kind {
                    "fails" => Err(Error::InvalidAffix)?,
                    "panics" => panic!(),
                    _ => {}
                }
                Ok::<_, Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        assert!(site.names().is_empty(), "right behind a body that {kind}");
    }
}

#[tokio::test]
async fn folder_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let work = async |site: &Site| -> Result<(), Error> {
        async_with!(in_site(site) as folder, {
            phase.set(Phase::Body);
            let deep = folder.dir_path().join("a/b/c");
            folder.call(tokio::fs::create_dir_all(deep)).await?;
            folder.run(|path| fs::write(path.join("file"), "1")).await?;
            phase.set(Phase::Exit);
        })
    };
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let site = Site::new();
                let ended = strike(kind, at, time, &phase, work(&site)).await;
                if at == Phase::Enter || kind == Strike::DroppedWithoutReaper {
                    site.until_empty(&what).await; // in the thread
                } else {
                    assert!(site.names().is_empty(), "{what}");
                }
                if let Ended::First(ended) = ended {
                    ended.unwrap();
                    break;
                }
                struck += 1;
            }
        }
    }
    assert!(struck > 4, "{struck}");
}

#[test]
fn folder_whose_enter_is_dropped_is_removed() {
    dropped_at_each_wait(&async |site| async_with!(in_site(site), {}));
}
