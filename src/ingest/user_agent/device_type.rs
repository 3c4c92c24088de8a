//! The device type, by words in the user agent.

use super::client_hints::ClientHints;
use crate::model::device_type::DeviceType;
use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// Patterns of televisions, set-top boxes and consoles: documented by their makers, or "TV" in a model's name.
const TELEVISIONS: &[&str] = &[
    r"TV([^a-zA-Z]|$)|[Tt]v[;/)]|Smart-?Tv|WebTV|SmartHub|Maple ?\d|Large Screen",
    r"Web0S|WEBOS\d|NetCast|Viera[/);]|BRAVIA|SonyCEBrowser|VIDAA|VSTVB|NETRANGE|CE-HTML|InettvBrowser|Espial/|\bOMI/|avui/tv|Kylo/",
    r"\bAFT[A-Z0-9]|CrKey/|Chromecast|Roku|DuneHD|\bSTB|stbapp|NSZ-G|MXQ|BDPlayer|Blu-?[Rr]ay|LED\d{2}|[Ss]tick[ );/]|STICK",
    r"(^|[^A-Za-z])(Android|Media|Mi|MI|MX|S|Sber|Smart|Tv)?[ _-]?B[Oo][Xx]([^A-Za-z]|$)",
    r"PlayStation|PLAYSTATION|X[Bb][Oo][Xx]|Nintendo (Wii|Switch)",
];

/// Patterns of models in whose names "TV" means something else.
const NO_TELEVISIONS: &[&str] = &[r"\bSTV100|\bBNTV\d|\bBTV-[A-Z]"];

/// Patterns of tablets: documented by their makers, or "Tab" and "Pad" in a model's name.
const TABLETS: &[&str] = &[
    r"iPad|[Tt]ablet|TABLET|Kindle|Silk/|PlayBook|TouchPad|\bKF[A-Z]{2,6}\b",
    r"\bSM-[TXP]\d{3}|\bGT-(P\d|N5|N8)\d{3}|\bNexus (7|9|10)\b|\bPixel C\b|Xoom|\bTB-?[0-9X]|\bYT[0-9]?-[0-9JX]|Lenovo (TB|YT)",
    r"\b(AGM|AGR|AGS|BAH|BTV|BZK|CMR|DBY|GOT|JDN|KJR|KOB|MRX|SCM|SHT)\d?-[AWL]|LIFETAB|\bMID\d|\bT[SP]\d{2,4}[A-Z]{2}\b",
    r"(^|[^A-Za-z])([A-Za-z]*TAB|[A-Z][a-z]*Tab|[Tt]ab)([^a-zA-Z]|$)|P[Aa][Dd]([^A-Za-z]|$)",
];

/// The compiled patterns.
struct Rules {
    televisions: Regex,
    no_televisions: Regex,
    tablets: Regex,
}

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| {
    let one = |rules: &[&str]| RegexBuilder::new(&rules.join("|")).unicode(false).build();
    let compile = || {
        Ok::<_, regex::Error>(Rules {
            televisions: one(TELEVISIONS)?,
            no_televisions: one(NO_TELEVISIONS)?,
            tablets: one(TABLETS)?,
        })
    };
    compile()
        .inspect_err(
            |error| tracing::error!(%error, "the rules for machines can't be used; they are told roughly"),
        )
        .ok()
});

/// Compiles the patterns ahead of their first use.
pub fn warm() {
    LazyLock::force(&RULES);
}

/// Determines the device type; televisions and tablets come first, since many of them also claim to be mobile.
pub fn device_type(user_agent: &str, hints: &ClientHints<'_>) -> DeviceType {
    let says = |words: &[&str]| words.iter().any(|word| user_agent.contains(word));
    let rules = RULES.as_ref();
    let matches =
        |rule: fn(&Rules) -> &Regex| rules.is_some_and(|rules| rule(rules).is_match(user_agent.as_bytes()));
    if matches(|rules| &rules.televisions) && !matches(|rules| &rules.no_televisions) {
        DeviceType::Television
    } else if (matches(|rules| &rules.tablets) && !says(&["Windows NT", "Windows Phone"]))
        || (says(&["Android"]) && !says(&["Mobile", "Opera Mini"]) && hints.mobile != Some(true))
    {
        DeviceType::Tablet
    } else if hints.mobile == Some(true)
        || says(&["iPhone", "iPod", "Mobile", "Opera Mini", "Windows Phone", "BlackBerry"])
    {
        DeviceType::Phone
    } else if says(&["Windows", "Macintosh", "X11", "Linux", "CrOS", "(PC; ", "(2in1; "]) {
        DeviceType::Desktop
    } else {
        DeviceType::Other
    }
}

#[cfg(test)]
#[expect(clippy::print_stdout, reason = "figures are for the reader of a test run")]
mod tests {
    use super::*;

    #[test]
    fn televisions_and_tablets_are_told_by_their_words() {
        for (table, meant) in [
            (include_str!("../../../tests/agents/televisions.txt"), DeviceType::Television),
            (include_str!("../../../tests/agents/tablets.txt"), DeviceType::Tablet),
        ] {
            let agents: Vec<_> =
                table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
            let missed: Vec<_> =
                agents.iter().filter(|agent| device_type(agent, &ClientHints::default()) != meant).collect();
            for agent in &missed {
                println!("no {}: {agent}", meant.name().to_lowercase());
            }
            println!("{}: {} of {} told right", meant.name(), agents.len() - missed.len(), agents.len());
            assert!(agents.len() >= 40 && missed.len() * 20 <= agents.len(), "{missed:#?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_television_or_a_tablet_is_none() {
        for (agent, meant) in [
            (
                "Mozilla/5.0 (Linux; Android 6.0.1; STV100-3 Build/MMB29M) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/55.0.2883.91 Mobile Safari/537.36",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 7.0; BTV-W09) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/85.0.4183.81 Safari/537.36",
                DeviceType::Tablet,
            ),
            (
                "Mozilla/5.0 (Linux; Android 4.4.4; PadFone) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/75.0.3770.143 Mobile Safari/537.36",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
                DeviceType::Desktop,
            ),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (PC; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1",
                DeviceType::Desktop,
            ),
        ] {
            assert_eq!(device_type(agent, &ClientHints::default()), meant, "{agent}");
        }
    }
}
