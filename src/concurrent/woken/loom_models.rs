//! Models of wakers that meet the turns of a loop.
