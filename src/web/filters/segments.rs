//! The segments of a site: named filters, private or shared. They are chosen in the filter bar of a screen; this
//! screen renames, replaces and removes them.

use super::filter_bar::are_same;
use super::open_segments::OpenSegments;
use super::query_params::QueryParams;
use crate::access::capability::{Capability, CapabilityType, ChangeSiteSettings, OpenReport};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::model::id::SegmentId;
use crate::reports::filter::{self, Filter};
use crate::reports::filter_sentence;
use crate::sites::segments;
use crate::store::segments::{Segment, SegmentScope};
use crate::web::layout::load;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field::{self, Field};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form of a segment.
#[derive(Deserialize, Default)]
pub struct SegmentForm {
    #[serde(default)]
    name: String,
    /// The filters, as in an address; if empty, an existing segment's filters do not change.
    #[serde(default)]
    conditions: String,
    /// The address of the screen to return to.
    #[serde(default)]
    back: String,
}

impl SegmentForm {
    fn name(&self) -> String {
        self.name.trim().to_owned()
    }
}

struct View {
    path: String,
    /// The path of the site's dashboard.
    base: String,
    params: QueryParams,
    /// The filters that can be saved.
    filters: Vec<Filter>,
    segments: Vec<(Segment, Vec<Filter>)>,
    may_share: bool,
    state: SegmentFormState,
}

/// The parts of the page that are not stored.
#[derive(Default)]
struct SegmentFormState {
    form: SegmentForm,
    problems: Vec<Problem>,
    notice: Option<&'static str>,
}

/// `GET /sites/{site}/segments`: lists the segments.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad filter, with `Error::Forbidden` when a filter reads what the caller may not
/// see, and when the data file cannot be read.
pub async fn show(
    access: SiteAccess<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let filters = params.filters()?;
    access.visibility().check(&filters)?;
    let notice = match params.get("done") {
        Some("saved") => Some("The segment is saved."),
        Some("removed") => Some("The segment is removed."),
        Some("gone") => Some("That segment was removed already."),
        _ => None,
    };
    answer(
        &app,
        &request,
        &access,
        params,
        filters,
        SegmentFormState { notice, ..SegmentFormState::default() },
    )
    .await
}

async fn answer<R: CapabilityType>(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<R>,
    params: QueryParams,
    filters: Vec<Filter>,
    state: SegmentFormState,
) -> Result<HttpResponse> {
    let (frame, segments) = (SiteFrameRequest::new(request, access)?, OpenSegments::new(access));
    let (frame, segments) = app
        .view(move |reader| Ok((frame.load(reader, "Segments", NavItem::Segments)?, segments.load(reader)?)))
        .await?;
    let status = if state.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = View {
        path: format!("{}/segments", access.base()),
        base: access.base(),
        params,
        filters,
        segments,
        may_share: access.may(Capability::ChangeSiteSettings),
        state,
    };
    Ok(load::html_with(status, page(&frame, &view)))
}

/// `POST /sites/{site}/segments/own`: saves a private segment.
///
/// # Errors
///
/// Fails with `Error::Forbidden` when a filter reads what the caller may not see, when the caller's right has ended,
/// and when the data file cannot be written.
pub async fn save_own(
    access: SiteAccess<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SegmentForm>,
) -> Result<HttpResponse> {
    let scope = SegmentScope { site: access.site.id, owner: Some(access.user.user) };
    save(&access, &app, &request, scope, None, form.into_inner()).await
}

/// `POST /sites/{site}/segments/shared`: saves a shared segment.
///
/// # Errors
///
/// Fails as [`save_own`] does.
pub async fn save_shared(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SegmentForm>,
) -> Result<HttpResponse> {
    let scope = SegmentScope { site: access.site.id, owner: None };
    save(&access, &app, &request, scope, None, form.into_inner()).await
}

