//! Ten more libraries as resources, each in a few lines, to be copied and changed.
//!
//! [`exit_with`](forwith::ExitWith::exit_with) makes a resource of a future that gives a value, and of
//! a closure that exits it. The exit owns the value, so it goes on in the
//! [reaper](forwith::reaper) when its future is dropped. For values that borrow there is
//! [`exit_borrowing`](forwith::ExitWith::exit_borrowing).
//!
//! | recipe | library | what a drop would do |
//! |---|---|---|
//! | [`mysql`] | mysql_async 0.37.1 | give the answer of a dropped call to the next |
//! | [`fred`] | fred 10.1.0 | close the connection in the midst of what was sent |
//! | [`mqtt`] | rumqttc 0.25.1 | lose what was published, and publish the last will |
//! | [`zip`] | async_zip 0.0.19 | lack an entry without a word |
//! | [`gzip`] | async-compression 0.4.52 | leave a file that ends too early |
//! | [`tar`] | astral-tokio-tar 0.7.0 | leave an archive without its end |
//! | [`csv`] | csv-async 1.3.1 | block the thread until all is written, and hide the error |
//! | [`file`](mod@file) | async-fs 2.2.0 | lose what was written |
//! | [`lock`] | the standard library | release a lock at any time, or take one that nobody wants |
//! | [`serve`] | axum 0.8.9 | stop the server in the midst of answers |
//! | [`tracker`] | tokio-util 0.7.20 | leave the tasks behind |

#![forbid(unsafe_code)]

pub mod csv;
pub mod file;
pub mod fred;
pub mod gzip;
pub mod lock;
pub mod mqtt;
pub mod mysql;
pub mod serve;
pub mod tar;
pub mod tracker;
pub mod zip;
