//! The records of use: when a sign-in was used last, and when a user last opened a site shared with them.

use crate::access::Grant;
use crate::app::App;
use crate::limits;
use crate::log;
use crate::model::id::Token;
use crate::store::shares;
use crate::store::sign_ins::{self, SignedIn};
use crate::store::sites::Site;
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
