//! The records of use: when a sign-in was used last, when a user last opened a site shared with them, and when, from where
//! and by which program a site key was used last.

use super::client::{self, Client};
use crate::access::Grant;
use crate::app::App;
use crate::limits;
use crate::log;
use crate::model::id::{SiteId, SiteKey, Token};
use crate::store::key_uses::{self, KeyUse};
use crate::store::shares;
use crate::store::sign_ins::{self, SignedIn};
use crate::store::sites::Site;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// Records, at most once per `SIGN_IN_SEEN_EVERY`, that a user opened a site shared with them.
pub fn record_share_use(app: &Data<App>, user: &SignedIn, site: &Site, grant: &Grant) {
    let now = app.clock.now();
    let is_due = grant.seen_at.is_none_or(|seen_at| now.has_passed(limits::SIGN_IN_SEEN_EVERY, seen_at));
    if site.owner == user.user || !is_due {
        return;
    }
    let (app, site, user) = (app.clone(), site.id, user.user);
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| shares::touch(tx, site, user, now)).await
            && let Some(left_out) = log::failure("share", &error)
        {
            tracing::warn!(%error, left_out, "the use of a share was not written down");
        }
    });
}

/// Records, at most once per `SIGN_IN_SEEN_EVERY`, that a sign-in is in use.
pub fn record_sign_in_use(app: &Data<App>, user: &SignedIn, token: &Token) {
    let now = app.clock.now();
    if now.has_passed(limits::SIGN_IN_SEEN_EVERY, user.seen_at) {
        let (app, token) = (app.clone(), token.clone());
        actix_web::rt::spawn(async move {
            if let Err(error) = app.write(move |tx| sign_ins::touch(tx, &token, now)).await
                && let Some(left_out) = log::failure("sign-in", &error)
            {
                tracing::warn!(%error, left_out, "the use of a sign-in was not written down");
            }
        });
    }
}

/// Records, at most once per `KEY_USE_RECORDED_EVERY`, that a program used the key of a site, which the caller found to be
/// the site's.
pub fn record_key_use(app: &Data<App>, site: SiteId, key: &SiteKey, request: &HttpRequest) {
    let now = app.clock.now();
    if !app.key_uses.is_due(site, key, now) {
        return;
    }
    let address = Client::from_request(request, &app.config).address.to_string();
    let used = KeyUse::new(now, address, client::header_text(request, "user-agent"));
    let (app, key) = (app.clone(), key.clone());
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| key_uses::record(tx, site, &key, &used)).await
            && let Some(left_out) = log::failure("site key", &error)
        {
            tracing::warn!(%error, left_out, "the use of a site key was not written down");
        }
    });
}