/// `POST /sites/{site}/segments/own/{segment}`: changes a private segment.
///
/// # Errors
///
/// Fails as [`save_own`] does.
pub async fn change_own(
    access: SiteAccess<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<SegmentForm>,
) -> Result<HttpResponse> {
    let scope = SegmentScope { site: access.site.id, owner: Some(access.user.user) };
    save(&access, &app, &request, scope, Some(segment_id(&path)), form.into_inner()).await
}

/// `POST /sites/{site}/segments/shared/{segment}`: changes a shared segment.
///
/// # Errors
///
/// Fails as [`save_own`] does.
pub async fn change_shared(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<SegmentForm>,
) -> Result<HttpResponse> {
    let scope = SegmentScope { site: access.site.id, owner: None };
    save(&access, &app, &request, scope, Some(segment_id(&path)), form.into_inner()).await
}

/// `POST /sites/{site}/segments/own/{segment}/remove`: removes a private segment.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove_own(
    access: SiteAccess<OpenReport>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    remove(
        &access,
        &app,
        SegmentScope { site: access.site.id, owner: Some(access.user.user) },
        segment_id(&path),
    )
    .await
}

/// `POST /sites/{site}/segments/shared/{segment}/remove`: removes a shared segment.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove_shared(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    remove(&access, &app, SegmentScope { site: access.site.id, owner: None }, segment_id(&path)).await
}

/// Returns the segment ID in an address; 0, which no segment has, if it is none.
fn segment_id(path: &Path<(String, String)>) -> SegmentId {
    SegmentId::parse(&path.1).unwrap_or(SegmentId(0))
}

/// Creates a segment, or changes one.
async fn save<R: CapabilityType>(
    access: &SiteAccess<R>,
    app: &Data<App>,
    request: &HttpRequest,
    scope: SegmentScope,
    id: Option<SegmentId>,
    form: SegmentForm,
) -> Result<HttpResponse> {
    let filters = match filter::read(&form.conditions) {
        Ok(filters) => filters,
        Err(error) => {
            let problems = error.problems()?;
            let state = SegmentFormState { form, problems, notice: None };
            return answer(app, request, access, QueryParams::default(), Vec::new(), state).await;
        }
    };
    // A saved filter must not reveal data that is hidden from the caller.
    access.visibility().check(&filters)?;
    let (actor, name, conditions) = (access.actor.clone(), form.name(), filter::write(&filters));
    let saved = access
        .write(app, move |tx| match id {
            None => segments::make(tx, &actor, scope, &name, &conditions),
            Some(id) => {
                let conditions = Some(conditions.as_str()).filter(|text| !text.is_empty());
                segments::change(tx, &actor, scope, id, &name, conditions)
            }
        })
        .await;
    match saved {
        Err(Error::Invalid(problems)) => {
            let state = SegmentFormState { form, problems, notice: None };
            answer(app, request, access, QueryParams::default(), filters, state).await
        }
        Err(Error::Missing(_)) => Ok(see_other(&format!("{}/segments?done=gone", access.base()))),
        Err(error) => Err(error),
        Ok(()) => Ok(see_other(&back(&access.base(), &form.back))),
    }
}

async fn remove<R: CapabilityType>(
    access: &SiteAccess<R>,
    app: &Data<App>,
    scope: SegmentScope,
    id: SegmentId,
) -> Result<HttpResponse> {
    let actor = access.actor.clone();
    let done = match access.write(app, move |tx| segments::remove(tx, &actor, scope, id)).await {
        Ok(()) => "removed",
        Err(Error::Missing(_)) => "gone",
        Err(error) => return Err(error),
    };
    Ok(see_other(&format!("{}/segments?done={done}", access.base())))
}

/// Returns the address of the screen to return to, if it belongs to this site; else that of the segments.
fn back(base: &str, filters: &str) -> String {
    let is_of_site =
        filters.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if is_of_site && !filters.contains(|letter: char| letter.is_control() || letter == '\\') {
        filters.to_owned()
    } else {
        format!("{base}/segments?done=saved")
    }
}

