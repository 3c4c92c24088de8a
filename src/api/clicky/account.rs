//! Clicky's account API: the sites whose keys a user may see.

use super::parameters::Parameters;
use super::reply::{Item, Reply};
use super::response;
use crate::access::capability::{Capability, UseOwnAccount};
use crate::access::policy::{self, Caller, Decision};
use crate::app::App;
use crate::error::Result;
use crate::http::password_access::PasswordAccess;
use crate::model::id::UserId;
use crate::model::metrics::Metric;
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, Wants};
use crate::reports::visibility::Visibility;
use crate::store::sites::{self, Site};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `GET /api/account/sites`: lists the sites with their keys.
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
    let style = response::style_of(&Parameters::parse(request.query_string()))?;
    let user = access.user.id;
    let rendered = app.view(move |reader| {
        let rows = sites_of(reader, user)?.iter().map(|site| row(reader, site)).collect::<Result<_>>()?;
        style.render(&Reply::Rows { name: "site", rows })
    });
    Ok(response::of_reply(rendered.await?))
}

/// Returns the sites whose keys a user may see.
fn sites_of(reader: &DataReader<'_>, user: UserId) -> Result<Vec<Site>> {
    let open = sites::list_open_to(reader.connection, user)?.into_iter();
    let may_see = |caller| policy::verdict(caller, Capability::SeeSiteKey) == Decision::Allowed;
    let seen = open.filter(|(_, level)| may_see(level.map_or(Caller::Owner, Caller::from)));
    Ok(seen.map(|(site, _)| site).collect())
}

fn row(reader: &DataReader<'_>, site: &Site) -> Result<Item> {
    let keys = sites::keys(reader.connection, site.id)?;
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
