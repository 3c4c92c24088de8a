//! Acting for a sub-account: until the parent stops, requests of this browser are answered as that account.

use crate::access::capability::{ManageSubAccounts, UseOwnAccount};
use crate::accounts::sub_accounts;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::AccountAccess;
use crate::http::errors::see_other;
use crate::model::id::{SiteId, UserId};
use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path};
use serde::Deserialize;

/// The form that begins acting for a sub-account.
#[derive(Deserialize)]
pub struct ActForForm {
    /// The ID of a site of the sub-account to open; empty: its list of sites.
    #[serde(default)]
    site: String,
}

/// `POST /account/sub-accounts/{user}/act`: begins to act for a sub-account; also while acting for another one, as in
/// a second window.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user is not a sub-account of the caller, when the sign-in has ended, and when
/// the data file cannot be written.
pub async fn begin(
    account: AccountAccess<ManageSubAccounts>,
    app: Data<App>,
    user: Path<String>,
    form: Form<ActForForm>,
) -> Result<HttpResponse> {
    let child = UserId::parse(&user).ok_or(Error::Missing("sub-account"))?;
    let person = account.user.parent.as_ref().map_or(account.user.user, |parent| parent.user);
    let (token, target) = (account.token.clone(), SiteId::parse(&form.site));
    let site =
        account.write(&app, move |tx| sub_accounts::begin_acting(tx, &token, person, child, target)).await?;
    Ok(see_other(&site.map_or_else(|| "/".to_owned(), |site| format!("/sites/{site}"))))
}

/// `POST /account/acting/end`: stops acting for a sub-account.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn end(account: AccountAccess<UseOwnAccount>, app: Data<App>) -> Result<HttpResponse> {
    let token = account.token.clone();
    account.write(&app, move |tx| sub_accounts::end_acting(tx, &token)).await?;
    Ok(see_other("/"))
}
