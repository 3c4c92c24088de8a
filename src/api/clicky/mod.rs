//! Clicky's API: the replies that its clients rely on.

pub mod output;
pub mod reply;
