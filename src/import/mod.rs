//! Files in and out: a whole site as `export` writes it, hits that another program wrote down, access logs of web
//! servers. A file is looked through before anything is written; what is written is written in slices beside a running
//! server, each with how far it has come, so that nothing counts twice. Knows nothing of the terminal.

mod checks;
pub mod export;
pub mod format;
mod hit_line;
pub mod hits;
pub mod hosts;
pub mod judge;
pub mod known;
pub mod line_ledger;
pub mod log_fields;
mod log_line;
mod origin;
mod read_ahead;
mod requests;
pub mod site;
mod slices;
pub mod sorted;
pub mod tally;
pub mod text;
mod touched;
pub mod trusted_proxies;
