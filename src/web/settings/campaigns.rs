//! Preferences → Campaigns: own campaigns by landing page or referring site, costs, the link builder, and further names of
//! campaign parameters.

mod cost_rows;
mod forms;
mod page;
mod sections;
mod view;

use super::Tabs;
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::goals::{campaign_costs, campaign_links, campaign_parameters, campaign_rules};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::model::id::CampaignItemId;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use forms::{CostForm, LinkForm, ParametersForm, RuleForm};
use view::{CampaignForms, Section};

/// `GET /sites/{site}/preferences/campaigns`: shows the screen.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("rule", "Saved. It counts from the next visit on."),
        ("rule-removed", "Removed. Visits that it matched keep their campaign."),
        ("cost", "Saved."),
        ("link", "The link is ready below."),
        ("link-removed", "Removed from the list. The link itself still works."),
        ("parameters", "Saved. It counts from the next visit on."),
        ("gone", "It was removed already."),
    ];
    let change = params.get("done");
    let notice = notices.iter().find(|(name, _)| change == Some(name)).map(|(_, notice)| *notice);
    page::answer(&app, &request, &access, CampaignForms { notice, ..CampaignForms::default() }).await
}

/// `POST /sites/{site}/preferences/campaigns/rules`: adds a campaign by landing page or referring site.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn add_rule(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<RuleForm>,
) -> Result<HttpResponse> {
    let (site, actor, rule) = (access.site.clone(), access.actor.clone(), form.into_inner());
    let saved = match rule.check() {
        Ok(checked) => {
            access
                .write(&app, move |tx| campaign_rules::add(tx, &actor, &site, checked.clone()).map(drop))
                .await
        }
        Err(error) => Err(error),
    };
    match refusal(saved)? {
        None => Ok(done(&access, "rule", "#rules")),
        Some(problems) => {
            let forms = CampaignForms { rule, ..CampaignForms::refused(Section::Rules, problems) };
            page::answer(&app, &request, &access, forms).await
        }
    }
}

/// `POST /sites/{site}/preferences/campaigns/rules/{item}/remove`: removes a campaign by landing page or referring site.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove_rule(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (site, actor, id) = (access.site.clone(), access.actor.clone(), item(&path)?);
    let removed = access.write(&app, move |tx| campaign_rules::remove(tx, &actor, &site, id)).await;
    removal(&access, removed, "rule-removed", "#rules")
}

/// `POST /sites/{site}/preferences/campaigns/parameters`: saves further names of campaign parameters.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change_parameters(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<ParametersForm>,
) -> Result<HttpResponse> {
    let (site, actor, parameters) = (access.site.clone(), access.actor.clone(), form.parameters());
    let saved =
        access.write(&app, move |tx| campaign_parameters::replace(tx, &actor, &site, &parameters)).await;
    match refusal(saved)? {
        None => Ok(done(&access, "parameters", "#parameters")),
        Some(problems) => {
            let parameters = Some(form.into_inner());
            let forms = CampaignForms { parameters, ..CampaignForms::refused(Section::Parameters, problems) };
            page::answer(&app, &request, &access, forms).await
        }
    }
}

/// `POST /sites/{site}/preferences/campaigns/costs`: sets the cost of a campaign on some days; 0 removes it.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn set_cost(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<CostForm>,
) -> Result<HttpResponse> {
    let (site, actor, cost) = (access.site.clone(), access.actor.clone(), form.into_inner());
    let saved = match cost.check(site.currency) {
        Ok(checked) => {
            let campaign = cost.campaign.trim().to_owned();
            access
                .write(&app, move |tx| {
                    let set = if checked.is_total { campaign_costs::set_total } else { campaign_costs::set };
                    set(tx, &actor, &site, &campaign, checked.days, checked.amount)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match refusal(saved)? {
        None => Ok(done(&access, "cost", "#costs")),
        Some(problems) => {
            let forms = CampaignForms { cost, ..CampaignForms::refused(Section::Costs, problems) };
            page::answer(&app, &request, &access, forms).await
        }
    }
}

/// `POST /sites/{site}/preferences/campaigns/links`: makes a link.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn make_link(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<LinkForm>,
) -> Result<HttpResponse> {
    let (site, actor, link) = (access.site.clone(), access.actor.clone(), form.into_inner());
    let parts = link.parts();
    let made = access.write(&app, move |tx| campaign_links::make(tx, &actor, &site, &parts).map(drop)).await;
    match refusal(made)? {
        None => Ok(done(&access, "link", "#links")),
        Some(problems) => {
            let forms = CampaignForms { link, ..CampaignForms::refused(Section::Links, problems) };
            page::answer(&app, &request, &access, forms).await
        }
    }
}

/// `POST /sites/{site}/preferences/campaigns/links/{item}/remove`: removes a link from the list.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove_link(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (site, actor, id) = (access.site.clone(), access.actor.clone(), item(&path)?);
    let removed = access.write(&app, move |tx| campaign_links::remove(tx, &actor, &site, id)).await;
    removal(&access, removed, "link-removed", "#links")
}

fn item(path: &Path<(String, String)>) -> Result<CampaignItemId> {
    CampaignItemId::parse(&path.1).ok_or(Error::Missing("campaign"))
}

/// Returns the problems of a refused form; `None` for one that was saved.
fn refusal(saved: Result<()>) -> Result<Option<Vec<Problem>>> {
    match saved {
        Ok(()) => Ok(None),
        Err(Error::Invalid(problems)) => Ok(Some(problems)),
        Err(error) => Err(error),
    }
}

fn done(access: &SiteAccess<ManageGoals>, change: &str, section: &str) -> HttpResponse {
    let path = Tabs::path(access.site.id, "campaigns");
    see_other(&format!("{path}?done={change}{section}"))
}

fn removal(
    access: &SiteAccess<ManageGoals>,
    removed: Result<()>,
    change: &str,
    section: &str,
) -> Result<HttpResponse> {
    match removed {
        Ok(()) => Ok(done(access, change, section)),
        Err(Error::Missing(_)) => Ok(form_state::done(&Tabs::path(access.site.id, "campaigns"), "gone")),
        Err(error) => Err(error),
    }
}
