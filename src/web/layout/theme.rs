//! The colours of the pages: light, dark, or as the system is set.

use actix_web::HttpRequest;
use strum::{EnumString, IntoStaticStr};

/// The colours that a user has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Theme {
    /// The setting of the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Returns the theme that the browser has stored in its cookie.
    pub fn from_cookie(request: &HttpRequest) -> Self {
        request.cookie("theme").map_or(Self::System, |cookie| Self::parse(cookie.value()))
    }

    /// Returns the theme of this name; the system's for an unknown name.
    pub fn parse(text: &str) -> Self {
        text.parse().unwrap_or_default()
    }

    /// Returns the name in cookies and in the document.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
