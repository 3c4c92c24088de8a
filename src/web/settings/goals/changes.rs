//! The changes of the currency and of the keys of custom data.

use super::currency::CurrencyState;
use super::custom_keys::CustomKeysState;
use super::list::{self, ListState};
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::{Error, Result};
use crate::goals::{currency, custom_keys};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::web::layout::form_state::{self, FormState};
use crate::web::settings::Tabs;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The form of the currency.
#[derive(Deserialize)]
pub struct CurrencyForm {
    #[serde(default)]
    currency: String,
    /// Not empty if the user agreed to the change.
    #[serde(default)]
    agreed: String,
}

/// The form of the keys of custom data.
#[derive(Deserialize)]
pub struct CustomKeysForm {
    #[serde(default)]
    keys: String,
}

/// `POST /sites/{site}/preferences/goals/currency`: changes the currency, after agreement.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change_currency(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<CurrencyForm>,
) -> Result<HttpResponse> {
    let path = Tabs::path(access.site.id, "goals");
    let refused = |asked, problems| {
        let typed = form.currency.clone();
        ListState::of_currency(FormState::refused(CurrencyState { typed, asked }, problems))
    };
    let chosen = match currency::parse(&form.currency) {
        Ok(chosen) if chosen == access.site.currency => return Ok(see_other(&path)),
        Ok(chosen) => chosen,
        Err(error) => return list::answer(&app, &request, &access, refused(None, error.problems()?)).await,
    };
    let (site, actor) = (access.site.clone(), access.actor.clone());
    if form.agreed.is_empty() {
        let asked = app.read(move |connection| currency::preview(connection, &site, chosen)).await?;
        return list::answer(&app, &request, &access, refused(Some(asked), Vec::new())).await;
    }
    access.write(&app, move |tx| currency::change(tx, &actor, &site, chosen)).await?;
    Ok(form_state::done(&path, "currency"))
}

/// `POST /sites/{site}/preferences/goals/custom-keys`: saves the keys of custom data.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change_custom_keys(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<CustomKeysForm>,
) -> Result<HttpResponse> {
    let (site, actor) = (access.site.clone(), access.actor.clone());
    let keys: Vec<String> = form.keys.lines().map(str::to_owned).collect();
    match access.write(&app, move |tx| custom_keys::replace(tx, &actor, &site, &keys)).await {
        Ok(()) => Ok(form_state::done(&Tabs::path(access.site.id, "goals"), "keys")),
        Err(Error::Invalid(problems)) => {
            let state = CustomKeysState::Refused(form.into_inner().keys, problems);
            list::answer(&app, &request, &access, ListState::of_custom_keys(&access.site, state)).await
        }
        Err(error) => Err(error),
    }
}
