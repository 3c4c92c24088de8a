//! The filter bar above a screen: each filter as a chip that can be changed and removed, the form that adds one, and
//! the saved segments.

use super::filter_text;
use super::open_segments::OpenSegments;
use crate::access::capability::Capability;
use crate::error::Result;
use crate::http::auth::Admitted;
use crate::model::id::SiteId;
use crate::reports::catalogue;
use crate::reports::data_reader::DataReader;
use crate::reports::dimension::Dimension;
use crate::reports::filter::{self, Filter};
use crate::reports::filter_sentence;
use crate::reports::funnel_filter;
use crate::reports::missing_names;
use crate::reports::results::item_name::ItemName;
use crate::reports::visibility::Visibility;
use crate::store::segments::Segment;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::ui::icon;
use maud::{Markup, html};

/// The filter bar of a screen.
pub struct FilterBar {
    address: ScreenAddress,
    visibility: Visibility,
    saved: Option<SavedSegments>,
    /// The filters with the names of funnels.
    named: Vec<Filter>,
    /// True for each filter by a step that is found whatever came before it.
    across: Vec<bool>,
    /// A sentence on goals and funnels that the filters name and that are not there.
    missing_names: Option<String>,
    site: SiteId,
}

/// The segments that a user may choose from; guests have none.
struct SavedSegments {
    /// The path of the segments' screen.
    path: String,
    choice: OpenSegments,
    /// The segments; none before they are loaded.
    segments: Vec<(Segment, Vec<Filter>)>,
    may_share: bool,
}

/// Returns true if both hold the same filters, in any order.
pub fn are_same(one: &[Filter], other: &[Filter]) -> bool {
    one.len() == other.len() && one.iter().all(|filter| other.contains(filter))
}

impl FilterBar {
    /// Returns the filter bar of a screen, whose segments are not loaded yet.
    pub fn new(access: &impl Admitted, address: &ScreenAddress) -> Self {
        let saved = access.user().map(|_| SavedSegments {
            path: format!("{}/segments", access.base()),
            choice: OpenSegments::new(access),
            segments: Vec::new(),
            may_share: access.may(Capability::ChangeSiteSettings),
        });
        Self {
            address: address.clone(),
            visibility: access.visibility().clone(),
            saved,
            named: address.filters.clone(),
            across: Vec::new(),
            missing_names: None,
            site: access.site.id,
        }
    }

