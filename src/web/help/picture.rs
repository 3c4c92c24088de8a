//! The screenshots of the help, one for each theme. `cargo bench --bench pictures` makes them.

use crate::http::assets;
use maud::{Markup, html};

/// The pixels of a screenshot for each CSS pixel, as a fraction: sharp on high-density displays too.
const SHARPNESS: (u32, u32) = (3, 2);

/// Renders a screenshot, light or dark like the page. Browsers do not load the other one.
pub fn image(name: &str, alt: &str) -> Markup {
    let picture = |look: &'static str| {
        let file = format!("help/{name}-{look}.png");
        let on_page = |pixels: u32| pixels * SHARPNESS.1 / SHARPNESS.0;
        let (width, height) = assets::pixels(&file).unwrap_or_default();
        html! {
            img class=(look) src=(assets::path(&file)) width=(on_page(width)) height=(on_page(height)) alt=(alt) loading="lazy";
        }
    };
    html! { figure.picture { (picture("light")) (picture("dark")) } }
}
