//! The lines above a screen: banners of an unusual state, and notes about a pending decision.

use crate::store::outbox::Undelivered;
use maud::Markup;

/// A note above a screen, with a link to the screen where its matter is decided.
#[derive(Clone, Debug)]
pub struct Note {
    /// The text.
    pub text: Markup,
    /// The address and the text of the link.
    pub link: (String, &'static str),
}

/// A banner above the top bar: a state that is not the usual one.
#[derive(Clone, Debug)]
pub struct Banner {
    /// The text.
    pub text: String,
    /// The path of the form that ends the state, and the label of its button; `None` if another screen ends it.
    pub end: Option<(&'static str, &'static str)>,
}

/// The path of the form that ends the banner about letters, and the label of its button.
const SEEN: (&str, &str) = ("/account/profile/letters/seen", "OK");

/// The path of the form that ends acting for a sub-account, and the label of its button.
pub const STOP_ACTING: (&str, &str) = ("/account/acting/end", "Stop");

impl Banner {
    /// Returns the banner of a parent who acts for this user.
    pub fn acting_for(name: &str) -> Self {
        Self { text: format!("You act for {name}."), end: Some(STOP_ACTING) }
    }

    /// Returns the banner about letters that could not be delivered.
    pub fn undelivered(letter: &Undelivered) -> Self {
        let Undelivered { recipient, subject, problem, count } = letter;
        let others = match count - 1 {
            ..=0 => String::new(),
            1 => " One more letter failed.".to_owned(),
            more => format!(" {more} more letters failed."),
        };
        let problem = problem.trim_end_matches('.');
        let text = format!("We couldn't deliver “{subject}” to {recipient}: {problem}.{others}");
        Self { text, end: Some(SEEN) }
    }

    /// Returns the banner of a site whose import is not finished.
    pub fn half_imported(file: &str) -> Self {
        let text = format!(
            "This site is not whole yet: the import of {file} is going on, or was stopped. If it was stopped, import the \
             same file again; it goes on where it stopped."
        );
        Self { text, end: None }
    }
}
