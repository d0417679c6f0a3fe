//! A loop whose bodies enter resources, wait, and end in every way.

use std::fmt;

use forwith::{async_for, async_with};
use futures::stream;

use crate::common::{Failure, Held, Trace, turns};

/// How many bodies run at once.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    AtMost(usize),
    Unlimited,
}

pub const LIMITS: [Limit; 4] = [
    Limit::AtMost(1),
    Limit::AtMost(2),
    Limit::AtMost(8),
    Limit::Unlimited,
];

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    End,
    Continue,
    Break,
    Return,
    Fail,
    Jump,
    Panic,
}

pub const WAYS: [Way; 7] = [
    Way::End,
    Way::Continue,
    Way::Break,
    Way::Return,
    Way::Fail,
    Way::Jump,
    Way::Panic,
];

/// What a body does.
#[derive(Clone, Copy)]
pub struct Body {
    /// How often it yields before it enters anything.
    pub before: u32,
    /// How many resources it enters, one in the other: up to two.
    pub resources: usize,
    /// How often it yields inside.
    pub inside: u32,
    pub way: Way,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Body {
            before,
            resources,
            inside,
            way,
        } = self;
        write!(f, "{before}+{resources}+{inside} {way:?}")
    }
}

/// The name of the outer and of the inner resource of each body, and of what it holds.
pub const NAMES: [[&str; 3]; 12] = [
    ["a0", "b0", "0"],
    ["a1", "b1", "1"],
    ["a2", "b2", "2"],
    ["a3", "b3", "3"],
    ["a4", "b4", "4"],
    ["a5", "b5", "5"],
    ["a6", "b6", "6"],
    ["a7", "b7", "7"],
    ["a8", "b8", "8"],
    ["a9", "b9", "9"],
    ["a10", "b10", "10"],
    ["a11", "b11", "11"],
];

/// Runs the bodies. The value says by which way of which body the loop has ended.
#[expect(clippy::too_many_lines, reason = "each jump stands where it is taken")]
pub async fn program(trace: Trace, bodies: Vec<Body>, limit: Limit) -> Result<String, Failure> {
    let found = 'outer: {
        let found = match limit {
            Limit::AtMost(limit) => {
                async_for!(
                    #[concurrent(limit)]
                    for (n, body) in stream::iter(bodies.into_iter().enumerate()) {
                        let _held = Held(NAMES[n][2], trace.clone());
                        turns(body.before).await;
                        match body.resources {
                            0 => {
                                turns(body.inside).await;
                                match body.way {
                                    Way::End => {}
                                    Way::Continue => continue,
                                    Way::Break => break n,
                                    Way::Return => return Ok(format!("returned {n}")),
                                    Way::Fail => Err(Failure(format!("failed {n}")))?,
                                    Way::Jump => break 'outer n,
                                    Way::Panic => panic!("panicked {n}"),
                                }
                            }
                            1 => async_with!(trace.open(NAMES[n][0]), {
                                turns(body.inside).await;
                                match body.way {
                                    Way::End => {}
                                    Way::Continue => continue,
                                    Way::Break => break n,
                                    Way::Return => return Ok(format!("returned {n}")),
                                    Way::Fail => Err(Failure(format!("failed {n}")))?,
                                    Way::Jump => break 'outer n,
                                    Way::Panic => panic!("panicked {n}"),
                                }
                            })?,
                            _ => async_with!(trace.open(NAMES[n][0]), trace.open(NAMES[n][1]), {
                                turns(body.inside).await;
                                match body.way {
                                    Way::End => {}
                                    Way::Continue => continue,
                                    Way::Break => break n,
                                    Way::Return => return Ok(format!("returned {n}")),
                                    Way::Fail => Err(Failure(format!("failed {n}")))?,
                                    Way::Jump => break 'outer n,
                                    Way::Panic => panic!("panicked {n}"),
                                }
                            })?,
                        }
                    }
                )
            }
            Limit::Unlimited => {
                // As above, but with two calls of the macro one in the other.
                async_for!(
                    #[concurrent(unlimited)]
                    for (n, body) in stream::iter(bodies.into_iter().enumerate()) {
                        let _held = Held(NAMES[n][2], trace.clone());
                        turns(body.before).await;
                        match body.resources {
                            0 => {
                                turns(body.inside).await;
                                match body.way {
                                    Way::End => {}
                                    Way::Continue => continue,
                                    Way::Break => break n,
                                    Way::Return => return Ok(format!("returned {n}")),
                                    Way::Fail => Err(Failure(format!("failed {n}")))?,
                                    Way::Jump => break 'outer n,
                                    Way::Panic => panic!("panicked {n}"),
                                }
                            }
                            1 => async_with!(trace.open(NAMES[n][0]), {
                                turns(body.inside).await;
                                match body.way {
                                    Way::End => {}
                                    Way::Continue => continue,
                                    Way::Break => break n,
                                    Way::Return => return Ok(format!("returned {n}")),
                                    Way::Fail => Err(Failure(format!("failed {n}")))?,
                                    Way::Jump => break 'outer n,
                                    Way::Panic => panic!("panicked {n}"),
                                }
                            })?,
                            _ => async_with!(trace.open(NAMES[n][0]), {
                                async_with!(trace.open(NAMES[n][1]), {
                                    turns(body.inside).await;
                                    match body.way {
                                        Way::End => {}
                                        Way::Continue => continue,
                                        Way::Break => break n,
                                        Way::Return => return Ok(format!("returned {n}")),
                                        Way::Fail => Err(Failure(format!("failed {n}")))?,
                                        Way::Jump => break 'outer n,
                                        Way::Panic => panic!("panicked {n}"),
                                    }
                                })?
                            })?,
                        }
                    }
                )
            }
        };
        return Ok(match found {
            Some(n) => format!("broke {n}"),
            None => "ended".to_owned(),
        });
    };
    Ok(format!("jumped {found}"))
}
