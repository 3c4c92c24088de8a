//! An item of a report: its icon, and a quiet bar for its share.

use super::icon;
use crate::reports::measures::quotient;
use crate::reports::naming::Picture;
use maud::{Markup, html};

/// Renders the icon in front of a name.
pub fn picture(picture: &Picture) -> Markup {
    match picture {
        Picture::None => html! {},
        Picture::Flag(code) => icon::flag(code),
        Picture::Medium(medium) => icon::medium(*medium),
        Picture::Hardware(hardware) => icon::hardware(*hardware),
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
