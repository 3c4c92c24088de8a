//! Pictures of the program's own screens, one for each look. `cargo bench --bench pictures` takes them.

use crate::http::assets;
use maud::{Markup, html};

/// How many pixels of a picture stand for how many of the page: pictures are sharp on fine displays too.
const SHARPNESS: (u32, u32) = (3, 2);

/// A picture, light or dark as the page is. The other one is not loaded.
pub fn of(name: &str, alt: &str) -> Markup {
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
