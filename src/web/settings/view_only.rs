//! Preferences → View Only: the reports and visitor data that users at that level see, for the site or for one user,
//! and the preview of the site as they see it.

use super::Tabs;
use crate::access::capability::{ChooseViewOnly, UseOwnAccount};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::{AccountAccess, SiteAccess};
use crate::http::errors::see_other;
use crate::model::id::UserId;
use crate::model::level::Level;
use crate::model::metrics::Metric;
use crate::reports::catalogue::{REPORTS, ReportGroup};
use crate::reports::visibility::{self, Visibility, VisitorData};
use crate::sites;
use crate::store::shares::{self, Share};
use crate::store::view_only;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::FormState;
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use strum::{IntoEnumIterator, VariantArray};

/// The fields of the form; `report` occurs once for every chosen report.
type ViewOnlyForm = Form<Vec<(String, String)>>;

/// The metrics that every table of items shows.
const COLUMN_METRICS: [Metric; 5] =
    [Metric::Uniques, Metric::New, Metric::Actions, Metric::TimeAverage, Metric::BounceRate];

struct View {
    tabs: Tabs,
    path: String,
    /// The user whom the form is about; `None`: the whole site.
    person: Option<Share>,
    state: FormState<Visibility>,
}

/// Returns the choices of the form.
pub fn read(fields: &[(String, String)]) -> Visibility {
    let has = |name: &str| fields.iter().any(|(field, _)| field == name);
    Visibility::from_names(
        reports(fields),
        VisitorData::VARIANTS.iter().copied().filter(|data| has(data.name())),
    )
}

/// Returns the names of the reports that the form chooses.
pub fn reports(fields: &[(String, String)]) -> impl Iterator<Item = &str> {
    fields.iter().filter(|(name, _)| name == "report").map(|(_, value)| value.as_str())
}

/// Parses the user whom the form is about. An unknown one must not be taken for the whole site.
fn user_id(text: &str) -> Result<UserId> {
    UserId::parse(text).ok_or(Error::Missing("share"))
}

/// `GET /sites/{site}/preferences/view-only`: shows the form.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such share, and when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ChooseViewOnly>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (site, user) = (access.site.id, params.get("user").map(user_id).transpose()?);
    let visibility = app
        .read(move |connection| {
            let own = user.map(|user| view_only::of_share(connection, site, user)).transpose()?.flatten();
            let stored = own.map_or_else(|| view_only::of_site(connection, site), |own| Ok(Some(own)))?;
            Ok(Visibility::read(stored.as_ref()))
        })
        .await?;
    let notices = [("saved", "Saved. It holds from the next look on, in open browsers and live lists too.")];
    answer(&app, &request, &access, user, FormState::opened(visibility, &params, &notices)).await
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ChooseViewOnly>,
    user: Option<UserId>,
    state: FormState<Visibility>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "View Only", NavItem::Preferences).await?;
    let site = access.site.id;
    let person = match user {
        Some(user) => Some(app.read(move |connection| shares::get(connection, site, user)).await?),
        None => None,
    };
    let (tabs, path) = (Tabs::for_screen(access, "view-only"), Tabs::path(site, "view-only"));
    let view = View { tabs, path, person, state };
    Ok(view.state.response(page(&frame, &view)))
}

/// `POST /sites/{site}/preferences/view-only`: saves the choices.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such share, when the caller's right has ended, and when the data file
/// cannot be written.
pub async fn change(
    access: SiteAccess<ChooseViewOnly>,
    app: Data<App>,
    request: HttpRequest,
    fields: ViewOnlyForm,
) -> Result<HttpResponse> {
    let value = |field: &str| fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str());
    let (site, user, visibility) = (access.site.id, value("user").map(user_id).transpose()?, read(&fields));
    let follows_site = value("as-site").is_some() && user.is_some();
    if let Some(problem) = sites::view_only::unknown_report(reports(&fields))
        .or_else(|| sites::view_only::problem(&visibility))
        .filter(|_| !follows_site)
    {
        return answer(&app, &request, &access, user, FormState::refused(visibility, vec![problem])).await;
    }
    let actor = access.actor.clone();
    access
        .write(&app, move |tx| match user {
            None => sites::view_only::update_site(tx, &actor, site, &visibility),
            Some(user) => {
                let own = (!follows_site).then_some(&visibility);
                sites::view_only::update_share(tx, &actor, site, user, own)
            }
        })
        .await?;
    let of = user.map(|user| format!("&user={user}")).unwrap_or_default();
    Ok(see_other(&format!("{}?done=saved{of}", Tabs::path(site, "view-only"))))
}

