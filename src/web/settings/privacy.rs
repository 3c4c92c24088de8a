//! Preferences → Privacy & retention: for how long visits are kept, and what remains of older ones.

use super::Tabs;
use crate::access::capability::{Capability, ChangeSiteSettings};
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::SiteAccess;
use crate::jobs::prune_visits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::model::metrics::Metric;
use crate::sites;
use crate::sites::retention::{PrunedVisits, RetentionForm};
use crate::store::retention;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field::{self, Choice};
use crate::web::ui::format;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The metrics of the totals that stay.
const KEPT_METRICS: [Metric; 7] = [
    Metric::Visits,
    Metric::Uniques,
    Metric::Actions,
    Metric::TimeAverage,
    Metric::BounceRate,
    Metric::Conversions,
    Metric::Revenue,
];

struct View {
    tabs: Tabs,
    site: SiteId,
    oldest: Option<(Day, i64)>,
    state: FormState<RetentionForm>,
    /// The visits that would be removed, while the user has not agreed.
    pruned: Option<PrunedVisits>,
    may_erase: bool,
}

/// `GET /sites/{site}/preferences/privacy`: shows the form.
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
    let kept_days = app.read(move |connection| retention::kept_days(connection, site)).await?;
    let state = FormState::opened(RetentionForm::from_days(kept_days), &params, &[("saved", "Saved.")]);
    answer(&app, &request, &access, state, None).await
}

/// `POST /sites/{site}/preferences/privacy`: saves the retention, after agreement if it removes visits.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<RetentionForm>,
) -> Result<HttpResponse> {
    let (form, site) = (form.into_inner(), access.site.id);
    let stored = app.read(move |connection| retention::kept_days(connection, site)).await?;
    let days = match form.check(stored) {
        Ok(days) => days,
        Err(problem) => {
            return answer(&app, &request, &access, FormState::refused(form, vec![problem]), None).await;
        }
    };
    let (site, now) = (access.site.clone(), app.clock.now());
    let pruned = app.read(move |connection| PrunedVisits::find(connection, &site, days, now)).await?;
    if pruned.is_some() && form.agreed.is_empty() {
        return answer(&app, &request, &access, FormState::refused(form, Vec::new()), pruned).await;
    }
    let (site, actor) = (access.site.id, access.actor.clone());
    access.write(&app, move |tx| sites::retention::update(tx, &actor, site, days)).await?;
    if pruned.is_some() {
        prune_soon(app);
    }
    Ok(form_state::done(&Tabs::path(site, "privacy"), "saved"))
}

/// Prunes old visits in the background. If that is cut short, the scheduled task finishes it.
fn prune_soon(app: Data<App>) {
    actix_web::rt::spawn(async move {
        if let Err(error) = prune_visits::prune(&app).await {
            tracing::warn!(%error, "old visits were not dropped yet");
        }
    });
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ChangeSiteSettings>,
    state: FormState<RetentionForm>,
    pruned: Option<PrunedVisits>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "Privacy & retention", NavItem::Preferences).await?;
    let site = access.site.clone();
    let oldest = app
        .read(move |connection| {
            let oldest = retention::oldest_visit(connection, site.id)?;
            let visits = crate::store::sites::count_visits(connection, site.id)?;
            Ok(oldest.map(|visit| (site.zone.day(visit.began()), visits)))
        })
        .await?;
    let view = View {
        tabs: Tabs::for_screen(access, "privacy"),
        site: access.site.id,
        oldest,
        state,
        pruned,
        may_erase: access.may(Capability::EraseVisitor),
    };
    Ok(view.state.response(page(&frame, &view)))
}

const KEEP: [Choice<'static>; 2] = [
    Choice {
        value: "for-good",
        label: "For good",
        help: Some("Every visit can be looked at, and filtered, for ever."),
    },
    Choice {
        value: "days",
        label: "For some days",
        help: Some(
            "Older visits are dropped every night, a whole day at a time. What they add up to stays in the reports.",
        ),
    },
];

fn page(frame: &Frame, view: &View) -> Markup {
    let (form, problems) = (&view.state.form, view.state.problems.as_slice());
    view.tabs.page(frame, &html! {
        (view.state.notice())
        @if let Some((day, visits)) = view.oldest {
            p { (format::count(visits)) @if visits == 1 { " visit is" } @else { " visits are" } " kept here, the oldest of " (format::day(day)) "." }
        } @else {
            p { "No visit is kept here yet." }
        }
        form.settings method="post" action=(Tabs::path(view.site, "privacy")) {
            @if let Some(sentence) = field::problem(problems, "keep") { p.problem role="alert" { (sentence) } }
            (field::choices("keep", "How long visits are kept", &KEEP, &form.keep))
            (days(&form.days, problems))
            @if let Some(pruned) = &view.pruned { (agree(pruned)) }
            button.primary type="submit" { "Save" }
        }
        (what_stays(view.site))
        @if view.may_erase { (one_visitor(view.site)) }
    })
}

fn days(value: &str, problems: &[Problem]) -> Markup {
    let sentence = field::problem(problems, "days");
    html! {
        div.field {
            label for="days" { "Number of days" }
            input.short id="days" name="days" type="text" inputmode="numeric" value=(value) autocomplete="off" aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "days-problem")];
            p.help { "For example 90 for three months, 365 for a year. It counts where you choose “For some days”." }
            @if let Some(sentence) = sentence { p.problem id="days-problem" role="alert" { (sentence) } }
        }
    }
}

fn agree(pruned: &PrunedVisits) -> Markup {
    html! {
        div.field.agree role="alert" {
            p.problem {
                "Nothing was saved yet. This drops " (format::grouped(pruned.visits)) @if pruned.visits == 1 { " visit" } @else { " visits" }
                ", from " (format::day(pruned.first)) " to " (format::day(pruned.last)) ", for good, at once."
            }
            (field::switch("agreed", "Yes, drop them", Some("Nobody can bring them back, except from a backup."), false))
        }
    }
}

fn what_stays(site: SiteId) -> Markup {
    html! {
        section {
            h2 { "What goes, and what stays" }
            dl.levels {
                dt { "It goes" }
                dd { "All that tells of a person: single visits with what they did, addresses, host names and networks, cities, names and custom data, and the numbers of visitors." }
                dt { "It stays" }
                dd { "Totals of every day: " (Metric::nouns(&KEPT_METRICS)) ", by the hour, and for every page, title, link, search, campaign, source, country, region, language, browser, system, kind of device and screen." }
                dt { "What that means" }
                dd { "Reports go on showing those days, and comparisons and files too. Filters and lists of visits begin with the oldest visit that is kept, and say so. A visitor with a cookie who comes back later than that counts as new." }
            }
            p.quiet { "Addresses of pages, links and searches stay as they are. If yours name people, as /customers/anna does, leave those pages out, or strip the parameter that names them, under " a href=(Tabs::path(site, "tracking")) { "Tracking" } "." }
        }
    }
}

fn one_visitor(site: SiteId) -> Markup {
    html! {
        section {
            h2 { "One visitor’s data" }
            p { "If somebody asks what you know of them, or wants it erased: find one of their visits in the " a href={ "/sites/" (site) "/visitors?date=last-30-days" } { "list of visitors" } ", open the visitor, and choose “Take out” or “Erase” at the end of the page." }
        }
    }
}
