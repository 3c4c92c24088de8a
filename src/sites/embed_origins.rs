//! The origins whose pages may show a guest link's page in a frame.

use crate::error::{Error, Result};
use crate::ingest::typed_address;
use crate::limits;

/// Parses origins separated by white space; paths are cut off and duplicates dropped.
///
/// # Errors
///
/// Fails with `Error::Invalid` when an entry is no origin, or when there are more than `EMBED_ORIGINS_MAX`.
pub fn origins(typed: &str) -> Result<Vec<String>> {
    let mut origins = Vec::new();
    for line in typed.split_whitespace() {
        let origin = origin(line).ok_or_else(|| {
            Error::invalid(
                "embed_origins",
                format!("“{line}” is no address of a website. Write https://www.example.com."),
            )
        })?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    if origins.len() > limits::EMBED_ORIGINS_MAX {
        let sentence = format!("Name {} websites at most.", limits::EMBED_ORIGINS_MAX);
        return Err(Error::invalid("embed_origins", sentence));
    }
    Ok(origins)
}

/// Returns the origin of an address, such as `https://www.example.com`; `None` if it holds characters that
/// could end a directive of the header.
fn origin(typed: &str) -> Option<String> {
    let url = typed_address::url(typed, "https")?;
    let host = url.host_str().filter(|host| !host.contains(['*', ';', ',', '\'', '%']))?;
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte));
    is_plain.then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_from_whatever_people_paste_and_nothing_else_gets_into_a_header() {
        let typed =
            "https://www.agency.example/clients?x=1\nagency.example http://localhost:8080 agency.example";
        let read = origins(typed).unwrap();
        assert_eq!(read, ["https://www.agency.example", "https://agency.example", "http://localhost:8080"]);
        for wrong in
            ["*", "https://*", "'self'", "javascript:alert(1)", "https://a.example;script-src", "data:x"]
        {
            assert!(origins(wrong).is_err(), "{wrong}");
        }
        assert!(origins("").unwrap().is_empty());
    }
}
