//! Blocks with a transport that are struck.

use std::cell::Cell;

use forwith::async_with;
use forwith_resources::lettre::{Error, transport};
use lettre::AsyncTransport;

use crate::server::{Server, mail};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
use forwith_testing::until;

/// A mail that has begun is taken, once. Those behind it are told the truth, on each connection.
#[tokio::test]
async fn transport_is_struck_in_each_phase() {
    let server = Server::start().await;
    let phase = Cell::new(Phase::Body);
    for kind in STRIKES {
        for at in PHASES {
            if at == Phase::Enter {
                continue; // it does not wait
            }
            let mut time = 1;
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let (begun, smtp) = (Cell::new(0), server.transport());
                let work = async {
                    async_with!(transport(smtp.clone()) as mailer, {
                        phase.set(Phase::Body);
                        for n in 1..3 {
                            begun.set(n);
                            mailer.send(mail(&n.to_string())).await?;
                        }
                        phase.set(Phase::Exit);
                        Ok::<_, Error>(())
                    })?
                };
                let ended = strike(kind, at, time, &phase, work).await;
                let expected: Vec<_> = (1..=begun.get()).map(|n| n.to_string()).collect();
                if kind != Strike::DroppedWithoutReaper {
                    assert_eq!(server.taken(), expected, "behind the exit: {what}");
                }
                until(&what, async || {
                    let taken = server.taken();
                    if taken == expected {
                        Ok(())
                    } else {
                        Err(taken)
                    }
                })
                .await;
                let error = smtp.send(mail("refused")).await.expect_err(&what);
                let is_true = error.status().is_some() || error.is_transport_shutdown();
                assert!(is_true, "{what}: {error:?}");
                server.clear();
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap();
                        assert!(time > 1 || at == Phase::Exit, "no strike: {what}");
                        break;
                    }
                }
                assert!(time < 100, "no end: {what}");
            }
        }
    }
}
