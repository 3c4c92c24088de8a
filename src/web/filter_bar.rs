//! The filter bar above a screen: each filter as a chip that can be changed and removed, the form that adds one, and
//! the saved segments.

use super::query_params::QueryParams;
use super::{filter_text, icon};
use crate::access::capability::Capability;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::Admitted;
use crate::reports::catalogue;
use crate::reports::dimension::Dimension;
use crate::reports::filter::{self, Filter};
use crate::reports::visibility::Visibility;
use crate::store::segments::{self, Segment};
use actix_web::web::Data;
use maud::{Markup, html};

/// The filter bar of a screen.
pub struct FilterBar {
    asked: QueryParams,
    path: String,
    wanted: Vec<Filter>,
    view: Visibility,
    saved: Option<Saved>,
}

/// The segments that a user may choose from; guests have none.
struct Saved {
    /// The path of the segments' screen.
    path: String,
    segments: Vec<(Segment, Vec<Filter>)>,
    may_share: bool,
}

/// Returns the segments that a user may choose from on a site: shared ones and their own, without those that filter by
/// hidden data. Guests have none.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn open_segments(app: &Data<App>, entry: &impl Admitted) -> Result<Vec<(Segment, Vec<Filter>)>> {
    let Some(user) = entry.user() else { return Ok(Vec::new()) };
    let (site, user) = (entry.site.id, user.user);
    let known = app.read(move |connection| segments::list(connection, site, user)).await?;
    let read = known.into_iter().filter_map(|segment| {
        let conditions = filter::read(&segment.conditions).ok()?;
        Some((segment, conditions))
    });
    Ok(read.filter(|(_, conditions)| entry.view().allows(conditions)).collect())
}

/// Returns the filter bar of the screen at this path.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn bar(
    app: &Data<App>,
    entry: &impl Admitted,
    (asked, path): (&QueryParams, &str),
    wanted: &[Filter],
) -> Result<FilterBar> {
    let saved = match entry.user() {
        None => None,
        Some(_) => Some(Saved {
            path: format!("{}/segments", entry.base()),
            segments: open_segments(app, entry).await?,
            may_share: entry.may(Capability::ChangeSiteSettings),
        }),
    };
    let (asked, path, wanted) = (asked.clone(), path.to_owned(), wanted.to_vec());
    Ok(FilterBar { asked, path, wanted, view: entry.view().clone(), saved })
}

/// Returns true if both hold the same filters, in any order.
pub fn are_same(one: &[Filter], other: &[Filter]) -> bool {
    one.len() == other.len() && one.iter().all(|condition| other.contains(condition))
}

impl FilterBar {
    /// Returns the filters without the one at this index.
    fn without(&self, place: usize) -> Vec<Filter> {
        let mut others = self.wanted.clone();
        others.remove(place);
        others
    }

    /// Renders the filter bar.
    pub fn draw(&self) -> Markup {
        let has_filters = filter_text::is_offered(&self.view);
        html! {
            @if has_filters || !self.wanted.is_empty() {
                div.segment id="filters" {
                    @if !self.wanted.is_empty() {
                        ul.chips aria-label="Filters" {
                            @for (place, condition) in self.wanted.iter().enumerate() { li { (self.chip(place, condition)) } }
                        }
                    }
                    @if has_filters { (self.adding()) }
                    @if let Some(saved) = &self.saved { (self.menu(saved)) }
                    @if self.wanted.len() > 1 { a.quiet.all-away href=(self.asked.with_filters(&self.path, &[])) { "Take all away" } }
                }
            }
        }
    }

    /// Renders a filter as a chip; its text opens the form that changes it.
    fn chip(&self, place: usize, one: &Filter) -> Markup {
        let (subject, verb, values) = filter_text::describe(one);
        let others = self.without(place);
        html! {
            details.menu.chip {
                summary title="Change this filter" { span { (subject) " " (verb) " " b { (values) } } }
                div.menu-list {
                    form.condition method="get" action=(self.path) {
                        (carried(&self.asked.hidden_fields_with_filters(&others)))
                        input type="hidden" name="filter" value=(one.dimension.filter);
                        p.menu-title { (subject) }
                        (filter_text::operators("test", Some(one.dimension), one.operator.name()))
                        input type="text" name="value" value=(one.text()) aria-label="Value" required autocomplete="off" autocapitalize="off" spellcheck="false";
                        p.help { (filter_text::help(Some(one.dimension))) }
                        button.primary type="submit" { "Change" }
                    }
                }
            }
            a href=(self.asked.with_filters(&self.path, &others)) aria-label={ "Take away: " (filter_text::sentence(one)) } title="Take away" { (icon::close()) }
        }
    }

