//! Sharing of a site from its screen: as often as one user may, and the link of a new invitation.

use super::throttle::SharingAttempts;
use crate::access::capability::ManagePeople;
use crate::app::App;
use crate::config::PublicUrl;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::model::id::Token;
use crate::model::level::Level;
use crate::sites::sharing::{self, ShareOutcome, ShareRequest, SharingLetter};
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The result of sharing the site.
pub struct SharingResult {
    pub outcome: ShareOutcome,
    /// The token of the invitation, if there is one.
    token: Token,
    /// True if a letter about it was written.
    is_mailed: bool,
}

/// The link of a new invitation, for the person who invites.
pub struct NewLink {
    pub email: String,
    pub address: String,
    pub is_mailed: bool,
    pub sends_mail: bool,
}

impl NewLink {
    /// Returns the link of the invitation that was made for an address.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when this server's own address is none.
    pub fn new(app: &Data<App>, request: &HttpRequest, email: String, made: &SharingResult) -> Result<Self> {
        let home = PublicUrl::parse(&client::origin(request, &app.config))?;
        let address = format!("{}{}", home.origin(), sharing::invitation_path(&made.token));
        Ok(Self { email, address, is_mailed: made.is_mailed, sends_mail: app.mail.letters.is_some() })
    }
}

/// Shares the site or creates an invitation, with the letter about it in the same transaction.
///
/// # Errors
///
/// Fails with `Error::Throttled` when the user shares with too many people, with `Error::Invalid` when the site
/// cannot be shared with this one, when the caller's right has ended, and when the data file cannot be written.
pub async fn share(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ManagePeople>,
    name: String,
    level: Level,
) -> Result<SharingResult> {
    let attempts = SharingAttempts::admit(app, request, access, &name).await?;
    let letters = app.mail.letters.clone().filter(|_| attempts.allows_letter());
    let (token, proof, is_mailed) = (Token::generate()?, Token::generate()?, letters.is_some());
    let (site, giver) = (access.site.clone(), access.user.clone());
    let (invitation, actor) = (token.clone(), access.actor.clone());
    let outcome = access
        .write(app, move |tx| {
            let share = ShareRequest { typed: &name, level, giver: Some(giver.user) };
            let letter = letters.as_ref();
            let letter =
                letter.map(|letters| SharingLetter { letters, giver: &giver.username, proof: &proof });
            sharing::share(tx, &actor, &site, &share, &invitation, letter.as_ref())
        })
        .await;
    attempts.give_back(app, &outcome);
    Ok(SharingResult { outcome: outcome?, token, is_mailed })
}
