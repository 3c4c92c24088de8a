//! The extractor that authorises a program by the name and the password of a user in its query, for the account API. It
//! gives no session, and reads no cookie.

use super::auth::Authorized;
use super::client::Client;
use super::password_check::{self, NameAndPassword, PasswordCheck};
use super::session::app;
use super::{query, requester};
use crate::access::capability::{Capability, CapabilityType};
use crate::access::policy::{self, Audience};
use crate::access::requester::{Requester, Turn};
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::id::UserId;
use crate::reports::data_reader::DataReader;
use crate::store::users::{self, User};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use rusqlite::Connection;
use std::marker::PhantomData;

/// The sentence for a wrong name or password, the same for known and unknown names.
const WRONG: &str = "The user name or the password is wrong.";
/// The sentence for a user with a second factor.
const SECOND_FACTOR: &str = "This account signs in with two steps, so its password alone doesn't open the account API. Copy the \
                             site keys from the Site info screen instead.";

/// The access of a program with a user's password, for a capability of every signed-in user.
pub struct PasswordAccess<R> {
    /// The user.
    pub user: User,
    /// The hash of the password that was right.
    hash: String,
    app: Data<App>,
    requester: Requester,
    capability: PhantomData<R>,
}

impl<R: CapabilityType> Authorized for PasswordAccess<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> FromRequest for PasswordAccess<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            if policy::audience(R::CAPABILITY) != Some(Audience::SignedIn) {
                return Err(Error::Forbidden);
            }
            let app = app(&request)?;
            let (user, hash) = find_user(&app, &request).await?;
            let address = Client::from_request(&request, &app.config).address;
            let requester = Requester::Person(user.id, address);
            Ok(Self { user, hash, app, requester, capability: PhantomData })
        })
    }
}

impl<R> PasswordAccess<R> {
    /// Reads one moment of the data file, if the account is still open to the password, and to it alone. The queries end at the
    /// deadline and when the client is gone.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when it is not, with `Error::TooManyAtOnce` when too many programs ask at once, as
    /// `read` does, and when the data file cannot be read.
    pub async fn view<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = Turn::for_requester(self.requester);
        let permit = self.app.limited_work.program_permit(turn, None).await?;
        let (id, hash) = (self.user.id, self.hash.clone());
        let check = move |connection: &Connection| authorize(connection, id, &hash);
        self.app.view_for_program(permit, check, move |reader, ()| read(reader)).await
    }
}

/// Checks that an account is open to the password with a hash, and to it alone.
///
/// # Errors
///
/// Fails with `Error::Invalid` when it is not, and when the data file cannot be read.
fn authorize(connection: &Connection, id: UserId, hash: &str) -> Result<()> {
    let user = match users::get(connection, id) {
        Ok(user) => user,
        Err(Error::Missing(_)) => return Err(Error::invalid("password", WRONG)),
        Err(error) => return Err(error),
    };
    if user.disabled_at.is_some() || users::password(connection, id)? != hash {
        return Err(Error::invalid("password", WRONG));
    }
    if user.has_second_factor { Err(Error::invalid("username", SECOND_FACTOR)) } else { Ok(()) }
}

/// Returns the user whose name and password a query has, and the password's hash. Wrong ones count as those of a stranger on the sign-in page.
///
/// # Errors
///
/// Fails with `Error::Invalid` when they are wrong and when the user has a second factor, with `Error::Throttled` after
/// too many wrong ones, and with `Error::Busy` when no password can be checked now.
async fn find_user(app: &App, request: &HttpRequest) -> Result<(User, String)> {
    let [name, password] =
        ["username", "password"].map(|name| query::last_value(request.query_string(), name));
    let counted = (requester::spelled(&name), requester::stranger(app, request));
    let typed = NameAndPassword { name: &name, password: &password };
    match password_check::check(app, request, &typed, counted).await? {
        PasswordCheck::Right(user, hash) => Ok((user, hash)),
        PasswordCheck::Wrong => Err(Error::invalid("password", WRONG)),
        PasswordCheck::SecondFactorNeeded(..) => Err(Error::invalid("username", SECOND_FACTOR)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::Timestamp;
    use crate::store::users::NewUser;

    #[test]
    fn a_password_that_was_right_opens_nothing_once_it_is_changed_or_its_user_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let new =
            NewUser { username: "ada", email: "a@a.example", password: "old", created_at: Timestamp(0) };
        let ada = crate::store::change(&mut file, |tx| users::create(tx, &new)).unwrap();
        assert!(authorize(&file, ada, "old").is_ok());
        let sentence = |id, hash| authorize(&file, id, hash).unwrap_err().to_string();
        assert_eq!(sentence(ada, "new"), WRONG);
        assert_eq!(sentence(UserId(99), "old"), WRONG);
    }
}
