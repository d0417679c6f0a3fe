//! The ways in which a body ends while its future is awaited.

use std::future::pending;
use std::io;

use forwith::{CancelToken, scope};
use forwith_testing::soon;
use forwith_testing::strike::caught;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    Completes,
    Fails,
    Panics,
    IsCancelled,
}

pub const ENDINGS: [Ending; 4] = [
    Ending::Completes,
    Ending::Fails,
    Ending::Panics,
    Ending::IsCancelled,
];

impl Ending {
    /// The last thing that a body does.
    pub async fn end(self, token: &CancelToken) -> io::Result<()> {
        match self {
            Ending::Completes => Ok(()),
            Ending::Fails => Err(io::ErrorKind::NotFound.into()),
            Ending::Panics => panic!("oh"),
            Ending::IsCancelled => {
                token.cancel();
                pending().await
            }
        }
    }

    /// Awaits the work whose body ends like this.
    pub async fn run(self, token: &CancelToken, work: impl Future<Output = io::Result<()>>) {
        let mut ended = None;
        let scoped = async { ended = Some(scope(work, token.cancelled()).await) };
        let panicked = soon("the end of the work", caught(scoped)).await;
        match self {
            Ending::Completes => ended.unwrap().unwrap().unwrap(),
            Ending::Fails => {
                let error = ended.unwrap().unwrap().unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::NotFound);
            }
            Ending::Panics => assert_eq!(panicked.as_deref(), Some("oh")),
            Ending::IsCancelled => assert!(ended.unwrap().is_err()),
        }
    }
}
