//! The errors of the program, with messages for their readers. Knows neither SQLite nor HTTP: `store`
//! translates into them, `http::errors` and `cli` out of them, each in one place.

use crate::limits;
use std::borrow::Cow;
use std::time::Duration;

/// The result type of this program.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A problem with one field of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field's name, as in the form and on the command line.
    pub field: Cow<'static, str>,
    /// The sentence that says what to do.
    pub sentence: String,
}

/// The advice to the operator of a damaged data file.
pub const DAMAGED: &str = "See what is wrong with `clickstead check`, and put a backup in its place with `clickstead restore \
                           BACKUP`; the damaged file is kept beside it.";

/// An error of the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing does not exist, or the caller must not learn that it does.
    #[error("There is no such {0}.")]
    Missing(&'static str),
    /// No thing has this name; holds what it would be, and the known name that was probably meant.
    #[error("There is no such {0}. Did you mean “{1}”?")]
    MissingName(&'static str, &'static str),
    /// The caller may see the thing, but may not perform this action on it.
    #[error("Your access to this site does not allow that.")]
    Forbidden,
    /// A token may read or know of the site, but may not do this there; holds the reason, and what to do.
    #[error("{0}")]
    TokenForbidden(&'static str),
    /// A parent acts for a sub-account, and the page is for that account's own user only.
    #[error("You act for a sub-account, and this page is for its own person. Stop acting for it first.")]
    Acting,
    /// No user is signed in; holds the path to return to.
    #[error("Please sign in.")]
    SignedOut(String),
    /// A guest link requires its password; holds the path of the form.
    #[error("This page asks for a password.")]
    PasswordAsked(String),
    /// The request came from a page of another site.
    #[error(
        "This form was sent from another website, so nothing was changed. Open the page here and try again."
    )]
    CrossSite,
    /// The request is larger than its limit.
    #[error("That is more than this form takes, so nothing was changed. Go back and send less.")]
    TooLarge,
    /// A batch of a program is larger than its limit.
    #[error(
        "That is more than one batch takes, so nothing was recorded. Send {} hits and {} MiB at most at once.",
        limits::HITS_PER_BATCH_MAX,
        limits::BATCH_BYTES_MAX / 1024 / 1024
    )]
    BatchTooLarge,
    /// The body of a program's request is no JSON; holds where and why.
    #[error("The body isn't valid JSON, so nothing was done: {0}.")]
    MalformedJson(String),
    /// The request's body is compressed, which is not supported.
    #[error(
        "This server takes what is sent as it is, so nothing was changed. Send it again without Content-Encoding."
    )]
    CompressedBody,
    /// The request is no valid form or query.
    #[error("That did not arrive as it should, so nothing was changed. Go back and try again.")]
    Malformed,
    /// The input is not valid; holds every problem.
    #[error("{}", sentences(.0))]
    Invalid(Vec<Problem>),
    /// There were too many tries; holds the time to wait.
    #[error("Too many tries. Please wait {} and try again.", words(*.0))]
    Throttled(Duration),
    /// The writer's queue is full, or the program is stopping.
    #[error("The server is busy. Please try again in a moment.")]
    Busy,
    /// The screen exceeded its deadline.
    #[error(
        "That takes longer than {} seconds. Choose a shorter range, add a filter, or open a smaller report.",
        limits::SCREEN_WITHIN.as_secs()
    )]
    TooSlow,
    /// A program's request exceeded its deadline.
    #[error("That takes too long. Ask for fewer days or rows at a time.")]
    TooSlowForProgram,
    /// A program sends more requests at once than are answered.
    #[error("Too many simultaneous requests.")]
    TooManyAtOnce,
    /// A program sends more requests than its key, token or address may; holds the time to wait.
    #[error("Too many requests. Please wait {} and try again.", words(*.0))]
    RateLimited(Duration),
    /// The site does not exist or has another key.
    #[error("Invalid sitekey.")]
    InvalidSiteKey,
    /// A personal token does not exist, has expired, or belongs to a disabled user.
    #[error("This token isn't valid: it was removed, has expired, or isn't complete.")]
    InvalidToken,
    /// A program sent neither a token nor a site key.
    #[error("Send a personal token as “Authorization: Bearer …”, or the site's key as “X-Site-Key: …”.")]
    NoCredentials,
    /// An assistant sent no personal token.
    #[error(
        "Assistants connect with a personal token, sent as “Authorization: Bearer …”. A site key doesn't work here."
    )]
    TokenRequired,
    /// A program's request came from a page of another origin.
    #[error("This request comes from a page of another website. Connect from a program, not from a browser.")]
    OtherOrigin,
    /// The client is gone.
    #[error("Nobody waits for the answer any more.")]
    Abandoned,
    /// The data file cannot be reached or written now: the disk is full, or its folder is gone. Holds a
    /// sentence for the operator; each surface decides what others read.
    #[error("{0}")]
    Unwritable(String),
    /// The data file is damaged; holds SQLite's message.
    #[error("The data file is damaged ({0}). {DAMAGED}")]
    Damaged(String),
    /// The settings of the program do not work; holds a sentence that tells the operator what to do.
    #[error("{0}")]
    Setup(String),
    /// An internal failure that the caller cannot resolve; logged, never shown in detail.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// Returns the error for a problem with one field.
    pub fn invalid(field: impl Into<Cow<'static, str>>, sentence: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem { field: field.into(), sentence: sentence.into() }])
    }

    /// Returns the problems of a refused input, to show next to its fields.
    ///
    /// # Errors
    ///
    /// Fails with the error itself when it is not `Error::Invalid`.
    pub fn problems(self) -> Result<Vec<Problem>, Self> {
        match self {
            Self::Invalid(problems) => Ok(problems),
            error => Err(error),
        }
    }
}

/// Returns a time to wait as text, rounded up.
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