    /// Renders the form that adds a filter; a refused one is shown again as it was typed.
    fn adding(&self) -> Markup {
        let draft = self.asked.draft();
        let typed = |part: fn(&super::query_params::RejectedFilter) -> &str| draft.map_or("", part);
        let known = catalogue::dimension_of_filter(typed(|draft| &draft.filter));
        html! {
            details.menu.add-filter open[draft.is_some()] {
                summary { (icon::plus()) span { "Add a filter" } }
                div.menu-list {
                    form.condition method="get" action=(self.path) {
                        (carried(&self.asked.hidden_fields_with_filters(&self.wanted)))
                        (filter_text::dimensions("filter", &self.view, typed(|draft| &draft.filter)))
                        (filter_text::operators("test", None, typed(|draft| &draft.test)))
                        input type="text" name="value" value=(typed(|draft| &draft.value)) aria-label="Value" required autocomplete="off" autocapitalize="off" spellcheck="false"
                            aria-invalid=[draft.map(|_| "true")] aria-describedby=[draft.map(|_| "filter-problem")];
                        @if let Some(draft) = draft { p.problem id="filter-problem" role="alert" { (draft.sentence) } }
                        p.help { (filter_text::help(known)) }
                        button.primary type="submit" { "Add" }
                    }
                }
            }
        }
    }

    /// Renders the menu of segments, and the form that saves the filters as one.
    fn menu(&self, saved: &Saved) -> Markup {
        let current = saved.segments.iter().find(|(_, conditions)| are_same(conditions, &self.wanted));
        let current = current.map(|(segment, _)| segment);
        let is_worth = !saved.segments.is_empty() || !self.wanted.is_empty();
        html! {
            @if is_worth {
                details.menu.segment-menu {
                    summary { span { (current.map_or("Segments", |segment| segment.name.as_str())) } (icon::down()) }
                    div.menu-list {
                        (self.choices(saved, current))
                        @if current.is_none() && !self.wanted.is_empty() { (self.saving(saved)) }
                        ul.menu-foot {
                            li { a href=(self.asked.to_screen_with_filters(&saved.path, &self.wanted)) { "Rename, replace or remove" } }
                            li { a href="/help/segments" { "Help about segments" } }
                        }
                    }
                }
            }
        }
    }

    fn choices(&self, saved: &Saved, current: Option<&Segment>) -> Markup {
        let group = |is_shared: bool| {
            saved.segments.iter().filter(move |(segment, _)| segment.is_shared == is_shared)
        };
        let one = |(segment, conditions): &(Segment, Vec<Filter>)| {
            let is_current = current.is_some_and(|current| current.id == segment.id);
            html! {
                li {
                    a href=(self.asked.with_filters(&self.path, conditions)) title=(filter_text::sentences(conditions)) aria-current=[is_current.then_some("true")] { (segment.name) }
                }
            }
        };
        html! {
            @for (title, is_shared) in [("For everybody", true), ("Your own", false)] {
                @if group(is_shared).next().is_some() {
                    p.menu-title { (title) }
                    ul { @for segment in group(is_shared) { (one(segment)) } }
                }
            }
        }
    }

    fn saving(&self, saved: &Saved) -> Markup {
        html! {
            form.condition method="post" action={ (saved.path) "/own" } {
                input type="hidden" name="conditions" value=(filter::write(&self.wanted));
                input type="hidden" name="back" value=(self.asked.with_filters(&self.path, &self.wanted));
                label { "Save these filters as" input type="text" name="name" required autocomplete="off"; }
                div.buttons {
                    button.primary type="submit" { "Save for me" }
                    @if saved.may_share { button type="submit" formaction={ (saved.path) "/shared" } { "Save for everybody" } }
                }
            }
        }
    }
}

/// Renders hidden fields.
fn carried(pairs: &[(String, String)]) -> Markup {
    html! { @for (name, value) in pairs { input type="hidden" name=(name) value=(value); } }
}

/// Renders the menu of a row: filter by its value, or exclude its value.
pub fn row_menu(
    (asked, path): (&QueryParams, &str),
    (wanted, dimension): (&[Filter], &'static Dimension),
    (title, value): (&str, &str),
) -> Markup {
    let only = asked.with_filters(path, &filter::narrowed_to(wanted, dimension, value));
    let without = asked.with_filters(path, &filter::excluding(wanted, dimension, value));
    html! {
        details.menu.row-menu {
            summary.icon-button title="More" { (icon::dots()) span.hidden { "More: " (title) } }
            div.menu-list {
                ul {
                    li { a href=(only) hx-boost="false" { "Only this" } }
                    li { a href=(without) hx-boost="false" { "Without this" } }
                }
            }
        }
    }
}

/// Renders the link that excludes a row's value; the row itself links to the filter by its value.
pub fn row_without(
    (asked, path): (&QueryParams, &str),
    (wanted, dimension): (&[Filter], &'static Dimension),
    (title, value): (&str, &str),
) -> Markup {
    let without = asked.with_filters(path, &filter::excluding(wanted, dimension, value));
    html! {
        a.row-without href=(without) title="Without this" { (icon::without()) span.hidden { "Without this" span { ": " (title) } } }
    }
}
