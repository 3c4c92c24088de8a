//! English names of countries and languages.

const COUNTRIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/countries.rs"));
const LANGUAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/languages.rs"));

/// Languages with codes of three letters that browsers offer, named as in Unicode CLDR.
const LONG_CODES: &[(&str, &str)] = &[
    ("ast", "Asturian"),
    ("bho", "Bhojpuri"),
    ("brx", "Bodo"),
    ("ceb", "Cebuano"),
    ("chr", "Cherokee"),
    ("ckb", "Central Kurdish"),
    ("doi", "Dogri"),
    ("dsb", "Lower Sorbian"),
    ("fil", "Filipino"),
    ("fur", "Friulian"),
    ("gsw", "Swiss German"),
    ("haw", "Hawaiian"),
    ("hsb", "Upper Sorbian"),
    ("kab", "Kabyle"),
    ("kok", "Konkani"),
    ("lij", "Ligurian"),
    ("mai", "Maithili"),
    ("mni", "Manipuri"),
    ("sat", "Santali"),
    ("scn", "Sicilian"),
    ("sco", "Scots"),
    ("szl", "Silesian"),
    ("vec", "Venetian"),
    ("yue", "Cantonese"),
];

/// Outdated language codes that browsers and Java still send, with their replacements.
const OLD_CODES: [(&str, &str); 5] = [("in", "id"), ("iw", "he"), ("ji", "yi"), ("jw", "jv"), ("tl", "fil")];

fn find(names: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    names.binary_search_by(|(known, _)| (*known).cmp(code)).ok().map(|at| names[at].1)
}

/// Returns the name of a country by its code of two letters, or the code if it is unknown.
pub fn country_name(code: &str) -> &str {
    find(COUNTRIES, code).unwrap_or(code)
}

/// Returns the name of a language tag, such as "German (Austria)" for `de-at`.
pub fn language_name(tag: &str) -> String {
    let region = tag.split('-').skip(1).find(|part| part.len() == 2).map(str::to_uppercase);
    let name = code_name(primary(tag)).unwrap_or(tag);
    match region.as_deref().and_then(|region| find(COUNTRIES, region)) {
        Some(country) => format!("{name} ({country})"),
        None => name.to_owned(),
    }
}

/// Returns the name of a tag's language without the country, such as "German" for `de-at`.
pub fn language_family(tag: &str) -> &str {
    let primary = primary(tag);
    code_name(primary).unwrap_or(primary)
}

fn code_name(code: &str) -> Option<&'static str> {
    find(LANGUAGES, code).or_else(|| find(LONG_CODES, code))
}

/// Returns the language subtag of a tag, with outdated codes replaced.
pub fn primary(tag: &str) -> &str {
    let code = tag.split('-').next().unwrap_or_default();
    OLD_CODES.iter().find(|(old, _)| *old == code).map_or(code, |(_, new)| new)
}

/// Normalises a language tag: lower case, hyphens (`en_US.UTF-8`, as on Unix, becomes `en-us`), and the current code of
/// the language. `None` for a text that is no tag, and for the unknown language (`und`).
pub fn language_tag(text: &str) -> Option<String> {
    let tag = text.split(['.', '@']).next()?.trim().to_ascii_lowercase().replace('_', "-");
    let is_tag = (2..=35).contains(&tag.len())
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && tag.as_bytes()[..2].iter().all(u8::is_ascii_alphabetic);
    let primary = primary(&tag);
    if !is_tag || primary == "und" {
        return None;
    }
    Some(match tag.split_once('-') {
        Some((_, rest)) => format!("{primary}-{rest}"),
        None => primary.to_owned(),
    })
}

/// Finds the code of a country by its name or code, in any letter case.
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
        assert_eq!(language_name("fil-ph"), "Filipino (Philippines)");
        assert_eq!(
            (language_name("iw-il"), language_family("iw")),
            (language_name("he-il"), language_family("he"))
        );
        assert!(LONG_CODES.is_sorted());
    }

    #[test]
    fn tags_are_kept_in_one_form() {
        for (text, tag) in [
            ("de-CH", Some("de-ch")),
            ("en_US", Some("en-us")),
            ("en_US.UTF-8", Some("en-us")),
            ("ca_ES@valencia", Some("ca-es")),
            ("zh_Hant_TW", Some("zh-hant-tw")),
            ("iw", Some("he")),
            ("iw_IL", Some("he-il")),
            ("in-ID", Some("id-id")),
            ("tl", Some("fil")),
            ("fil", Some("fil")),
            ("und", None),
            ("und-US", None),
            ("*", None),
            ("C.UTF-8", None),
            ("<b>", None),
            ("12", None),
        ] {
            assert_eq!(language_tag(text).as_deref(), tag, "{text}");
        }
    }
}
