//! The brand of a site: its name, accent colour, footer and logo.

use super::colour::{self, CONTRAST_MIN, Colour};
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Problem, Result};
use crate::limits;
use crate::model::id::SiteId;
use crate::store::brands::{self, BrandSettings, LogoChange};
use rusqlite::Transaction;

/// The input for a brand, not yet checked.
#[derive(Clone, Debug, Default)]
pub struct BrandForm {
    /// The name.
    pub name: String,
    /// The accent colour as `#rrggbb`; empty for the default colour.
    pub accent: String,
    /// The footer line.
    pub footer: String,
}

/// Returns the brand that the input describes.
///
/// # Errors
///
/// Fails with a problem for each field: a name or footer that is too long or has control characters, an accent
/// that is no colour or too pale for the light scheme.
pub fn check(typed: &BrandForm) -> std::result::Result<BrandSettings, Vec<Problem>> {
    let mut problems = Vec::new();
    let is_line = |text: &str| !text.chars().any(char::is_control);
    let (names, footers) = (limits::BRAND_NAME_CHARS_MAX, limits::BRAND_FOOTER_CHARS_MAX);
    if !(1..=names).contains(&typed.name.chars().count()) || !is_line(&typed.name) {
        let sentence = format!("Enter the name of the brand, 1 to {names} characters.");
        problems.push(Problem { field: "name".into(), sentence });
    }
    if typed.footer.chars().count() > footers || !is_line(&typed.footer) {
        let sentence = format!("Keep the line at the foot to {footers} characters in one line.");
        problems.push(Problem { field: "footer".into(), sentence });
    }
    let accent = accent(&typed.accent).unwrap_or_else(|sentence| {
        problems.push(Problem { field: "accent".into(), sentence });
        None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let accent = accent.map(|accent| accent.to_string());
    Ok(BrandSettings { name: typed.name.clone(), accent, footer: typed.footer.clone() })
}

/// Returns the accent colour; `None` for the default one. The colour must be legible in the light scheme; the
/// dark scheme derives a shade of its own.
fn accent(typed: &str) -> std::result::Result<Option<Colour>, String> {
    if typed.is_empty() {
        return Ok(None);
    }
    let Some(accent) = Colour::parse(typed) else {
        return Err("Write the colour as # and six digits, such as #8a1538.".into());
    };
    let contrast = colour::contrast(accent);
    if contrast < CONTRAST_MIN {
        return Err(format!(
            "{accent} is too pale to be read on the page: its contrast is {:.1} to 1, and {CONTRAST_MIN} is needed. \
             Choose a darker shade, such as {}.",
            (contrast * 10.0).floor() / 10.0,
            colour::darker(accent)
        ));
    }
    Ok(Some(accent))
}

/// Saves the brand of a site and its logo.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn update(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    brand: &BrandSettings,
    logo: &LogoChange,
) -> Result<()> {
    brands::update(tx, site, brand, logo, actor.at)?;
    actor.record(tx, site, AuditAction::ChangeBrand, &brand.name)
}

/// Removes the brand of a site, if there is one.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn delete(tx: &Transaction<'_>, actor: &Actor, site: SiteId) -> Result<()> {
    let Some(brand) = brands::find(tx, site)? else { return Ok(()) };
    brands::delete(tx, site)?;
    actor.record(tx, site, AuditAction::ChangeBrand, &format!("{} removed", brand.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn fields(name: &str, accent: &str, footer: &str) -> Vec<Cow<'static, str>> {
        let typed = BrandForm { name: name.into(), accent: accent.into(), footer: footer.into() };
        let problems = check(&typed).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_brand_has_a_name_and_a_colour_that_can_be_read() {
        assert!(fields("Oven & Co", "#8A1538", "By Oven & Co").is_empty());
        assert!(fields(&"ä".repeat(60), "", &"ä".repeat(200)).is_empty());
        assert_eq!(fields("", "", ""), ["name"]);
        assert_eq!(fields(&"ä".repeat(61), "red", &"ä".repeat(201)), ["name", "footer", "accent"]);
        assert_eq!(fields("a\nb", "#8a153", "a\nb"), ["name", "footer", "accent"]);
        assert_eq!(fields("a", "#ffcc00", ""), ["accent"]);
    }

    #[test]
    fn the_shade_that_a_refusal_names_is_taken() {
        for pale in ["#ffcc00", "#ffffff", "#00ff00", "#ff8800", "#8899aa"] {
            let sentence = accent(pale).unwrap_err();
            let named = sentence.rsplit("such as ").next().unwrap().trim_end_matches('.');
            assert!(accent(named).is_ok(), "{pale}: {sentence}");
        }
    }
}