    /// Loads the segments, and returns the filter bar with them.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(mut self, reader: &DataReader<'_>) -> Result<Self> {
        if let Some(saved) = &mut self.saved {
            saved.segments = saved.choice.load(reader)?;
        }
        self.named = funnel_filter::named(reader.connection, self.site, &self.address.filters)?;
        let across = |filter| funnel_filter::is_across_visits(reader.connection, self.site, filter);
        self.across = self.address.filters.iter().map(across).collect::<Result<_>>()?;
        let missing = missing_names::list(reader.connection, self.site, &self.address.filters)?;
        self.missing_names = (!missing.is_empty()).then(|| missing_names::describe(&missing));
        Ok(self)
    }

    /// Returns the filters without the one at this index.
    fn without(&self, index: usize) -> Vec<Filter> {
        let mut others = self.address.filters.clone();
        others.remove(index);
        others
    }

    /// Renders the filter bar.
    pub fn draw(&self) -> Markup {
        let is_offered = filter_text::is_offered(&self.visibility);
        html! {
            @if is_offered || !self.address.filters.is_empty() {
                div.segment id="filters" {
                    @if !self.address.filters.is_empty() {
                        ul.chips aria-label="Filters" {
                            @for (index, filter) in self.address.filters.iter().enumerate() { li { (self.chip(index, filter)) } }
                        }
                    }
                    @if let Some(sentence) = &self.missing_names { p.problem role="status" { (sentence) " No visits match." } }
                    @if is_offered { (self.adding()) }
                    @if let Some(saved) = &self.saved { (self.menu(saved)) }
                    @if self.address.filters.len() > 1 { a.quiet.all-away href=(self.address.with_filters(&[])) { "Take all away" } }
                }
            }
        }
    }

    /// Renders a filter as a chip; its text opens the form that changes it.
    fn chip(&self, index: usize, filter: &Filter) -> Markup {
        let named = self.named.get(index).unwrap_or(filter);
        let (subject, verb, values) = filter_sentence::describe(named);
        let is_across = self.across.get(index).copied().unwrap_or(false);
        let verb = match (is_across, named.operator.is_negated()) {
            (false, _) => verb,
            (true, false) => "has",
            (true, true) => "doesn’t have",
        };
        let others = self.without(index);
        html! {
            details.menu.chip {
                summary title="Change this filter" { span { (subject) " " (verb) " " b { (values) } } }
                div.menu-list {
                    form.condition method="get" action=(self.address.path) {
                        (hidden_fields(&self.address.params.hidden_fields_with_filters(&others)))
                        input type="hidden" name="filter" value=(filter.dimension.filter);
                        p.menu-title { (subject) }
                        (filter_text::operators("operator", Some(filter.dimension), filter.operator.name()))
                        input type="text" name="value" value=(named.text()) aria-label="Value" required autocomplete="off" autocapitalize="off" spellcheck="false";
                        p.help { (filter_text::help(Some(filter.dimension))) }
                        button.primary type="submit" { "Change" }
                    }
                }
            }
            a href=(self.address.with_filters(&others)) aria-label={ "Take away: " (filter_sentence::sentence(named)) } title="Take away" { (icon::close()) }
        }
    }

    /// Renders the form that adds a filter; a refused one is shown again as it was typed.
    fn adding(&self) -> Markup {
        let rejected = self.address.params.rejected_filter();
        let form = rejected.map(|rejected| rejected.form.clone()).unwrap_or_default();
        let dimension = catalogue::dimension_of_filter(&form.filter);
        html! {
            details.menu.add-filter open[rejected.is_some()] {
                summary { (icon::plus()) span { "Add a filter" } }
                div.menu-list {
                    form.condition method="get" action=(self.address.path) {
                        (hidden_fields(&self.address.params.hidden_fields_with_filters(&self.address.filters)))
                        (filter_text::dimensions("filter", &self.visibility, &form.filter))
                        (filter_text::operators("operator", None, &form.operator))
                        input type="text" name="value" value=(form.value) aria-label="Value" required autocomplete="off" autocapitalize="off" spellcheck="false"
                            aria-invalid=[rejected.map(|_| "true")] aria-describedby=[rejected.map(|_| "filter-problem")];
                        @if let Some(rejected) = rejected { p.problem id="filter-problem" role="alert" { (rejected.problem) } }
                        p.help { (filter_text::help(dimension)) }
                        button.primary type="submit" { "Add" }
                    }
                }
            }
        }
    }

    /// Renders the menu of segments, and the form that saves the filters as one.
    fn menu(&self, saved: &SavedSegments) -> Markup {
        let current = saved.segments.iter().find(|(_, filters)| are_same(filters, &self.address.filters));
        let current = current.map(|(segment, _)| segment);
        let has_content = !saved.segments.is_empty() || !self.address.filters.is_empty();
        html! {
            @if has_content {
                details.menu.segment-menu {
                    summary { span { (current.map_or("Segments", |segment| segment.name.as_str())) } (icon::down()) }
                    div.menu-list {
                        (self.choices(saved, current))
                        @if current.is_none() && !self.address.filters.is_empty() { (self.saving(saved)) }
                        ul.menu-foot {
                            li { a href=(self.address.params.to_screen_with_filters(&saved.path, &self.address.filters)) { "Rename, replace or remove" } }
                            li { a href="/help/segments" { "Help about segments" } }
                        }
                    }
                }
            }
        }
    }

    fn choices(&self, saved: &SavedSegments, current: Option<&Segment>) -> Markup {
        let group = |is_shared: bool| {
            saved.segments.iter().filter(move |(segment, _)| segment.is_shared == is_shared)
        };
        let one = |(segment, filters): &(Segment, Vec<Filter>)| {
            let is_current = current.is_some_and(|current| current.id == segment.id);
            html! {
                li {
                    a href=(self.address.with_filters(filters)) title=(filter_sentence::sentences(filters)) aria-current=[is_current.then_some("true")] { (segment.name) }
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

    fn saving(&self, saved: &SavedSegments) -> Markup {
        html! {
            form.condition method="post" action={ (saved.path) "/own" } {
                input type="hidden" name="conditions" value=(filter::write(&self.address.filters));
                input type="hidden" name="back" value=(self.address.with_filters(&self.address.filters));
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
fn hidden_fields(pairs: &[(String, String)]) -> Markup {
    html! { @for (name, value) in pairs { input type="hidden" name=(name) value=(value); } }
}

/// Renders the menu of a row: filter by its value, or exclude its value.
pub fn row_menu(address: &ScreenAddress, dimension: &'static Dimension, name: &ItemName) -> Markup {
    html! {
        details.menu.row-menu {
            summary.icon-button title="More" { (icon::dots()) span.hidden { "More: " (name.title) } }
            div.menu-list {
                ul {
                    li { a href=(address.narrowed_to(dimension, &name.filter)) hx-boost="false" { "Only this" } }
                    li { a href=(address.excluding(dimension, &name.filter)) hx-boost="false" { "Without this" } }
                }
            }
        }
    }
}

/// Renders the link that excludes a row's value; the row itself links to the filter by its value.
pub fn row_without(address: &ScreenAddress, dimension: &'static Dimension, name: &ItemName) -> Markup {
    html! {
        a.row-without href=(address.excluding(dimension, &name.filter)) title="Without this" { (icon::without()) span.hidden { "Without this" span { ": " (name.title) } } }
    }
}
