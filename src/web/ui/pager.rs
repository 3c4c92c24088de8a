//! The links to the newer and older pages of a list.

use maud::{Markup, html};

/// Renders the links; nothing if there is one page only.
pub fn draw(newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        @if newer.is_some() || older.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(newer) = newer { a.button href=(newer) rel="prev" { "← Newer" } }
                @if let Some(older) = older { a.button href=(older) rel="next" { "Older →" } }
            }
        }
    }
}
