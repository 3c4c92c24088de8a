//! The brand files of a guest link's pages: a style sheet with its colours, the logo and the icon. The page that asks
//! for the link's password uses them too, so they need only the link's address.

use crate::access::capability::OpenPublicPages;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::Public;
use crate::http::requester;
use crate::sites::colour::{self, Colour, Palette};
use crate::sites::logo;
use crate::store::brands;
use crate::web::guest;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use std::fmt::Write;

/// A day; private, because the link may be disabled: shared caches must not hold the file. The address changes with
/// the brand.
const A_DAY: &str = "private, max-age=86400";

/// Returns a response with one of the brand's files.
pub fn file(content_type: &str, body: impl Into<actix_web::web::Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, A_DAY))
        .content_type(content_type)
        .body(body.into())
}

/// `GET /s/{token}/brand.css`: returns the style sheet.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not open or its brand has no colour, and when the data file cannot be
/// read.
pub async fn style(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let brand = guest::brand(&app, &request, &token).await?.1;
    let accent = brand.accent.as_deref().and_then(Colour::parse).ok_or(Error::Missing("page"))?;
    Ok(file("text/css; charset=utf-8", sheet(accent)))
}

/// `GET /s/{token}/logo.png`: returns the logo.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not open or its brand has no logo, and when the data file cannot be
/// read.
pub async fn logo(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    Ok(file("image/png", link_logo(&app, &request, &token).await?))
}

/// `GET /s/{token}/icon.png`: returns the icon, drawn from the logo.
///
/// # Errors
///
/// Fails as [`logo()`] does, and when the logo cannot be drawn.
pub async fn icon(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let picture = link_logo(&app, &request, &token).await?;
    let requester = requester::stranger(&app, &request);
    Ok(file("image/png", app.limited_work.draw(requester, move || logo::icon(&picture)).await?))
}

async fn link_logo(app: &Data<App>, request: &HttpRequest, token: &str) -> Result<Vec<u8>> {
    let site = guest::brand(app, request, token).await?.0;
    let logo = app.read(move |connection| brands::find_logo(connection, site)).await?;
    logo.ok_or(Error::Missing("page"))
}

/// Returns the style sheet of an accent: the properties that `app.css` sets, for the light and the dark scheme.
fn sheet(accent: Colour) -> String {
    let (light, dark) = (rules(&colour::light(accent)), rules(&colour::dark(accent)));
    format!(
        ":root{{{light}}}\n\
         @media (prefers-color-scheme:dark){{:root:not([data-theme=\"light\"]){{{dark}}}}}\n\
         :root[data-theme=\"dark\"]{{{dark}}}\n"
    )
}

fn rules(palette: &Palette) -> String {
    let Palette { accent, on_accent, soft, map, line, .. } = palette;
    let mut rules = format!("--accent:{accent};--on-accent:{on_accent};--accent-soft:{soft}");
    let shades = map.iter().enumerate().map(|(place, shade)| (format!("shade-{}", place + 1), shade));
    let line = line.iter().map(|(place, colour)| (format!("line-{}", place + 2), colour));
    for (name, colour) in shades.chain(line) {
        // Writing to a string does not fail.
        let _ = write!(rules, ";--{name}:{colour}");
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_sets_properties_that_the_screens_use_and_nothing_else() {
        let sheet = sheet(Colour::parse("#b4540a").unwrap());
        let screens = include_str!("../../../assets/app.css");
        let mut names: Vec<&str> =
            sheet.split("--").skip(1).map(|rest| rest.split(':').next().unwrap()).collect();
        assert_eq!(names.len(), 25, "{sheet}");
        names.sort_unstable();
        names.dedup();
        for name in names {
            assert!(screens.contains(&format!("--{name}: ")), "{name}");
        }
    }
}
