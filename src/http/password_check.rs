//! The check of a name and a password, on the sign-in page and in the account API alike: throttled by name and network,
//! logged where it fails, and as long for unknown names as for known ones.

use super::failed_sign_in::{self, WrongCredential};
use crate::access::requester::{Requester, Turn};
use crate::app::App;
use crate::error::Result;
use crate::store::users::{self, User};
use actix_web::HttpRequest;

/// A name and a password as they were typed.
pub struct NameAndPassword<'a> {
    /// The user name or e-mail address.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
}

/// The result of checking a name and a password.
pub enum PasswordCheck {
    /// There is no such user, or the password is wrong.
    Wrong,
    /// The user has this password; with the password's hash at this time.
    Right(User, String),
    /// The user has this password, and a second factor besides; with the password's hash at this time.
    SecondFactorNeeded(User, String),
}

/// Checks a name and a password. `counted` is the name and the requester under which a wrong one counts.
///
/// # Errors
///
/// Fails with `Error::Throttled` after too many wrong ones, with `Error::Busy` when no password can be checked now, and
/// when the data file cannot be read.
pub async fn check(
    app: &App,
    request: &HttpRequest,
    typed: &NameAndPassword<'_>,
    counted: (String, Requester),
) -> Result<PasswordCheck> {
    let attempt =
        app.throttles.sign_ins.admit(&counted.0, counted.1, app.clock.now()).inspect_err(|error| {
            failed_sign_in::note_refused(app, request, WrongCredential::Password, error);
        })?;
    let outcome = compare(app, typed, attempt.turn()).await;
    if matches!(outcome, Ok(PasswordCheck::Wrong)) {
        failed_sign_in::note(app, request, WrongCredential::Password);
    } else {
        app.throttles.sign_ins.give_back(&attempt);
    }
    outcome
}

/// Compares a password with that of the user of a name. A disabled user counts as unknown.
async fn compare(app: &App, typed: &NameAndPassword<'_>, turn: Turn) -> Result<PasswordCheck> {
    let name = typed.name.trim().to_owned();
    let credentials = app
        .read(move |connection| {
            let user = users::find_signing_in(connection, &name)?.filter(|user| user.disabled_at.is_none());
            user.map(|user| Ok((users::password(connection, user.id)?, user))).transpose()
        })
        .await?;
    let (hash, user) = credentials.unzip();
    let is_right = app.limited_work.check_password(typed.password.to_owned(), hash.clone(), turn).await?;
    Ok(match user.zip(hash).filter(|_| is_right) {
        None => PasswordCheck::Wrong,
        Some((user, hash)) if user.has_second_factor => PasswordCheck::SecondFactorNeeded(user, hash),
        Some((user, hash)) => PasswordCheck::Right(user, hash),
    })
}
