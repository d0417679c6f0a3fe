//! Sends, their outcomes, and who is told of them.

use std::time::Duration;

use forwith::{AsyncExit, Outcome, async_with};
use forwith_resources::lettre::{Error, Mailer, transport};
use lettre::AsyncTransport;

use crate::server::{Server, mail};
use forwith_testing::strike::{caught, poll_times};
use forwith_testing::{free_port, soon, until};

async fn assert_no_connection(server: &Server) {
    until("the end of the connections", async || {
        match server.connections() {
            0 => Ok(()),
            many => Err(many),
        }
    })
    .await;
}

/// Sends a mail, and gives up when the server has it before it.
async fn give_up(server: &Server, mailer: &Mailer, subject: &str) {
    let seen = server.seen.load(std::sync::atomic::Ordering::SeqCst);
    tokio::select! {
        sent = mailer.send(mail(subject)) => unreachable!("it is not judged: {sent:?}"),
        () = server.has_seen(seen + 1) => {}
    }
}

#[tokio::test]
async fn send_behind_one_that_was_given_up_is_told_the_truth() {
    let server = Server::start().await;
    let smtp = server.transport();
    let ended: Result<(), Error> = async {
        async_with!(transport(smtp.clone()) as mailer, {
            give_up(&server, mailer, "slow").await;
            let refused = soon("the next mail", mailer.send(mail("refused"))).await;
            let error = refused.unwrap_err();
            assert!(error.to_string().contains("554"), "{error:?}");
            assert!(!error.is_unknown());
            server.verdicts.add_permits(1);
            mailer.send(mail("second")).await?;
        })
    }
    .await;
    ended.unwrap();
    let mut taken = server.taken();
    taken.sort();
    assert_eq!(taken, ["second", "slow"]);
    assert_no_connection(&server).await; // although the transport is still there
    drop(smtp);
}

