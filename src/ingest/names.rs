//! English names of countries and languages.

const COUNTRIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/countries.rs"));
const LANGUAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/languages.rs"));

fn find(names: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    names.binary_search_by(|(known, _)| (*known).cmp(code)).ok().map(|at| names[at].1)
}

/// The name of a country by its two letters; the letters themselves when there is none.
pub fn country_name(code: &str) -> &str {
    find(COUNTRIES, code).unwrap_or(code)
}

/// The name of a language tag, such as "German (Austria)" for `de-at`.
pub fn language_name(tag: &str) -> String {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let region = parts.find(|part| part.len() == 2).map(str::to_uppercase);
    let name = find(LANGUAGES, primary).unwrap_or(tag);
    match region.as_deref().and_then(|region| find(COUNTRIES, region)) {
        Some(country) => format!("{name} ({country})"),
        None => name.to_owned(),
    }
}

/// The name of a tag's language, whatever the country: "German" for `de-at`.
pub fn language_family(tag: &str) -> &str {
    let primary = primary(tag);
    find(LANGUAGES, primary).unwrap_or(primary)
}

/// The language part of a tag.
pub fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// The two letters of a country, by its name or by themselves.
pub fn country_code(text: &str) -> Option<&'static str> {
    let is_meant = |(code, name): &&(&str, &str)| {
        code.eq_ignore_ascii_case(text) || name.to_lowercase() == text.to_lowercase()
    };
    COUNTRIES.iter().find(is_meant).map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(country_name("DE"), "Germany");
        assert_eq!(country_name("XX"), "XX");
        assert_eq!(language_name("de-at"), "German (Austria)");
        assert_eq!(language_name("en"), "English");
        assert_eq!(language_name("zh-hant-tw"), "Chinese (Taiwan, Province of China)");
        assert_eq!(language_name("xx-yy"), "xx-yy");
    }
}
