//! Clicky's account API: the sites whose keys a user may see.

use super::parameters::Parameters;
use super::reply::{Item, Reply};
use super::response;
use crate::access::capability::UseOwnAccount;
use crate::app::App;
use crate::error::Result;
use crate::http::password_access::PasswordAccess;
use crate::http::request_actor::named_actor;
use crate::model::id::SiteId;
use crate::model::metrics::Metric;
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, Wants};
use crate::reports::visibility::Visibility;
use crate::sites::keys;
use crate::store::sites::{Keys, Site};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `GET /api/account/sites`: lists the sites with their keys, never as a script.
///
/// # Errors
///
/// Fails with `Error::Invalid` when name or password are wrong or the user signs in with two steps, with
/// `Error::Throttled` after too many wrong ones, and when the data file cannot be read.
pub async fn sites(
    access: PasswordAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let style = response::plain_style_of(&Parameters::parse(request.query_string()));
    let (user, actor) = (access.user.id, named_actor(&app, &request, &access.user.username));
    let reader_actor = actor.clone();
    let answer = access.view(move |reader| {
        let sites = keys::list_for(reader.connection, user)?;
        let rows = sites.iter().map(|(site, keys)| row(reader, site, keys)).collect::<Result<_>>()?;
        let ids: Vec<SiteId> = sites.iter().map(|(site, _)| site.id).collect();
        let unrecorded = keys::list_unrecorded(reader.connection, &reader_actor, &ids)?;
        Ok((style.render(&Reply::Rows { name: "site", rows })?, unrecorded))
    });
    let (rendered, unrecorded) = answer.await?;
    if !unrecorded.is_empty() {
        app.write(move |tx| keys::record_disclosure(tx, &actor, &unrecorded)).await?;
    }
    Ok(response::of_reply(rendered))
}

fn row(reader: &DataReader<'_>, site: &Site, keys: &Keys) -> Result<Item> {
    let query = Query::today(site.clone(), reader.now, Visibility::everything());
    let answer = reader.run(&query.with(Wants { totals: true, online: true, ..Wants::default() }))?;
    let today = answer.totals.map_or(0, |totals| Metric::Visits.value(&totals.now));
    Ok(Item::new()
        .text("site_id", site.id.to_string())
        .text("hostname", site.domain.clone())
        .text("nickname", site.name.clone())
        .text("sitekey", keys.site.expose())
        .text("sitekey_admin", keys.admin.expose())
        .text("timezone", site.zone.name())
        .text("visitors_online", answer.online.unwrap_or(0).to_string())
        .text("visitors_today", today.to_string()))
}