/// However the body ends, the exit awaits the mail, and says goodbye.
#[tokio::test]
async fn mail_that_was_given_up_is_taken_behind_the_body() {
    let server = Server::start().await;
    for kind in ["completes", "fails", "panics"] {
        let mut ended = Ok(());
        let panicked = caught(async {
            ended = async {
                async_with!(transport(server.transport()) as mailer, {
                    mailer.send(mail("first")).await?;
                    give_up(&server, mailer, "slow").await;
                    let server = server.clone();
                    tokio::spawn(async move { server.verdicts.add_permits(1) });
                    match kind {
                        "fails" => Err(Error::Closed)?,
                        "panics" => panic!("oh"),
                        _ => Ok::<_, Error>(()),
                    }
                })?
            }
            .await;
        })
        .await;
        assert_eq!(panicked.is_some(), kind == "panics", "{panicked:?}");
        assert_eq!(ended.is_err(), kind == "fails", "{ended:?}");
        assert_eq!(
            server.taken(),
            ["first", "slow"],
            "behind a body that {kind}"
        );
        assert_no_connection(&server).await;
        server.clear();
        server.seen.store(0, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Nobody waited for it, so the exit says so.
#[tokio::test]
async fn mail_that_was_given_up_and_refused_is_an_error_of_the_exit() {
    let server = Server::start().await;
    let ended: Result<(), Error> = async {
        async_with!(transport(server.transport()) as mailer, {
            give_up(&server, mailer, "slow and refused").await;
            server.verdicts.add_permits(1);
        })
    }
    .await;
    assert!(ended.unwrap_err().to_string().contains("554"));
}

/// The answer is there, but the caller has not looked.
#[tokio::test]
async fn answer_that_nobody_has_read_is_an_error_of_the_exit() {
    let server = Server::start().await;
    let ended: Result<(), Error> = async {
        async_with!(transport(server.transport()) as mailer, {
            let mut sent = Box::pin(mailer.send(mail("slow and refused")));
            assert!(poll_times(1, &mut sent).await.is_none());
            server.has_seen(1).await;
            server.verdicts.add_permits(1);
            mailer.send(mail("other")).await?;
            until("the refusal", async || match server.connections() {
                1 => Ok(()), // the library closes that of a refused mail
                other => Err(other),
            })
            .await;
        })
    }
    .await;
    assert!(ended.unwrap_err().to_string().contains("554"));
    assert_eq!(server.taken(), ["other"]);
}

#[tokio::test]
async fn mail_without_an_answer_is_unknown() {
    let server = Server::start().await;
    let ended: Result<(), Error> = async {
        async_with!(transport(server.transport()) as mailer, {
            mailer.send(mail("cut")).await?;
        })
    }
    .await;
    let error = ended.unwrap_err();
    assert!(error.is_unknown(), "{error:?}");
    assert_eq!(server.taken(), ["cut"]);
}

/// The server never judges. The library would wait without end.
#[tokio::test]
async fn exit_that_takes_too_long_is_bounded() {
    let server = Server::start().await;
    let smtp = server.transport();
    let mut kept = None;
    let work = async {
        let limit = Duration::from_millis(20);
        async_with!(transport(smtp.clone()).send_limit(limit) as mailer, {
            give_up(&server, mailer, "slow").await;
            let mailer = (**mailer).clone();
            kept = Some(tokio::spawn(
                async move { mailer.send(mail("slow, too")).await },
            ));
            server.has_seen(2).await;
        })
    };
    let ended: Result<(), Error> = soon("the exit", work).await;
    let error = ended.unwrap_err();
    assert!(matches!(error, Error::Unanswered(2)), "{error:?}");
    let waiter = soon("a task that waits", kept.unwrap()).await.unwrap();
    assert!(waiter.unwrap_err().is_unknown());
    let refused = soon("the shut pool", smtp.send(mail("refused"))).await;
    let error = refused.unwrap_err();
    assert!(error.is_transport_shutdown(), "{error:?}");
}

#[tokio::test]
async fn mailer_that_was_kept_sends_nothing_behind_the_exit() {
    let server = Server::start().await;
    let mut kept = None;
    let ended: Result<(), Error> = async {
        async_with!(transport(server.transport()) as mailer, {
            kept = Some((**mailer).clone())
        })
    }
    .await;
    ended.unwrap();
    let refused = kept.unwrap().send(mail("late")).await;
    assert!(matches!(refused, Err(Error::Closed)), "{refused:?}");
    assert_eq!(server.taken(), [""; 0]);
}

#[tokio::test]
async fn mails_side_by_side_have_each_its_verdict() {
    let server = Server::start().await;
    let ended: Result<(), Error> = async {
        async_with!(transport(server.transport()) as mailer, {
            let sent = futures::future::join_all((0..20).map(|n| {
                let subject = if n % 2 == 0 { "taken" } else { "refused" };
                mailer.send(mail(&format!("{subject} {n}")))
            }));
            for (n, sent) in soon("the mails", sent).await.into_iter().enumerate() {
                assert_eq!(sent.is_ok(), n % 2 == 0, "{n}: {sent:?}");
            }
        })
    }
    .await;
    ended.unwrap();
    assert_eq!(server.taken().len(), 10);
    assert_no_connection(&server).await;
}

#[tokio::test]
async fn server_that_is_not_there_is_an_error_of_the_send() {
    let smtp = crate::server::Smtp::builder_dangerous("127.0.0.1").port(free_port());
    let ended: Result<(), Error> = async {
        async_with!(transport(smtp.build()) as mailer, {
            mailer.send(mail("nowhere")).await?;
        })
    }
    .await;
    assert!(matches!(ended, Err(Error::Smtp(_))), "{ended:?}");
}

/// The sends go on, also where nobody takes the exit, or it is cut.
#[tokio::test]
async fn connection_of_a_cut_exit_is_not_used_with_an_answer_to_come() {
    let server = Server::start().await;
    let smtp = server.transport();
    let held = forwith::AsyncEnter::enter(transport(smtp.clone()))
        .await
        .unwrap();
    give_up(&server, &held, "slow").await;
    assert!(poll_times(1, held.exit(Outcome::Cancelled)).await.is_none());
    for _ in 0..10 {
        tokio::task::yield_now().await; // what was cut would be given back
    }
    server.verdicts.add_permits(1);
    let refused = soon("the next mail", smtp.send(mail("refused"))).await;
    assert!(refused.is_err());
    until("the mail", async || match server.taken().len() {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
}

/// Work with a transport can be spawned. It compiles, or does not.
#[test]
fn work_with_a_transport_is_send() {
    fn spawned<F: Future + Send + 'static>(_: fn(crate::server::Smtp) -> F) {}
    async fn work(smtp: crate::server::Smtp) -> Result<(), Error> {
        async_with!(transport(smtp) as mailer, {
            mailer.send(mail("spawned")).await?;
        })
    }
    spawned(work);
}
