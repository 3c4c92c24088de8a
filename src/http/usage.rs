//! The records of use: when a sign-in was used last, when a user last opened a site shared with them, and when, from where
//! and by which program a site key was used last.

use super::client::{self, Client};
use crate::access::Grant;
use crate::app::App;
use crate::limits;
use crate::log;
use crate::model::id::{SiteId, SiteKey, Token, TokenId};
use crate::store::key_uses::{self, KeyUse};
use crate::store::shares;
use crate::store::sign_ins::{self, SignedIn};
use crate::store::sites::Site;
use crate::store::tokens;
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
    if !app.key_uses.is_due(site, key, app.clock.now()) {
        return;
    }
    let (app, key, used) = (app.clone(), key.clone(), key_use(app, request));
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| key_uses::record(tx, site, &key, &used)).await
            && let Some(left_out) = log::failure("site key", &error)
        {
            tracing::warn!(%error, left_out, "the use of a site key was not written down");
        }
    });
}

/// Records, at most once per `KEY_USE_RECORDED_EVERY`, that a program used a personal token.
pub fn record_token_use(app: &Data<App>, token: TokenId, request: &HttpRequest) {
    if !app.key_uses.is_token_due(token, app.clock.now()) {
        return;
    }
    let (app, used) = (app.clone(), key_use(app, request));
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| tokens::touch(tx, token, &used)).await
            && let Some(left_out) = log::failure("token", &error)
        {
            tracing::warn!(%error, left_out, "the use of a token was not written down");
        }
    });
}

fn key_use(app: &App, request: &HttpRequest) -> KeyUse {
    let address = Client::from_request(request, &app.config).address.to_string();
    KeyUse::new(app.clock.now(), address, client::header_text(request, "user-agent"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServeConfig;
    use crate::model::clock::{Clock, Timestamp, Zone};
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};
    use actix_web::test::TestRequest;

    async fn app_with_site(folder: &tempfile::TempDir, keys: &Keys) -> (Data<App>, SiteId) {
        let config =
            ServeConfig { data: folder.path().join("clickstead.db"), ..ServeConfig::trusting("10.0.0.0/8") };
        let app = Data::new(App::start(config, Clock::system()).unwrap());
        let keys = keys.clone();
        let site = app.write(move |tx| {
            let user =
                NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
            let owner = users::create(tx, &user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
            sites::create(tx, owner, &new, &keys, Timestamp(0))
        });
        let site = site.await.unwrap();
        (app, site)
    }

    async fn use_key(app: &Data<App>, site: SiteId, key: &SiteKey, user_agent: &str) -> Option<KeyUse> {
        let request = TestRequest::default()
            .peer_addr(([10, 0, 0, 1], 9).into())
            .insert_header(("x-forwarded-for", "192.0.2.7"))
            .insert_header(("user-agent", user_agent))
            .to_http_request();
        record_key_use(app, site, key, &request);
        // The record is in the writer's queue by then, before a further change.
        tokio::task::yield_now().await;
        app.write(|_| Ok(())).await.unwrap();
        app.read(move |connection| key_uses::find(connection, site)).await.unwrap()
    }

    #[actix_web::test]
    async fn a_use_is_recorded_once_a_minute_with_the_clients_address_and_program() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::generate().unwrap();
        let (app, site) = app_with_site(&folder, &keys).await;
        let first = use_key(&app, site, &keys.site, "books/1.0").await.unwrap();
        assert_eq!((first.address.as_str(), first.user_agent.as_str()), ("192.0.2.7", "books/1.0"));
        assert!(!app.clock.now().has_passed(limits::KEY_USE_RECORDED_EVERY, first.at));
        assert_eq!(use_key(&app, site, &keys.site, "books/2.0").await, Some(first));
        let new = Keys::generate().unwrap();
        let rotated = new.clone();
        app.write(move |tx| sites::update_keys(tx, site, &rotated)).await.unwrap();
        assert_eq!(use_key(&app, site, &keys.site, "books/3.0").await, None);
        assert_eq!(use_key(&app, site, &new.site, "books/4.0").await.unwrap().user_agent, "books/4.0");
    }
}
