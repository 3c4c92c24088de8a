//! Browsers and systems that uap-core does not know, or names differently: in-app browsers and those of consoles and
//! televisions.

/// A product, recognised by a text that occurs only in its user agents.
struct Product {
    mark: &'static str,
    name: &'static str,
    /// The texts before the version; the first one that occurs counts.
    version_behind: &'static [&'static str],
}

const fn product(mark: &'static str, name: &'static str, version_behind: &'static [&'static str]) -> Product {
    Product { mark, name, version_behind }
}

/// The browsers in order of precedence: an app inside another app names both.
const BROWSERS: [Product; 18] = [
    product("(Ecosia ", "Ecosia", &["@"]),
    product("musical_ly", "TikTok", &["app_version/", "musical_ly_"]),
    product("trill_", "TikTok", &["app_version/", "trill_"]),
    product("BytedanceWebview", "TikTok", &["app_version/"]),
    product("[LinkedInApp]", "LinkedIn", &["[LinkedInApp]/"]),
    product("MicroMessenger", "WeChat", &["MicroMessenger/"]),
    product("KAKAOTALK", "KakaoTalk", &["KAKAOTALK/", "KAKAOTALK "]),
    product("KAKAOSTORY", "KakaoStory", &["KAKAOSTORY/"]),
    product("MetaIAB Facebook", "Facebook", &[]),
    product("Viber/", "Viber", &["Viber/"]),
    product("Telegram-Android", "Telegram", &["Telegram-Android/"]),
    product("OPX/", "Opera GX", &["OPX/"]),
    product("OPT/", "Opera Touch", &["OPT/"]),
    product("HuaweiBrowser", "Huawei Browser", &["HuaweiBrowser/"]),
    product("ArkWeb/", "ArkWeb", &["ArkWeb/"]),
    product("PlayStation 4", "PlayStation Browser", &[]),
    product("PlayStation 5", "PlayStation Browser", &[]),
    product("NintendoBrowser", "Nintendo Browser", &["NintendoBrowser/"]),
];

const SYSTEMS: [Product; 14] = [
    product("OpenHarmony", "HarmonyOS", &["OpenHarmony "]),
    product("HarmonyOS", "HarmonyOS", &["HarmonyOS "]),
    product("Web0S", "webOS", &[]),
    product("webOS.TV", "webOS", &[]),
    product("PlayStation 5", "PlayStation 5", &[]),
    product("PlayStation 4", "PlayStation 4", &[]),
    product("PLAYSTATION 3", "PlayStation 3", &[]),
    product("PlayStation Vita", "PlayStation Vita", &[]),
    product("PlayStation Portable", "PlayStation Portable", &[]),
    product("Nintendo Switch", "Nintendo Switch", &[]),
    product("Nintendo WiiU", "Nintendo Wii U", &[]),
    product("Nintendo Wii", "Nintendo Wii", &[]),
    product("Nintendo 3DS", "Nintendo 3DS", &[]),
    product("; Xbox", "Xbox", &[]),
];

/// The most digits of a version; a longer number is a build number.
const VERSION_DIGITS_MAX: usize = 3;

/// Finds a browser that the rules of uap-core miss, with its major version.
pub fn browser(user_agent: &str) -> Option<(&'static str, Option<&str>)> {
    find(&BROWSERS, user_agent)
}

/// Finds a system that the rules of uap-core miss, with its major version.
pub fn system(user_agent: &str) -> Option<(&'static str, Option<&str>)> {
    find(&SYSTEMS, user_agent)
}

fn find<'a>(products: &[Product], user_agent: &'a str) -> Option<(&'static str, Option<&'a str>)> {
    let found = products.iter().find(|product| user_agent.contains(product.mark))?;
    let version = found.version_behind.iter().find_map(|mark| user_agent.split_once(mark));
    let version = version
        .map(|(_, rest)| &rest[..rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())]);
    Some((found.name, version.filter(|digits| (1..=VERSION_DIGITS_MAX).contains(&digits.len()))))
}

#[cfg(test)]
mod tests {
    use super::super::{ClientHints, parse};

    #[test]
    fn products_are_called_by_their_names() {
        let table = include_str!("../../../tests/agents/products.txt");
        let lines: Vec<_> = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(lines.len() >= 30);
        for line in lines {
            let mut parts = line.splitn(3, " | ");
            let (browser, system) = (parts.next().unwrap(), parts.next().unwrap());
            let agent = parse(parts.next().unwrap(), &ClientHints::default());
            assert_eq!((agent.browser.as_str(), agent.system.as_str()), (browser, system), "{line}");
        }
    }
}
