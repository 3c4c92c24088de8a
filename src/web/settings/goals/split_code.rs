//! The section for split tests, which need no set-up here: the page code that names a version.

use crate::web::ui::field;
use maud::{Markup, html};

/// The page code of an example.
const CODE: &str = "<script>\nvar clicky_custom = clicky_custom || {};\nclicky_custom.split = {name: 'Order button', version: 'green', goal: 'Order'};\n</script>";

/// Renders the section.
pub fn draw(base: &str) -> Markup {
    html! {
        section id="split-tests" {
            h2 { "Split tests" }
            p { "Show visitors different versions of a page, and let the page name the one it shows. The results are in the report " a href={ (base) "/reports/split-tests" } { "Split tests" } "." }
            (field::copyable("On your pages, above the page code", "split-code", CODE))
            p { a href="/help/split-tests" { "How to run a split test" } }
        }
    }
}
