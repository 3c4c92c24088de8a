//! From a beacon to rows. What can be told from the beacon alone (agent, place, page) is told on the way in by
//! [`prepare::Desk`]; what needs the site (who it is, whether it counts, how they came) is judged by the
//! [`recorder::Recorder`] on the writer's thread, where the file's own word on sites and keys is at hand.

pub mod agent;
mod agents;
pub mod bots;
mod budgets;
pub mod changes;
pub mod clicks;
mod country_table;
mod day_counts;
pub mod hit;
pub mod hostnames;
pub mod identity;
pub mod live;
pub mod names;
pub mod new_text;
pub mod page;
pub mod place;
pub mod prepare;
pub mod reason;
pub mod recorder;
pub mod referrer_spam;
pub mod rules;
mod sender;
pub mod source;
pub mod typed_address;
mod watched_file;

pub use names::{country_name, language_name};
