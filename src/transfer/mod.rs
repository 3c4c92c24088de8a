//! Files in and out: a whole site as `export` writes it, hits that another program wrote down, access logs of web
//! servers. A file is looked through before anything is written; what is written is written in slices beside a running
//! server, each with how far it has come, so that nothing counts twice. Knows nothing of the terminal.

mod batches;
pub mod classify;
pub mod counts;
pub mod export;
pub mod fingerprint;
pub mod format;
mod hit_line;
pub mod hits;
pub mod hosts;
mod invalidate;
pub mod line_ledger;
pub mod log_fields;
mod log_line;
mod origin;
mod page_requests;
mod read_ahead;
pub mod site;
pub mod sorted;
pub mod source_file;
pub mod trusted_proxies;
mod validate;
