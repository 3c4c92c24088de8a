//! Parameters in the query of a request, read as PHP reads them: of a repeated name the last value counts.

/// Returns the decoded value of a parameter; empty if there is none. Bytes that are not UTF-8 become replacement
/// characters.
pub fn last_value(query: &str, name: &str) -> String {
    let values = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    values.last().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_counts_and_is_decoded() {
        let query = "site_id=1&sitekey=a%2Bb+c&site%5Fid=2&other=site_id%3D3&%FF=%FF";
        assert_eq!(last_value(query, "site_id"), "2");
        assert_eq!(last_value(query, "sitekey"), "a+b c");
        assert_eq!(last_value(query, "\u{fffd}"), "\u{fffd}");
        assert_eq!(last_value("site_id=1&site_id", "site_id"), "");
        assert_eq!(last_value("", "site_id"), "");
    }
}
