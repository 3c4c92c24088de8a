//! The log: plain lines on standard error, with colours on a terminal only.

use super::printed;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format;

/// The filter for the level `info`. Anyone can send requests that are not HTTP, and a log line for each would let
/// strangers fill the disk.
const USUAL: &str = "info,actix_server=warn,actix_http=off";

/// Parses a log level or a filter by modules. A level beyond `info` applies to this program's own lines only.
///
/// # Errors
/// Returns a sentence for a text that is neither.
pub fn filter(text: &str) -> Result<String, String> {
    let text = text.trim();
    let filter = match text.to_ascii_lowercase().as_str() {
        level @ ("off" | "error" | "warn") => format!("{level},actix_http=off"),
        "info" => USUAL.into(),
        // Libraries may log URLs that contain secrets.
        level @ ("debug" | "trace") => format!("{USUAL},clickstead={level}"),
        // A list may have blanks after its commas.
        _ => text.split(',').map(str::trim).collect::<Vec<_>>().join(","),
    };
    let is_named = |part: &str| part.contains('=') || is_level(part);
    let is_known = filter.split(',').all(is_named) && EnvFilter::try_new(&filter).is_ok();
    if is_known {
        Ok(filter)
    } else {
        Err("give error, warn, info, debug, trace or off, or a filter such as info,clickstead::server=debug"
            .into())
    }
}

fn is_level(word: &str) -> bool {
    ["off", "error", "warn", "info", "debug", "trace"].contains(&word.to_ascii_lowercase().as_str())
}

/// Starts logging.
pub fn start(filter: &str) {
    let fields = format::debug_fn(printed::field).delimited(" ");
    // When the log cannot be written, for instance on a full disk, the error must not end the program.
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).fmt_fields(fields);
    let has_colours =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|word| word.is_empty());
    log.with_writer(std::io::stderr).with_ansi(has_colours).log_internal_errors(false).init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_that_of_our_own_lines_and_a_word_that_is_none_is_refused() {
        assert_eq!(filter(" Info ").unwrap(), USUAL);
        assert_eq!(filter("debug").unwrap(), format!("{USUAL},clickstead=debug"));
        assert_eq!(filter("warn, clickstead::mail=debug").unwrap(), "warn,clickstead::mail=debug");
        for wrong in ["debugg", "clickstead=loud", "verbose,info", ""] {
            assert!(filter(wrong).is_err(), "{wrong}");
        }
    }
}
