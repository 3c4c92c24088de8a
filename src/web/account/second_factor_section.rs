//! The section of Account → Security about the second factor: how it is set up, renewed and switched off.

use super::ChangeNotice;
use crate::accounts::second_factor_codes;
use crate::error::{Error, Problem, Result};
use crate::web::ui::field::{self, Field};
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// A second factor that is being set up.
pub struct NewFactor {
    letters: String,
    code: QrCode,
}

impl NewFactor {
    /// Returns the letters and the QR code of a user's secret.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when the address does not fit a QR code.
    pub fn new(secret: &[u8], username: &str) -> Result<Self> {
        let address = second_factor_codes::address(secret, username)?;
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium);
        let code = code.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { letters: second_factor_codes::letters(secret), code })
    }
}

/// Renders the section of a user whose second factor is on.
pub fn active(codes_left: i64, letter: &ChangeNotice<'_>, [renewing, removing]: [&[Problem]; 2]) -> Markup {
    html! {
        p { span.good { "✓ On." } " Signing in needs a code from your app. Recovery codes left: " b { (codes_left) } "." }
        details open[!renewing.is_empty()] {
            summary { "New recovery codes …" }
            p { "The codes you have now stop working." }
            form.settings method="post" action="/account/security/recovery-codes#second-factor" {
                (field::input_as("codes-password", &field::present_password("password"), renewing))
                (field::input_as("codes-code", &own_code(), renewing))
                button type="submit" { "Make new codes" }
            }
        }
        details.danger open[!removing.is_empty()] {
            summary { "Turn it off …" }
            p { "Your password alone is enough then." (letter.sentence()) }
            form.settings method="post" action="/account/security/second-factor/remove#second-factor" {
                (field::input_as("remove-password", &field::present_password("password"), removing))
                (field::input_as("remove-code", &own_code(), removing))
                button.warning type="submit" { "Turn off" }
            }
        }
    }
}

/// Returns the field for a code of the user's own second factor.
fn own_code() -> Field<'static> {
    Field {
        name: "code",
        label: "Code from your app",
        kind: "text",
        value: "",
        autocomplete: "one-time-code",
        help: Some("Six digits. Without your phone, type one of your recovery codes."),
        is_required: true,
    }
}

/// Renders the QR code and the form for the first code.
pub fn set_up(new_factor: &NewFactor, letter: &ChangeNotice<'_>, problems: &[Problem]) -> Markup {
    let code = Field {
        name: "code",
        label: "The code that the app shows now",
        kind: "text",
        value: "",
        autocomplete: "one-time-code",
        help: Some("Six digits."),
        is_required: true,
    };
    html! {
        ol.steps {
            li { "Open an authenticator app on your phone: Aegis, Google Authenticator, 1Password or any other." }
            li { "Let it read this picture, or type the letters below it." }
            li { "Type the code that it shows." }
        }
        (picture(&new_factor.code))
        p { code id="factor-secret" { (grouped(&new_factor.letters)) } " " button.small type="button" data-copy="factor-secret" hidden { "Copy" } }
        form.settings method="post" action="/account/security/second-factor/confirm#second-factor" {
            input type="hidden" name="secret" value=(new_factor.letters);
            (field::input(&code, problems))
            (field::input_as("factor-password", &field::present_password("password"), problems))
            p.help { "From then on signing in needs a code. Your other browsers are signed out." (letter.sentence()) }
            button.primary type="submit" { "Turn on" }
            " " a.button href="/account/security" { "Not now" }
        }
    }
}

/// Returns the letters in groups of four.
fn grouped(letters: &str) -> String {
    letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// Renders a QR code with its quiet zone of four modules (ISO/IEC 18004), dark on light in every theme.
fn picture(code: &QrCode) -> Markup {
    let size = code.size();
    let modules =
        (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let squares: Vec<String> = modules.map(|(x, y)| format!("M{} {}h1v1h-1z", x + 4, y + 4)).collect();
    html! {
        svg.qr viewBox={ "0 0 " (size + 8) " " (size + 8) } role="img" aria-label="QR code for the authenticator app" shape-rendering="crispEdges" {
            rect width="100%" height="100%" fill="#fff" {}
            path d=(squares.concat()) fill="#000" {}
        }
    }
}

/// Renders new recovery codes, which are shown only once.
pub fn codes(codes: &[String]) -> Markup {
    html! {
        section.card.codes {
            h2 { "Recovery codes" }
            p { "Keep them where your phone is not. Each works once instead of the app's code. " b { "They are shown this one time." } }
            pre id="recovery-codes" tabindex="0" { code { (codes.join("\n")) } }
            p { button type="button" data-copy="recovery-codes" hidden { "Copy" } }
        }
    }
}
