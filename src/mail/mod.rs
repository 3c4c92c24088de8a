//! Letters: their texts, and their delivery to a mail server. The schedule is a background task's, the occasion
//! the caller's. Knows nothing of requests and screens.

pub mod body;
mod html;
mod plain;
pub mod smtp;
pub mod templates;
