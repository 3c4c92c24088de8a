//! The end of every sign-in: a new session in place of the browser's old one, the cookie of a known device, and the
//! redirect to the requested page.

use crate::accounts::sign_ins::{self, BrowserTokens};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::http::session::browser_text;
use crate::model::id::{Token, UserId};
use crate::store::sign_ins::Browser;
use crate::store::{preferences, sites};
use crate::web::account::preferences::start_page;
use actix_web::{HttpRequest, HttpResponse};

/// Signs a user in and redirects to the requested page, or to their start page.
///
/// # Errors
///
/// Fails when no random bytes are available and when the data file cannot be written.
pub async fn enter(app: &App, request: &HttpRequest, user: UserId, next: &str) -> Result<HttpResponse> {
    let next = local(next).to_owned();
    let place = if next == "/" {
        app.read(move |connection| {
            let open_sites = sites::list_open_to(connection, user)?;
            Ok(start_page(&preferences::get(connection, user)?, &open_sites).to_owned())
        })
        .await?
    } else {
        next
    };
    let mut response = see_other(&place);
    admit(app, request, user, &mut response).await?;
    Ok(response)
}

/// Signs a user in: starts a new session, ends the browser's old one, and makes the browser a known device.
///
/// # Errors
///
/// Fails when no random bytes are available and when the data file cannot be written.
pub async fn admit(
    app: &App,
    request: &HttpRequest,
    user: UserId,
    response: &mut HttpResponse,
) -> Result<()> {
    let client = Client::from_request(request, &app.config);
    let new = BrowserTokens { session: Token::generate()?, device: Token::generate()? };
    let cookies = [cookie::signed_in(client, &new.session), cookie::device(client, &new.device)];
    let old = BrowserTokens {
        session: cookie::read(request, client),
        device: cookie::read_device(request, client),
    };
    let (now, agent, address) = (app.clock.now(), browser_text(request), client.address.to_string());
    app.write(move |tx| {
        let browser = Browser { agent: &agent, address: &address };
        sign_ins::sign_in(tx, user, &browser, &old, &new, now)
    })
    .await?;
    for cookie in cookies {
        response.add_cookie(&cookie).map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(())
}

/// Returns the response to a browser whose sign-in has ended.
///
/// # Errors
///
/// Fails with `Error::Internal` when the cookie cannot be set.
pub fn leave(app: &App, request: &HttpRequest) -> Result<HttpResponse> {
    let mut response = see_other("/login");
    let gone = cookie::signed_out(Client::from_request(request, &app.config));
    response.add_cookie(&gone).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response)
}

/// Returns a path of this server, else that of the list of sites: a link to the sign-in page must not redirect
/// elsewhere.
fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path && is_plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(local("/sites/1/visitors?date=today"), "/sites/1/visitors?date=today");
        for elsewhere in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "javascript:x"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
    }
}
