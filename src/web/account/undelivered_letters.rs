//! The end of the banner about letters that could not be delivered.

use crate::access::capability::UseOwnAccount;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::OwnAccount;
use crate::store::outbox;
use crate::web::layout::form_state;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `POST /account/profile/letters/seen`: takes the banner away and leads to the profile, where the address can be changed.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn set_seen(account: OwnAccount<UseOwnAccount>, app: Data<App>) -> Result<HttpResponse> {
    let user = account.user.user;
    account.write(&app, move |tx| outbox::set_seen(tx, user)).await?;
    Ok(form_state::done("/account/profile", "letters-seen"))
}
