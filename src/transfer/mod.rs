//! Import and export: a whole site as `export` writes it, hits that another program recorded, access logs of web servers.
//! A file is previewed before anything is written; it is imported in bounded transactions next to a running server, each
//! with the progress so far, so that no line counts twice. Knows nothing of the terminal.

mod batches;
pub mod classify;
pub mod counts;
pub mod export;
pub mod fingerprint;
pub mod format;
#[cfg(test)]
mod goals_roundtrip;
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
#[cfg(test)]
mod roundtrip;
pub mod site;
pub mod sorted;
pub mod source_file;
pub mod trusted_proxies;
mod validate;
