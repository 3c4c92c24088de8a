//! Preferences → Tracking: identification of visitors, shortening of addresses, exclusions and limits. A change takes
//! effect with the next hit.

use super::Tabs;
use crate::access::capability::ChangeSiteSettings;
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::client::Client;
use crate::http::form::LongForm;
use crate::ingest::exclusions;
use crate::sites::tracking::{self, TrackingForm};
use crate::store;
use crate::store::exclusions::ExclusionKind;
use crate::store::sites::{self, Site};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field::{self, Choice, Field};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    tabs: Tabs,
    site: Site,
    /// Scheme, host and port of the site's pages, from its hits; HTTPS on the site's domain before the first hit.
    origin: String,
    own_address: String,
    state: FormState<TrackingForm>,
}

/// `GET /sites/{site}/preferences/tracking`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let site = access.site.id;
    let exclusions = app.read(move |connection| store::exclusions::list(connection, site)).await?;
    let form = TrackingForm::from_site(&access.site, &exclusions);
    let notices = [("saved", "Saved. The next hit is judged by it.")];
    answer(&app, &request, &access, FormState::opened(form, &params, &notices)).await
}

/// `POST /sites/{site}/preferences/tracking`: saves the settings.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    LongForm(form): LongForm<TrackingForm>,
) -> Result<HttpResponse> {
    let settings = match form.check() {
        Ok(settings) => settings,
        Err(error) => {
            return answer(&app, &request, &access, FormState::refused(form, error.problems()?)).await;
        }
    };
    let (site, actor) = (access.site.id, access.actor.clone());
    access.write(&app, move |tx| tracking::update(tx, &actor, site, &settings)).await?;
    Ok(form_state::done(&Tabs::path(site, "tracking"), "saved"))
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ChangeSiteSettings>,
    state: FormState<TrackingForm>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "Tracking", NavItem::Preferences).await?;
    let site = access.site.id;
    let page_origin = app.read(move |connection| sites::page_origin(connection, site)).await?;
    let view = View {
        tabs: Tabs::for_screen(access, "tracking"),
        origin: page_origin.unwrap_or_else(|| format!("https://{}", access.site.domain)),
        site: access.site.clone(),
        own_address: exclusions::own_network(Client::from_request(request, &app.config).address),
        state,
    };
    Ok(view.state.response(page(&frame, &view)))
}

const IDENTITIES: [Choice<'static>; 3] = [
    Choice {
        value: "none",
        label: "Without cookies",
        help: Some(
            "Nothing is kept in the browser. A visitor is known for one day, and nobody can tell who it was.",
        ),
    },
    Choice {
        value: "cookie",
        label: "With a cookie of your own site",
        help: Some(
            "A visitor is known again for a year, with earlier visits. In many countries you must ask first.",
        ),
    },
    Choice {
        value: "consent",
        label: "With a cookie, once the visitor agreed",
        help: Some(
            "Until then nothing personal is kept: no cookie, no address, not even shortened, no city, no custom data. \
             Your page says that a visitor agreed by clicky_custom.visitor_consent = true on every page, or once by \
             clicky.consent(), which the browser remembers; clicky.consent(false) takes it back.",
        ),
    },
];

fn page(frame: &Frame, view: &View) -> Markup {
    let (form, problems) = (&view.state.form, view.state.problems.as_slice());
    let list = |kind, label: &'static str, help: Markup| {
        field::lines(exclusions::field(kind), label, form.list(kind), &help, problems)
    };
    view.tabs.page(frame, &html! {
        (view.state.notice())
        (view.state.refusal("Nothing was saved yet: see the notes below."))
        form.settings method="post" action=(Tabs::path(view.site.id, "tracking")) {
            (field::choices("identity", "How visitors are known", &IDENTITIES, &form.identity))
            fieldset.choices {
                legend { "What is kept of them" }
                (field::switch("signals", "Honour “do not track”", Some("Browsers that send GPC or DNT get no cookie."), !form.signals.is_empty()))
                (field::switch("shorten", "Shorten addresses", Some("192.0.2.77 is kept as 192.0.2.0. Place and exclusions are told from the full address before; it is never written."), !form.shorten.is_empty()))
            }
            fieldset.choices {
                legend { "Web vitals" }
                (field::switch("vitals", "Measure web vitals", Some("See how fast your pages load and respond for real visitors, in the report Web vitals. Adds 4 KB to your pages."), !form.vitals.is_empty()))
            }
            fieldset {
                legend { "What is left out" }
                p.quiet { "What is left out is counted, and shown with samples in the report “What was filtered”." }
                (ignore(&view.origin))
                (list(ExclusionKind::Address, "Addresses", html! { "One a line: an address, or a network such as 192.0.2.0/24. Yours is now " code { (view.own_address) } "." }))
                (list(ExclusionKind::Page, "Pages", html! { "One a line, such as " code { "/admin/*" } ". A star stands for any characters; with " code { "?" } " the query counts too." }))
                (list(ExclusionKind::Country, "Countries", html! { "One a line: the name, or two letters." }))
                (list(ExclusionKind::Referrer, "Referrers", html! { "One domain a line, such as " code { "spam.example" } ". Visits that come from there, or from below it, are left out as a whole." }))
            }
            fieldset {
                legend { "What tells a page" }
                (list(ExclusionKind::Parameter, "Query parameters to strip", html! { "One a line, such as " code { "sessionid" } " or " code { "sort*" } ". Pages that differ in them alone count as one. Campaign parameters and click ids are stripped anyway." }))
            }
            fieldset {
                legend { "Limits" }
                (bound("hits_per_minute", "Hits from one address in a minute", &form.hits_per_minute, "Beyond that they are refused. An office or a phone network shares one address: be generous.", problems))
                (bound("actions_per_day", "Actions of the whole site in a day", &form.actions_per_day, "Beyond that they are left out until midnight. Empty: no limit.", problems))
            }
            button.primary type="submit" { "Save" }
        }
    })
}

fn bound(
    name: &'static str,
    label: &'static str,
    value: &str,
    help: &'static str,
    problems: &[Problem],
) -> Markup {
    let field = Field {
        name,
        label,
        kind: "text",
        value,
        autocomplete: "off",
        help: Some(help),
        is_required: name == "hits_per_minute",
    };
    field::input(&field, problems)
}

fn ignore(origin: &str) -> Markup {
    let link = |on: u8| format!("{origin}/#_cky_ignore={on}");
    html! {
        div.field {
            span.label { "My own visits" }
            p.help { "Open this link once in every browser that you use: your visits with it are not counted. A cookie of your own site remembers it." }
            p.buttons {
                a.button href=(link(1)) target="_blank" rel="noopener" { "Ignore my visits in this browser" } " "
                a.button href=(link(0)) target="_blank" rel="noopener" { "Count them again" }
            }
        }
    }
}