/// `POST /sites/{site}/preferences/view-only/preview`: begins the preview.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn preview(access: SiteAccess<ChooseViewOnly>, app: Data<App>) -> Result<HttpResponse> {
    let (site, token) = (access.site.id, access.token.clone());
    access.write(&app, move |tx| sites::view_only::begin_preview(tx, &token, site)).await?;
    Ok(see_other(&access.base()))
}

/// `POST /account/preview/end`: ends the preview.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn end_preview(account: AccountAccess<UseOwnAccount>, app: Data<App>) -> Result<HttpResponse> {
    let (site, token) = (account.user.preview, account.token.clone());
    account.write(&app, move |tx| sites::view_only::end_preview(tx, &token)).await?;
    Ok(see_other(&site.map_or_else(|| "/".to_owned(), |site| Tabs::path(site, "view-only"))))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let title = Level::ViewOnly.title();
    view.tabs.page(
        frame,
        &html! {
            (view.state.notice())
            @match &view.person {
                Some(person) => {
                    p { "What " b { (person.called()) } " sees at the level " (title) ". " a href=(view.path) { "What the others see →" } }
                    @if person.level != Level::ViewOnly { p.help { (person.called()) " is " (person.level.title()) " at present and sees everything. This holds once their level is " (title) "." } }
                },
                None => p { "What people at the level " (title) " see of this site. They export nothing and open no heatmaps and settings." },
            }
            @if view.person.is_none() {
                form.preview-form method="post" action={ (view.path) "/preview" } { button type="submit" { "Preview as " (title) } }
            }
            form.settings.wide-form method="post" action=(view.path) {
                @if let Some(person) = &view.person { input type="hidden" name="user" value=(person.user); }
                (choices(&view.state.form, &view.state.problems))
                div.buttons {
                    button.primary type="submit" { "Save" }
                    @if view.person.as_ref().is_some_and(|person| person.has_own_view) {
                        button type="submit" name="as-site" value="on" { "As all others again" }
                    }
                }
            }
        },
    )
}

/// Renders the tick lists of reports and of visitor data.
pub fn choices(visibility: &Visibility, problems: &[Problem]) -> Markup {
    let sentence = field::problem(problems, "report");
    html! {
        @if let Some(sentence) = sentence { p.problem role="alert" { (sentence) } }
        fieldset.choices {
            legend { "Visitors" }
            @for &data in VisitorData::VARIANTS {
                @let (title, help) = data.explained();
                (field::switch(data.name(), title, Some(help), visibility.has(data)))
            }
        }
        p.quiet { "Every report that counts by something also has columns with " (Metric::nouns(&COLUMN_METRICS)) " of each row, whatever is chosen here." }
        div.buttons.all-or-none hidden data-needs-script {
            button.small type="button" data-tick="all" { "All reports" }
            button.small type="button" data-tick="none" { "No report" }
        }
        @for subject in ReportGroup::iter() {
            fieldset.choices.tick-list {
                legend { (subject.title()) }
                div {
                    @for report in REPORTS.iter().filter(|report| report.subject == subject) {
                        @let id = format!("report-{}", report.name);
                        div.choice-line {
                            input type="checkbox" id=(id) name="report" value=(report.name) checked[visibility.has_report(report.name)];
                            label for=(id) { (report.title) @if let Some(needs) = needs(report) { span.help { (needs) } } }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the visitor data that a report needs, as text.
fn needs(report: &crate::reports::catalogue::Report) -> Option<String> {
    let needs = visibility::needs_of(report);
    let titles: Vec<String> = needs.iter().map(|data| data.explained().0.to_lowercase()).collect();
    (!titles.is_empty()).then(|| format!("Needs {}.", titles.join(", ")))
}
