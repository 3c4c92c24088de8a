//! Slows down letting people in: what comes of it tells who has an account here, and writes to strangers.

use crate::access::capability::ManagePeople;
use crate::access::sharing::Shared;
use crate::access::throttle::Taken;
use crate::app::App;
use crate::error::Result;
use crate::http::client::Client;
use crate::http::entry::Entry;
use crate::store::users;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The tries that letting somebody in takes.
pub struct Tries {
    guess: Taken,
    letter: Option<Taken>,
}

impl Tries {
    /// Takes them, or refuses whoever lets in too many.
    pub async fn take(
        app: &Data<App>,
        request: &HttpRequest,
        entry: &Entry<ManagePeople>,
        name: &str,
    ) -> Result<Self> {
        let (sender, now) = (entry.user.username.as_str(), app.clock.now());
        let address = Client::of(request, &app.config).address;
        let typed = name.to_owned();
        let known = app.read(move |connection| users::find_meant(connection, &typed)).await?;
        let mailbox = known.map_or_else(|| name.to_owned(), |user| user.email);
        let guess = app.guess_throttle.take(sender, address, now)?;
        let is_written = app.letters.is_some() && mailbox.contains('@');
        let taken = app
            .share_throttle
            .take(sender, address, now)
            .and_then(|_| is_written.then(|| app.letter_throttle.take(&mailbox, address, now)).transpose());
        match taken {
            Ok(letter) => Ok(Self { guess, letter }),
            Err(error) => {
                app.guess_throttle.give_back(&guess);
                Err(error)
            }
        }
    }

    /// Gives back those that told nothing and wrote nothing.
    pub fn give_back(&self, app: &App, shared: &Result<Shared>) {
        if !matches!(shared, Ok(Shared::Nobody)) {
            app.guess_throttle.give_back(&self.guess);
        }
        if let Some(letter) = self.letter.as_ref().filter(|_| shared.is_err()) {
            app.letter_throttle.give_back(letter);
        }
    }
}