fn page(frame: &Frame, view: &View) -> Markup {
    let group =
        |is_shared: bool| view.segments.iter().filter(move |(segment, _)| segment.is_shared == is_shared);
    let is_known = view.segments.iter().any(|(_, conditions)| are_same(conditions, &view.filters));
    frame.page(&html! {
            div.head { h1 { "Segments" } }
            p.about.quiet { "Filters under a name. Choose one above any report, and every number is about those visits alone. " a href="/help/segments" { "Help" } }
            (field::notice(view.state.notice))
            @if !view.filters.is_empty() && (!is_known || !view.state.problems.is_empty()) { (saving(view)) }
            @else if let Some(problem) = view.state.problems.first() { p.problem role="alert" { (problem.sentence) } }
            @if view.segments.is_empty() && view.filters.is_empty() {
                section.empty {
                    h2 { "No segment yet" }
                    p { "Open a report, add a filter above it, and save it there under a name." }
                    p { a.button.primary href=(view.base) { "Open the dashboard" } }
                }
            }
            @for (title, is_shared) in [("For everybody", true), ("Your own", false)] {
                @if group(is_shared).next().is_some() {
                    section {
                        h2 { (title) }
                        ul.plain.rows { @for one in group(is_shared) { (row(view, one)) } }
                    }
                }
            }
    })
}

fn name_field(value: &str) -> Field<'_> {
    Field {
        name: "name",
        label: "Name",
        kind: "text",
        value,
        autocomplete: "off",
        help: None,
        is_required: true,
    }
}

/// Renders the form that saves the filters of the address.
fn saving(view: &View) -> Markup {
    html! {
        section.notice.plain {
            p { b { "Visits for which: " } (filter_sentence::sentences(&view.filters)) }
            form.settings method="post" action={ (view.path) "/own" } {
                input type="hidden" name="conditions" value=(filter::write(&view.filters));
                input type="hidden" name="back" value=(view.state.form.back);
                (field::input(&name_field(&view.state.form.name), &view.state.problems))
                @for problem in view.state.problems.iter().filter(|problem| problem.field != "name") { p.problem role="alert" { (problem.sentence) } }
                div.buttons {
                    button.primary type="submit" { "Save for me" }
                    @if view.may_share { button type="submit" formaction={ (view.path) "/shared" } { "Save for everybody" } }
                }
            }
        }
    }
}

fn row(view: &View, (segment, conditions): &(Segment, Vec<Filter>)) -> Markup {
    let may_change = !segment.is_shared || view.may_share;
    let action = format!("{}/{}/{}", view.path, if segment.is_shared { "shared" } else { "own" }, segment.id);
    let has_others = !view.filters.is_empty() && !are_same(conditions, &view.filters);
    html! {
        li {
            div { b { a href=(view.params.to_screen_with_filters(&view.base, conditions)) { (segment.name) } } br; span.quiet { (filter_sentence::sentences(conditions)) } }
            @if may_change {
                details {
                    summary { "Change …" }
                    form method="post" action=(action) {
                        (field::input_as(&format!("name-{}", segment.id), &name_field(&segment.name), &[]))
                        @if has_others {
                            div.choice-line {
                                input type="checkbox" id={ "replace-" (segment.id) } name="conditions" value=(filter::write(&view.filters));
                                label for={ "replace-" (segment.id) } { "Replace its filters by: " (filter_sentence::sentences(&view.filters)) }
                            }
                        }
                        button.primary type="submit" { "Save" }
                    }
                    form.apart method="post" action={ (action) "/remove" } {
                        p.help { @if segment.is_shared { "It is gone for everybody. " } "Guest links that were made with it keep their filters." }
                        button.warning type="submit" { "Remove" }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn a_form_leads_back_to_a_screen_of_its_site_only() {
        let kept = ["/sites/1", "/sites/1?country=DE", "/sites/1/reports/pages?country=DE"];
        assert!(kept.into_iter().all(|path| back("/sites/1", path) == path));
        for strange in
            ["", "/sites/12", "//evil.example", "https://evil.example", "/sites/1/\\x", "/sites/1/a\r\nb"]
        {
            assert_eq!(back("/sites/1", strange), "/sites/1/segments?done=saved", "{strange}");
        }
    }
}
