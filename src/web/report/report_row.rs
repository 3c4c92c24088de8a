//! An item of a report: its icon, and a quiet bar for its share.

use crate::model::metrics::quotient;
use crate::reports::results::item_name::Icon;
use crate::web::ui::icon as icons;
use maud::{Markup, html};

/// Renders the icon in front of a name.
pub fn icon(icon: &Icon) -> Markup {
    match icon {
        Icon::None => html! {},
        Icon::Flag(code) => icons::flag(code),
        Icon::Channel(medium) => icons::medium(*medium),
        Icon::DeviceType(hardware) => icons::hardware(*hardware),
    }
}

/// Renders a bar as wide as a share; the numbers next to it say the same.
pub fn bar(value: i64, whole: i64) -> Markup {
    let width = permille(value, whole);
    html! {
        svg.share viewBox="0 0 1000 1" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect width=(width) height="1" {}
        }
    }
}

/// Returns a share in thousandths of the whole.
pub fn permille(value: i64, whole: i64) -> i64 {
    quotient(value * 1_000, whole)
}
