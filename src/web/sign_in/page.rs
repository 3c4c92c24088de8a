//! The two forms of signing in: name and password, and the code of the second factor.

use crate::web::layout::Frame;
use crate::web::ui::field::{self, Field};
use maud::{Markup, html};

/// The form for name and password.
pub struct SignInPage<'a> {
    pub username: &'a str,
    /// The path to go to afterwards.
    pub next: &'a str,
    pub problem: Option<String>,
    pub notice: Option<&'static str>,
}

/// The form for the code of the second factor.
pub struct CodePage<'a> {
    pub ticket: &'a str,
    /// The path to go to afterwards.
    pub next: &'a str,
    pub problem: Option<String>,
}

/// Renders the form for name and password.
pub fn password_form(frame: &Frame, page: &SignInPage<'_>) -> Markup {
    let name = Field {
        name: "username",
        label: "User name or e-mail",
        kind: "text",
        value: page.username,
        autocomplete: "username",
        help: None,
        is_required: true,
    };
    frame.page(&html! {
        section.card.narrow {
            h1 { "Sign in" }
            (field::notice(page.notice))
            @if let Some(sentence) = &page.problem { p.problem role="alert" { (sentence) } }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(page.next);
                (field::input(&name, &[]))
                (field::input(&field::password("password", "Password"), &[]))
                button.primary type="submit" { "Sign in" }
            }
            p { a href="/reset" { "Forgot your password?" } " · " a href="/help" { "Help" } }
        }
    })
}

/// Renders the form for the code of the second factor.
pub fn code_form(frame: &Frame, page: &CodePage<'_>) -> Markup {
    let code = Field {
        name: "code",
        label: "Code from your authenticator app",
        kind: "text",
        value: "",
        autocomplete: "one-time-code",
        help: Some("Six digits. Without your phone, type one of your recovery codes."),
        is_required: true,
    };
    frame.page(&html! {
        section.card.narrow {
            h1 { "One more step" }
            @if let Some(sentence) = &page.problem { p.problem role="alert" { (sentence) } }
            form method="post" action="/login/code" {
                input type="hidden" name="ticket" value=(page.ticket);
                input type="hidden" name="next" value=(page.next);
                (field::input(&code, &[]))
                button.primary type="submit" { "Sign in" }
            }
            p { a href="/login" { "← Begin again" } }
        }
    })
}
