//! The conditions of a screen as chips, each of which can be taken away.

use super::asked::Asked;
use super::icon;
use crate::ingest::names::{country_name, language_family};
use crate::reports::dimension::Naming;
use crate::reports::filter::Wanted;
use maud::{Markup, html};

/// What a condition is about, and its value, in words.
fn words(wanted: &Wanted) -> (&'static str, String) {
    let value = match wanted.dimension.naming {
        Naming::Country => country_name(&wanted.value).to_owned(),
        Naming::Language => language_family(&wanted.value).to_owned(),
        _ => wanted.value.clone(),
    };
    (wanted.dimension.noun, value)
}

/// The chips above a screen at this path.
pub fn chips(asked: &Asked, path: &str, wanted: &[Wanted]) -> Markup {
    html! {
        @if !wanted.is_empty() {
            ul.chips aria-label="Filters" {
                @for condition in wanted {
                    @let (title, value) = words(condition);
                    li {
                        span { (title) " is " b { (value) } }
                        a href=(asked.link(path, &[(condition.dimension.filter, "")])) aria-label={ "Take away: " (title) " is " (value) } title="Take away" { (icon::close()) }
                    }
                }
            }
        }
    }
}
