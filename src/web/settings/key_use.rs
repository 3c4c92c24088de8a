//! The last use of a site key or a personal token, as the screens say it.

use crate::model::clock::Zone;
use crate::store::key_uses::KeyUse;
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};

/// Renders the time, address and program of the last use, or that there was none.
pub fn last_use(zone: &Zone, used: Option<&KeyUse>) -> Markup {
    html! {
        @match used {
            Some(used) => { "last used " (self::used(zone, used)) }
            None => "not used yet"
        }
    }
}

/// Renders the time, address and program of a use.
pub fn used(zone: &Zone, used: &KeyUse) -> Markup {
    html! {
        (format::moment(zone, used.at, Moment::Full)) " from " (used.address)
        @if !used.user_agent.is_empty() { " by " span.cut-any { (used.user_agent) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::Timestamp;

    #[test]
    fn a_use_is_said_with_time_address_and_program() {
        let said = |user_agent: &str| {
            let used = KeyUse::new(Timestamp(1_795_000_000_000), "192.0.2.7".into(), user_agent);
            let markup = last_use(&Zone::utc(), Some(&used)).into_string();
            let texts = markup.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
            texts.collect::<String>()
        };
        assert_eq!(said(""), "last used 18 Nov 2026, 11:06 from 192.0.2.7");
        assert_eq!(said("curl/8.5.0"), "last used 18 Nov 2026, 11:06 from 192.0.2.7 by curl/8.5.0");
        assert!(said("<script>").ends_with(" by &lt;script&gt;"));
        assert_eq!(last_use(&Zone::utc(), None).into_string(), "not used yet");
    }
}
