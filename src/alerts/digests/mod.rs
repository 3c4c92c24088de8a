//! E-mail reports: who gets them, when they are due, and what they say. A report shows its recipient what they may see at the moment
//! at which it is written, and nothing else.

pub mod composition;
pub mod due;
pub mod ending;
pub mod largest_changes;
pub mod letter;
pub mod outside;
pub mod sending;
pub mod site_report;
pub mod standing;
pub mod subscriptions;
