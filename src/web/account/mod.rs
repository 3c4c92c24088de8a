//! The screens of a user's own account, one file each, with tabs above them.

pub mod act_for;
pub mod alerts;
pub mod billing;
pub mod devices;
pub mod digests;
pub mod email_confirmation;
pub mod preferences;
pub mod profile;
pub mod second_factor;
mod second_factor_section;
pub mod security;
pub mod site_list;
pub mod sites;
pub mod statement;
pub mod sub_accounts;
pub mod tokens;
pub mod undelivered_letters;

use super::layout::Frame;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::OwnAccount;
use crate::store::users;
use maud::{Markup, html};

/// The screens by path and title, with their audience.
const TABS: [(&str, &str, For); 10] = [
    ("/account/profile", "Profile", For::ItsPerson),
    ("/account/security", "Security", For::ItsPerson),
    ("/account/tokens", "Tokens", For::ItsPerson),
    ("/account/alerts", "Alerts", For::ItsPerson),
    ("/account/digests", "E-mail reports", For::ItsPerson),
    ("/account/sites", "Sites", For::WhoeverActs),
    ("/account/access", "Who can see what", For::WhoeverActs),
    ("/account/sub-accounts", "Sub-accounts", For::TopLevel),
    ("/account/billing", "Billing", For::WhoeverActs),
    ("/account/preferences", "Preferences", For::ItsPerson),
];

/// The audience of a screen.
#[derive(Clone, Copy)]
enum For {
    /// The account's own user, and its parent acting for it.
    WhoeverActs,
    /// The account's own user.
    ItsPerson,
    /// The own user of an account without a parent.
    TopLevel,
}

impl For {
    fn shows(self, frame: &Frame) -> bool {
        match self {
            Self::WhoeverActs => true,
            Self::ItsPerson => frame.parent.is_none(),
            Self::TopLevel => frame.parent.is_none() && !frame.is_managed,
        }
    }
}

/// Renders a screen as a whole document.
pub fn page(frame: &Frame, current: &str, content: &Markup) -> Markup {
    let title = TABS.iter().find(|(path, ..)| *path == current).map_or("", |(_, title, _)| title);
    frame.page(&html! {
        p.crumbs { "Account" @if let Some(user) = &frame.user { " of " (user) } }
        nav.tabs.settings-tabs aria-label="Account" {
            @for (path, title, _) in TABS.iter().filter(|(.., open)| open.shows(frame)) {
                a href=(path) aria-current=[(*path == current).then_some("page")] { (title) }
            }
        }
        h1 { (title) }
        (content)
    })
}

/// Refuses a signed-in user who does not know the password: checked before any act that a borrowed browser
/// must not do. Guesses are counted by session: they use up nobody's tries elsewhere, and nobody elsewhere
/// uses up theirs.
async fn check_password<R>(app: &App, account: &OwnAccount<R>, password: &str) -> Result<()> {
    let id = account.user.user;
    let session = Requester::holding(&account.token);
    let attempt = app.throttles.sign_ins.admit(&id.to_string(), session, app.clock.now())?;
    let hash = app.read(move |connection| users::password(connection, id)).await?;
    let is_right = app.limited_work.check_password(password.to_owned(), Some(hash), attempt.turn()).await;
    if !matches!(is_right, Ok(false)) {
        app.throttles.sign_ins.give_back(&attempt);
    }
    if is_right? { Ok(()) } else { Err(Error::invalid("password", "That is not your password.")) }
}

/// The letter about a change, as the form that makes the change announces it.
pub struct ChangeNotice<'a> {
    /// The address that it goes to; none where the address is another account's.
    to: Option<&'a str>,
    /// True if this server sends mail.
    sends_mail: bool,
}

impl ChangeNotice<'_> {
    fn sentence(&self) -> Markup {
        html! {
            @match self.to {
                _ if !self.sends_mail => " This server sends no mail: no letter will say so.",
                Some(address) => { " A letter to " (address) " says that it was changed." }
                None => " Another account has confirmed your address: no letter will say so.",
            }
        }
    }
}

/// Returns the problems of a form; a throttled try is one next to the password.
///
/// # Errors
///
/// Fails with the error itself when it is neither `Error::Throttled` nor `Error::Invalid`.
fn problems_of(error: Error) -> Result<Vec<Problem>> {
    match error {
        Error::Throttled(_) => Ok(vec![Problem { field: "password".into(), sentence: error.to_string() }]),
        error => error.problems(),
    }
}
