//! From a beacon to rows. What can be told from the beacon alone (agent, place, page) is told on the way in by
//! [`prepare::Desk`]; what needs the site (who it is, whether it counts, how they came) is judged by the
//! [`recorder::Recorder`] on the writer's thread, where the file's own word on sites and keys is at hand.

mod agent_cache;
pub mod bots;
mod budgets;
pub mod change_log;
mod clean_text;
mod country_table;
mod day_counts;
pub mod drop_reason;
pub mod enrich;
pub mod exclusions;
pub mod geoip;
pub mod hit;
pub mod identity;
pub mod live;
pub mod locale_names;
pub mod new_text;
pub mod other_host;
pub mod page_url;
pub mod recorder;
pub mod referrer_spam;
pub mod reverse_dns;
mod sender;
pub mod source;
mod translated;
pub mod typed_address;
pub mod user_agent;
mod watched_file;

pub use locale_names::{country_name, language_name};
