//! The form for user name, e-mail address and password, with its checks: for set-up, invitation, profile, sub-account
//! and command line.

use crate::access::password;
use crate::error::{Error, Problem, Result};
use crate::model::{email, username};
use crate::store::users::User;
use serde::Deserialize;

/// The values of the form, as typed. A form without one of the fields leaves it empty.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AccountForm {
    /// The name to sign in with.
    pub username: String,
    /// The e-mail address, for signing in and for letters.
    pub email: String,
    /// The password: the new one of a new account, the present one of an account that is changed.
    pub password: String,
}

/// A user name and an e-mail address that were checked, in canonical spelling.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name to sign in with.
    pub username: String,
    /// The e-mail address.
    pub email: String,
}

impl AccountForm {
    /// Returns the form of a name and an address, without a password.
    pub fn without_password(username: &str, email: &str) -> Self {
        Self { username: username.to_owned(), email: email.to_owned(), password: String::new() }
    }

    fn canonical(&self) -> Profile {
        Profile { username: username::canonical(&self.username), email: email::canonical(&self.email) }
    }

    /// Returns the problems of the user name and the e-mail address.
    pub fn profile_problems(&self) -> Vec<Problem> {
        let profile = self.canonical();
        let checks =
            [("username", username::problem(&profile.username)), ("email", email::problem(&profile.email))];
        problems_of(checks)
    }

    /// Returns every problem of the form of a new account.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.profile_problems();
        problems.extend(problems_of([("password", password::problem(&self.password))]));
        problems
    }

    /// Returns the name and address of a new account that has no password of its own yet.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which names every problem of the two.
    pub fn check_profile(&self) -> Result<Profile> {
        valid(self.profile_problems()).map(|()| self.canonical())
    }

    /// Returns the name and address of a new account, whose password is checked too.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which names every problem of the three fields.
    pub fn check(&self) -> Result<Profile> {
        valid(self.problems()).map(|()| self.canonical())
    }

    /// Returns the changed name and address of an account. An unchanged one may be from before a rule, and stays.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which names every problem of what was changed.
    pub fn check_change(&self, before: &User) -> Result<Profile> {
        let is_name_kept = self.username.trim() == before.username;
        let is_email_kept = self.email.trim() == before.email;
        let mut problems = self.profile_problems();
        problems.retain(|problem| !if problem.field == "username" { is_name_kept } else { is_email_kept });
        valid(problems)?;
        let Profile { username, email } = self.canonical();
        Ok(Profile {
            username: if is_name_kept { before.username.clone() } else { username },
            email: if is_email_kept { before.email.clone() } else { email },
        })
    }
}

fn problems_of<const N: usize>(checks: [(&'static str, Option<&'static str>); N]) -> Vec<Problem> {
    let found = |(field, sentence): (&'static str, Option<&str>)| {
        Some(Problem { field: field.into(), sentence: sentence?.into() })
    };
    checks.into_iter().filter_map(found).collect()
}

fn valid(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_a_form_is_named() {
        let form = AccountForm { password: "short".into(), ..AccountForm::without_password("x", "nobody") };
        let fields: Vec<_> = form.problems().into_iter().map(|problem| problem.field.clone()).collect();
        assert_eq!(fields, ["username", "email", "password"]);
    }
}
