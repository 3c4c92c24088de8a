//! Interpretation of user agents: browser and operating system by the rules of uap-core, corrected by our own, the
//! device type by our own rules.

mod client_hints;
mod device_type;
mod products;
mod rules;

pub use self::client_hints::ClientHints;
use self::rules::RULES;
use crate::limits;
use crate::model::device_type::DeviceType;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The contents of a user agent. Texts are empty when it does not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The browser with its major version, such as `Chrome 131`.
    pub browser: String,
    /// The operating system with its version, such as `Windows 10/11`.
    pub system: String,
    /// The device type.
    pub device: DeviceType,
}

/// Compiles the rules ahead of their first use.
pub fn warm() {
    LazyLock::force(&RULES);
    device_type::warm();
}

/// Parses the first [`limits::AGENT_RULES_BYTES_MAX`] bytes of a user agent, since the time of a rule grows with the
/// length. Names are parts of the text, so a made-up agent has a made-up browser, but never control characters.
pub fn parse(user_agent: &str, hints: &ClientHints<'_>) -> Agent {
    let rules = &*RULES;
    let user_agent = &user_agent[..user_agent.floor_char_boundary(limits::AGENT_RULES_BYTES_MAX)];
    let user_agent = &*plain(user_agent);
    let browser = || rules.browsers.as_ref().and_then(|rules| rules.extract(user_agent));
    let browser = products::browser(user_agent)
        .map(|(name, major)| join(name, major))
        .or_else(|| browser().map(|found| browser_name(&found.family, found.major)));
    let system = || rules.systems.as_ref().and_then(|rules| rules.extract(user_agent));
    let system = products::system(user_agent)
        .map(|(name, major)| join(name, major))
        .or_else(|| system().map(|found| system_name(&found.os, found.major.as_deref(), user_agent)));
    Agent {
        browser: browser.unwrap_or_default(),
        system: system.unwrap_or_else(|| plain(hints.platform.unwrap_or_default()).into_owned()),
        device: device_type::device_type(user_agent, hints),
    }
}

fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.chars().filter(|character| !character.is_control()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the browser's name, with mobile editions mapped to the common name, and its major version.
fn browser_name(family: &str, major: Option<&str>) -> String {
    let family = match family {
        "Chrome Mobile" | "Chrome Mobile iOS" => "Chrome",
        "Chrome Mobile WebView" => "Android WebView",
        "Mobile Safari" => "Safari",
        "Mobile Safari UI/WKWebView" => "iOS WebView",
        "Firefox Mobile" | "Firefox iOS" => "Firefox",
        "Edge Mobile" => "Edge",
        "Opera Mobile" => "Opera",
        "IE" => "Internet Explorer",
        family => family,
    };
    join(family, major)
}

/// Returns the system's name with its version, as far as the user agent tells it: browsers have frozen many of these
/// numbers.
fn system_name(name: &str, major: Option<&str>, user_agent: &str) -> String {
    match name {
        "Mac OS X" => "macOS".into(),
        "Windows" if major == Some("10") => "Windows 10/11".into(),
        // Chrome reports "Android 10; K" for every version and device.
        "Android" if user_agent.contains("Android 10; K)") => "Android".into(),
        // From iOS 26 on Safari still reports iOS 18, while its own version equals that of the system.
        "iOS" => match safari_major(user_agent) {
            Some(safari) if safari >= 26 => format!("iOS {safari}"),
            _ => join(name, major),
        },
        "Linux" | "Ubuntu" | "Fedora" | "Debian" | "Chrome OS" => name.into(),
        name => join(name, major),
    }
}

/// Returns the major version of Safari.
fn safari_major(user_agent: &str) -> Option<u32> {
    let (_, version) = user_agent.split_once(" Version/")?;
    version.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

fn join(name: &str, major: Option<&str>) -> String {
    match major {
        Some(major) if name != "Other" => format!("{name} {major}"),
        _ if name == "Other" => String::new(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(user_agent: &str) -> (String, String, DeviceType) {
        let agent = parse(user_agent, &ClientHints::default());
        (agent.browser, agent.system, agent.device)
    }

    #[test]
    fn well_known_agents_are_understood() {
        let cases = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome 131",
                "Windows 10/11",
                DeviceType::Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                "Edge 131",
                "Windows 10/11",
                DeviceType::Desktop,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari 18",
                "macOS",
                DeviceType::Desktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari 18",
                "iOS 18",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari 17",
                "iOS 17",
                DeviceType::Tablet,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
                "Chrome 131",
                "Android",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome 131",
                "Android 13",
                DeviceType::Tablet,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "Firefox 133",
                "Linux",
                DeviceType::Desktop,
            ),
            (
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/7.0 TV Safari/537.36",
                "Safari 7",
                "Tizen 7",
                DeviceType::Television,
            ),
        ];
        for (agent, browser, system, device) in cases {
            assert_eq!(names(agent), (browser.into(), system.into(), device), "{agent}");
        }
    }

    #[test]
    fn misleading_agents_are_understood() {
        let cases = [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari 26",
                "iOS 26",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; .NET CLR 2.0.50727; Tablet PC 2.0; rv:11.0) like Gecko",
                "Internet Explorer 11",
                "Windows 7",
                DeviceType::Desktop,
            ),
            (
                "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; en) Presto/2.12.423 Version/12.16",
                "Opera Mini 36",
                "Android",
                DeviceType::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 12; AFTKM Build/PS7646) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
                "Chrome 120",
                "Android 12",
                DeviceType::Television,
            ),
            (
                "Mozilla/5.0 (Android 14; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0",
                "Firefox 133",
                "Android 14",
                DeviceType::Tablet,
            ),
        ];
        for (agent, browser, system, device) in cases {
            assert_eq!(names(agent), (browser.into(), system.into(), device), "{agent}");
        }
    }

    #[test]
    fn browsers_and_systems_are_told_by_the_beginning_of_an_agent() {
        let filler = "x".repeat(limits::AGENT_RULES_BYTES_MAX);
        let agent = format!("Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0 {filler} Edg/131.0");
        assert_eq!(names(&agent), ("Firefox 133".into(), "Linux".into(), DeviceType::Desktop));
        let late = format!("{filler} Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0");
        assert_eq!(names(&late), (String::new(), String::new(), DeviceType::Other));
    }

    #[test]
    fn nonsense_is_unknown() {
        assert_eq!(names(""), (String::new(), String::new(), DeviceType::Other));
        assert_eq!(names("\u{0}\u{1f600} <script>"), (String::new(), String::new(), DeviceType::Other));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_becomes_words_without_control_characters(
            text in "((Mozilla/5.0 |Chrome/1|; |Android|Version/| Safari|[(]|[)])|\\PC|[\\x00-\\x20]|[A-Za-z./]{1,9}){0,60}",
            mobile in any::<Option<bool>>(),
        ) {
            let agent = parse(&text, &ClientHints { mobile, platform: None });
            prop_assert!(!agent.browser.contains(char::is_control) && !agent.system.contains(char::is_control));
        }
    }
}
