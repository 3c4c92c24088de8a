//! Messages that nobody asks for each time: alerts, uptime, e-mail reports, webhooks. Each act checks, changes and writes its line in
//! the audit log, all in the transaction that it is given.

pub mod counts;
pub mod day_hours;
pub mod delivery;
pub mod description;
pub mod digests;
pub mod facts;
pub mod fired;
pub mod look;
pub mod mail;
pub mod monitors;
pub mod preview;
pub mod received;
pub mod rights;
pub mod rules;
pub mod site_numbers;
pub mod slot;
pub mod state;
pub mod traffic;
pub mod unsubscribe;
pub mod webhooks;
