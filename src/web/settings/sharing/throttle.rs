//! The throttle on sharing: its outcome reveals who has an account here, and its letters go to strangers.

use crate::access::capability::ManagePeople;
use crate::access::requester::Requester;
use crate::access::throttle::Attempt;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::requester;
use crate::sites::sharing::ShareOutcome;
use crate::store::users;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The attempts that one act of sharing takes.
pub struct SharingAttempts {
    guess: Attempt,
    letter: Option<Attempt>,
    /// The try for a letter to the mailbox, counted over all senders.
    mailbox: Option<Attempt>,
}

impl SharingAttempts {
    /// Admits the attempts. A mailbox that got too many letters from others gets none, and the site is shared all the
    /// same.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Throttled` when the user shares with too many people, and when the data file cannot be read.
    pub async fn admit(
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<ManagePeople>,
        name: &str,
    ) -> Result<Self> {
        let (person, now) = (requester::person(app, request, &access.user), app.clock.now());
        let meant = name.to_owned();
        let user = app.read(move |connection| users::find_meant(connection, &meant)).await?;
        let mailbox = user.map_or_else(|| name.to_owned(), |user| user.email);
        let guess = app.throttles.guesses.admit("", person, now)?;
        let is_written = app.mail.letters.is_some() && mailbox.contains('@');
        let admitted =
            app.throttles.shares.admit("", person, now).and_then(|_| {
                is_written.then(|| app.throttles.letters.admit(&mailbox, person, now)).transpose()
            });
        match admitted {
            Ok(letter) => {
                let mailbox = letter
                    .as_ref()
                    .and_then(|_| app.throttles.mailboxes.admit(&mailbox, Requester::Everybody, now).ok());
                Ok(Self { guess, letter, mailbox })
            }
            Err(error) => {
                app.throttles.guesses.give_back(&guess);
                Err(error)
            }
        }
    }

    /// Returns true if the mailbox has room for a letter.
    pub fn allows_letter(&self) -> bool {
        self.mailbox.is_some()
    }

    /// Gives back the attempts that revealed nothing and wrote nothing.
    pub fn give_back(&self, app: &App, shared: &Result<ShareOutcome>) {
        if !matches!(shared, Ok(ShareOutcome::Nobody)) {
            app.throttles.guesses.give_back(&self.guess);
        }
        if shared.is_err() {
            for (throttle, attempt) in
                [(&app.throttles.letters, &self.letter), (&app.throttles.mailboxes, &self.mailbox)]
            {
                if let Some(attempt) = attempt {
                    throttle.give_back(attempt);
                }
            }
        }
    }
}
