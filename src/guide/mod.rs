#![doc = include_str!("contents.md")]

#[doc = include_str!("step_0_functions.md")]
pub mod step_0_functions {}

#[doc = include_str!("step_1_coroutines.md")]
pub mod step_1_coroutines {}

#[doc = include_str!("step_2_by_hand.md")]
pub mod step_2_by_hand {}

#[doc = include_str!("step_3_yielding.md")]
pub mod step_3_yielding {}

#[doc = include_str!("step_4_scheduler.md")]
pub mod step_4_scheduler {}

// The picture, where the file is not at hand: of two links of one name the first counts.
#[doc = include_str!("gather.md")]
#[doc = include_str!("step_5_gather.md")]
pub mod step_5_gather {}

#[doc = include_str!("step_6_async_for.md")]
pub mod step_6_async_for {}

#[doc = include_str!("step_7_async_with.md")]
pub mod step_7_async_with {}

#[doc = include_str!("cancellation.md")]
#[doc = include_str!("step_8_cancellation.md")]
pub mod step_8_cancellation {}

#[doc = include_str!("step_9_tokio.md")]
pub mod step_9_tokio {}

#[doc = include_str!("in_a_server.md")]
pub mod in_a_server {}

#[doc = include_str!("what_a_drop_does.md")]
pub mod what_a_drop_does {}

#[doc = include_str!("words.md")]
pub mod words {}
