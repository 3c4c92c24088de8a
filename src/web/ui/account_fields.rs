//! The fields for user name, e-mail address and password, as every form that has them shows them.

use super::field::{self, Field};
use crate::accounts::account_form::AccountForm;
use crate::error::Problem;
use maud::{Markup, html};

/// The use of the fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AccountFieldsUse {
    /// A new account of the person who fills in the form, with a password.
    New,
    /// The person's own account, which is changed; with the present password.
    Own,
    /// A new account of another person, without a password.
    Others,
}

/// Renders the fields as typed, with their problems and hints.
pub fn account_fields(form: &AccountForm, of: AccountFieldsUse, problems: &[Problem]) -> Markup {
    let is_others = of == AccountFieldsUse::Others;
    let autocomplete = |own| if is_others { "off" } else { own };
    let (label, help) = match of {
        AccountFieldsUse::New => ("E-mail", None),
        AccountFieldsUse::Own => (
            "E-mail address",
            Some(
                "Letters go there. Once it is confirmed, you can sign in with it, and links for a new password go there.",
            ),
        ),
        AccountFieldsUse::Others => (
            "E-mail address",
            Some("A link that sets their password goes there, if this server sends mail. You get it too."),
        ),
    };
    let username = Field {
        name: "username",
        label: "User name",
        kind: "text",
        value: &form.username,
        autocomplete: autocomplete("username"),
        help: None,
        is_required: true,
    };
    let email = Field {
        name: "email",
        label,
        kind: "email",
        value: &form.email,
        autocomplete: autocomplete("email"),
        help,
        is_required: true,
    };
    let password = match of {
        AccountFieldsUse::New => Some(field::new_password("password", "Password")),
        AccountFieldsUse::Own => Some(field::present_password("password")),
        AccountFieldsUse::Others => None,
    };
    html! {
        (field::input(&username, problems))
        (field::input(&email, problems))
        @if let Some(password) = password { (field::input(&password, problems)) }
    }
}
