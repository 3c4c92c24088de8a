//! Ingestion: from a beacon to rows. [`pipeline`] lists the steps in order. The [`enrich::Enricher`] adds the data that
//! depends on the beacon alone (user agent, location, page); the [`recorder::Recorder`], on the writer's thread, does the
//! work that needs the site and the data file (visitor, filters, source, visit). [`drop_reason`] is the word for why a hit
//! is dropped: `recorder::accept` decides, [`dropped_hits`] remembers and counts.

mod agent_cache;
pub mod beacon;
pub mod bots;
mod budgets;
pub mod change_log;
pub mod clean_text;
mod country_table;
pub mod drop_reason;
pub mod dropped_hits;
pub mod enrich;
pub mod exclusions;
pub mod geoip;
pub mod goal_match;
pub mod hit;
pub mod identity;
pub mod live;
pub mod locale_names;
mod other_hosts;
pub mod page_patterns;
mod page_ref;
pub mod page_url;
mod page_use;
pub mod pipeline;
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
