//! The branding of a page: this program's, a site's brand, or none. No other file names the program on pages.

use crate::http::assets;
use crate::sites::logo;
use crate::store::brands::Brand;
use crate::web::ui::icon;
use maud::{Markup, html};

/// The name of this program, as pages show it.
const NAME: &str = "Clickstead";

/// The branding of a page.
#[derive(Clone, Debug, Default)]
pub enum Branding {
    /// This program's.
    Ours,
    /// None: no name and no icon.
    #[default]
    Anonymous,
    /// A site's brand.
    Brand {
        /// The path of the guest link, below which the brand's files are.
        path: String,
        /// The brand.
        brand: Brand,
    },
}

/// The site at the top of a guest link's page.
pub struct Home<'a> {
    /// The site's name.
    pub name: &'a str,
    /// The address of its first page.
    pub address: String,
}

impl Branding {
    /// Returns the name that the page shows.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Ours => Some(NAME),
            Self::Anonymous => None,
            Self::Brand { brand, .. } => Some(&brand.name),
        }
    }

    /// Renders the icon of the browser's tab. Without an icon a browser requests `/favicon.ico` unless told otherwise.
    pub fn icon(&self) -> Markup {
        match self {
            Self::Ours => html! { link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml"; },
            Self::Brand { path, brand } if brand.logo.is_some_and(logo::makes_an_icon) => {
                html! { link rel="icon" href=(file(path, "icon.png", brand)) type="image/png"; }
            }
            Self::Anonymous | Self::Brand { .. } => html! { link rel="icon" href="data:,"; },
        }
    }

    /// Renders the link to the style sheet of a brand with a colour.
    pub fn style_sheet(&self) -> Markup {
        html! {
            @if let Self::Brand { path, brand } = self {
                @if brand.accent.is_some() { link rel="stylesheet" href=(file(path, "brand.css", brand)); }
            }
        }
    }

    /// Renders the top left of a guest link's page.
    pub fn head(&self, home: Option<&Home<'_>>) -> Markup {
        let address = home.map(|home| &home.address);
        html! {
            @match (self, home) {
                (Self::Brand { path, brand }, _) => {
                    a.brand.worn href=(address.unwrap_or(path)) {
                        @if let Some((width, height)) = brand.logo {
                            img src=(file(path, "logo.png", brand)) alt="" width=(width) height=(height);
                        }
                        span.cut { (brand.name) }
                    }
                    @if let Some(home) = home { span.brand-site.quiet.cut { (home.name) } }
                },
                (_, Some(home)) => a.brand href=(home.address) { span { (home.name) } },
                (_, None) => {},
            }
        }
    }

    /// Renders the foot of a guest link's page.
    pub fn foot(&self) -> Markup {
        html! {
            @match self {
                Self::Ours => footer.foot { (icon::mark()) span { (NAME) } },
                Self::Brand { brand, .. } if !brand.footer.is_empty() => footer.foot { span { (brand.footer) } },
                Self::Anonymous | Self::Brand { .. } => {},
            }
        }
    }
}

/// Returns the address of one of the brand's files, which changes with the brand.
fn file(path: &str, name: &str, brand: &Brand) -> String {
    format!("{path}/{name}?v={}", brand.updated_at.0)
}
