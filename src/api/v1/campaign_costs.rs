//! The costs of campaigns, for programs.

use super::common_params::DateParams;
use super::json_body::{self, AmountBody};
use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::{ManageGoals, SeeRevenue};
use crate::error::{Error, Result};
use crate::goals::{amounts, campaign_costs};
use crate::http::api_access::ApiAccess;
use crate::limits;
use crate::model::clock::Day;
use crate::reports::date_range::DateRange;
use crate::store::campaigns;
use crate::store::sites::Site;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The parameters of this route.
pub const PARAMETERS: KnownParameters = KnownParameters { names: &["date"], has_filters: false };

/// The costs of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignCostList {
    /// The currency of the site.
    #[schema(example = "EUR")]
    currency: &'static str,
    /// The costs, by day.
    costs: Vec<CampaignCostJson>,
}

/// The cost of a campaign on a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignCost)]
pub struct CampaignCostJson {
    /// The campaign, as its links name it.
    #[schema(example = "spring")]
    campaign: String,
    /// The day.
    #[schema(example = "2026-11-30")]
    day: String,
    /// The cost.
    #[schema(value_type = f64, example = 12.5)]
    cost: Value,
}

/// Costs to set, in place of those of the same campaigns and days.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"costs": [{"campaign": "spring", "day": "2026-11-30", "cost": 12.5}]}))]
pub struct CampaignCostsBody {
    /// The costs; of a campaign 366 days at most.
    costs: Vec<CampaignCostBody>,
}

/// The cost of a campaign on a day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignCostBody {
    /// The campaign, as its links name it.
    campaign: String,
    /// The day.
    day: String,
    /// The cost, in the site's currency; 0 takes it away.
    cost: AmountBody,
}

impl CampaignCostList {
    fn read(connection: &Connection, site: &Site, days: DateRange) -> Result<Self> {
        let costs = campaigns::list_costs(connection, site.id, days.first, days.last)?.into_iter();
        let costs = costs.map(|cost| CampaignCostJson {
            campaign: cost.campaign,
            day: cost.day.to_string(),
            cost: amounts::to_json(site, cost.cost),
        });
        Ok(Self { currency: site.currency.code(), costs: costs.collect() })
    }
}

impl CampaignCostsBody {
    /// Returns the costs of each campaign, by day.
    fn by_campaign(&self, site: &Site) -> Result<BTreeMap<&str, BTreeMap<Day, i64>>> {
        let mut found: BTreeMap<&str, BTreeMap<Day, i64>> = BTreeMap::new();
        for one in &self.costs {
            let day = Day::parse(&one.day)
                .ok_or_else(|| Error::invalid("costs.day", "Write a day such as 2026-11-30."))?;
            let days = found.entry(one.campaign.trim()).or_default();
            days.insert(day, one.cost.parse(site, "costs.cost")?);
            if i32::try_from(days.len()).is_ok_and(|count| count > limits::COST_DAYS_MAX) {
                let most = limits::COST_DAYS_MAX;
                return Err(Error::invalid("costs", format!("Set the cost of {most} days at most at once.")));
            }
        }
        Ok(found)
    }
}

/// `GET /api/v1/sites/{site}/campaign-costs`: lists costs.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/campaign-costs",
    operation_id = "list_campaign_costs",
    tag = "Goals",
    summary = "List what campaigns cost",
    description = "What campaigns cost, by day, in the site's currency.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        DateParams,
    ),
    responses(
        (status = 200, description = "The costs.", body = CampaignCostList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<SeeRevenue>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |reader, site| {
        let days = Parameters::parse(&parameters, PARAMETERS)?.days(site.site.zone.day(reader.now))?;
        CampaignCostList::read(reader.connection, &site.site, days)
    });
    response::json(&request, &list.await?)
}

/// `PUT /api/v1/sites/{site}/campaign-costs`: sets costs.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is none, and as [`campaign_costs::set_days`] does.
#[utoipa::path(
    put,
    path = "/api/v1/sites/{site}/campaign-costs",
    operation_id = "set_campaign_costs",
    tag = "Goals",
    summary = "Set what campaigns cost",
    description = "Sets what campaigns cost, in place of what was set for the same days; all or nothing, and sending it again changes nothing. It needs a token that also writes, or the site key.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = CampaignCostsBody, description = "The costs."),
    responses(
        (status = 204, description = "The costs are set."),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn set(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let body: CampaignCostsBody = json_body::read(body).await?;
    let change = access.write(move |tx, site, actor| {
        for (campaign, days) in body.by_campaign(site)? {
            let costs: Vec<(Day, i64)> = days.into_iter().collect();
            campaign_costs::set_days(tx, actor, site, campaign, &costs)?;
        }
        Ok(())
    });
    change.await?;
    Ok(HttpResponse::NoContent().finish())
}
