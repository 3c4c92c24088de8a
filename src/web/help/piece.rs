//! The pieces that a guide is made of: HTML that the build made of Markdown, and between it what the program knows or
//! what depends on the reader.

use super::picture;
use super::reader::Reader;
use super::screen::Screen;
use maud::{Markup, PreEscaped, html};

/// A piece of a guide.
pub enum Piece {
    /// HTML that is the same for every reader.
    Html(&'static str),
    /// A part that the program makes.
    Part(fn() -> Markup),
    /// The address of this server, as the reader reached it.
    Origin,
    /// The address of another guide, about the same site.
    Address(&'static str),
    /// A screen of the site, with the way to it: a link if the reader may open it.
    Screen(Screen, &'static str),
    /// The path of a screen of the account, with the way to it: a link if the reader is signed in.
    Account(&'static str, &'static str),
    /// A picture by its name, and what it shows.
    Picture(&'static str, &'static str),
}

impl Piece {
    /// Renders the piece for a reader.
    pub fn render(&self, reader: &Reader) -> Markup {
        match *self {
            Self::Html(text) => PreEscaped(text.to_owned()),
            Self::Part(part) => part(),
            Self::Origin => html! { (reader.origin) },
            Self::Address(guide) => html! { (reader.guide(guide)) },
            Self::Screen(screen, way) => link(reader.screen(screen), way),
            Self::Account(path, way) => link(reader.is_signed_in.then(|| path.to_owned()), way),
            Self::Picture(name, alt) => picture::image(name, alt),
        }
    }
}

/// Renders the way to a screen, as text alone where the reader can't go it.
fn link(address: Option<String>, way: &str) -> Markup {
    html! { @if let Some(address) = address { a.way href=(address) { (way) } } @else { span.way { (way) } } }
}
