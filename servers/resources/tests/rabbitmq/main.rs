//! Connections, channels, consumers, messages and publishers of lapin, on a real RabbitMQ.

#![cfg(feature = "lapin")]

mod alone;
mod channel;
mod connection;
mod consumer;
mod message;
mod publisher;
mod sendable;
mod site;
