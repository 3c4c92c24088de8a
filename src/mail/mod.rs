//! Letters: what they say, and how one is handed to a mail server. When they are sent is a task's business; why they
//! are written is the business of whoever causes them. Knows nothing of requests and screens.

pub mod letters;
pub mod post;
