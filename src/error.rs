//! What can go wrong, in the words of the person it happens to. Knows neither SQLite nor HTTP: `store` translates
//! inward, `http::reply` and `cli` outward, each once.

use crate::limits;
use std::time::Duration;

/// A result of this program.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing wrong with one field of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field's name, as the form and the command line know it.
    pub field: &'static str,
    /// A sentence that says what to do.
    pub sentence: String,
}

/// The way out for the operator of a damaged data file.
pub const DAMAGED: &str = "See what is wrong with `clickstead check`, and put a backup in its place with `clickstead restore \
                           BACKUP`; the damaged file is kept beside it.";

/// Everything that a caller can be told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller must not learn that there is.
    #[error("There is no such {0}.")]
    Missing(&'static str),
    /// The caller may see the thing but not do this with it.
    #[error("Your access to this site does not allow that.")]
    Forbidden,
    /// A parent acts for a sub-account, and this belongs to that account's own person.
    #[error("You act for a sub-account, and this page is for its own person. Stop acting for it first.")]
    Acting,
    /// Nobody is signed in; carries the path to return to.
    #[error("Please sign in.")]
    SignedOut(String),
    /// A guest link asks for its password; carries the path of the form.
    #[error("This page asks for a password.")]
    PasswordAsked(String),
    /// The request came from another site's page.
    #[error(
        "This form was sent from another website, so nothing was changed. Open the page here and try again."
    )]
    CrossSite,
    /// More was sent than is read.
    #[error("That is more than this form takes, so nothing was changed. Go back and send less.")]
    TooLarge,
    /// The request's body is compressed, and none is decompressed here.
    #[error(
        "This server takes what is sent as it is, so nothing was changed. Send it again without Content-Encoding."
    )]
    CompressedBody,
    /// What was sent is no form, or no address with a query.
    #[error("That did not arrive as it should, so nothing was changed. Go back and try again.")]
    Malformed,
    /// The input is refused; every problem is named.
    #[error("{}", sentences(.0))]
    Invalid(Vec<Problem>),
    /// Too many tries; the time is when to try again.
    #[error("Too many tries. Please wait {} and try again.", words(*.0))]
    Throttled(Duration),
    /// The writer's queue is full, or the program is stopping.
    #[error("The server is busy. Please try again in a moment.")]
    Busy,
    /// A screen takes too long to be answered.
    #[error(
        "That takes longer than {} seconds. Choose a shorter range, add a filter, or open a smaller report.",
        limits::SCREEN_WITHIN.as_secs()
    )]
    TooSlow,
    /// Nobody waits for the answer any more.
    #[error("Nobody waits for the answer any more.")]
    Abandoned,
    /// The data file can't be reached or written now: the disk is full, or its folder is gone. Holds a
    /// sentence for the operator; each surface decides what others read.
    #[error("{0}")]
    Unwritable(String),
    /// The data file is damaged; holds what SQLite says of it.
    #[error("The data file is damaged ({0}). {DAMAGED}")]
    Damaged(String),
    /// The program can't work as it was started; a sentence for the operator that says what to do.
    #[error("{0}")]
    Setup(String),
    /// Something failed that nobody outside can mend; logged, never shown in detail.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// One refused field.
    pub fn invalid(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem { field, sentence: sentence.into() }])
    }
}

/// A time to wait, in words; never shorter than it is.
fn words(wait: Duration) -> String {
    match wait.as_secs().max(1) {
        1 => "a second".to_owned(),
        seconds @ ..=120 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn sentences(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.sentence.as_str()).collect::<Vec<_>>().join(" ")
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
