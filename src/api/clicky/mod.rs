//! Clicky's API: the requests that its clients send, and the replies that they rely on.

pub mod account;
mod addresses;
mod answer;
mod incompleted;
mod items;
mod output;
mod parameters;
mod reply;
pub mod response;
pub mod stats;
mod stats_type;
mod uptime;
mod visitors;
mod words;
