//! Alerts on screen: a person's list of events, which the bell opens, and the lists and forms of alerts, which a person's own and
//! those of a whole site share.

pub mod form_page;
mod form_values;
mod history;
pub mod inbox;
pub mod list;
mod preview;
pub mod room;

pub use form_page::{check, edit, save};
pub use list::{mute, remove, show};
