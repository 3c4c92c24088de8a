//! The screen of journeys: what visits did before and after a page, a goal or an event, as a flow and as tables.

use super::page::ReportPage;
use super::report_row;
use crate::error::Result;
use crate::reports::answer::Answer;
use crate::reports::catalogue;
use crate::reports::data_reader::DataReader;
use crate::reports::dimension::ValueKind;
use crate::reports::filter;
use crate::reports::journey_middle::{self, AROUND, MiddleKind, NamedMiddle, OF};
use crate::reports::query::{JourneyWant, Query, TableWant, Wants};
use crate::reports::results::journey::{JOURNEY_STEPS, Journey, JourneyNode, JourneyStep};
use crate::reports::results::reading;
use crate::reports::table_query::TableQuery;
use crate::store::goals;
use crate::web::filters::query_params::QueryParams;
use crate::web::ui::flow::{Flow, FlowBand, FlowBox};
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};
use strum::VariantArray;

/// The pages of each step that have a box of their own.
const PAGES: u32 = 6;
/// The pages and events that are suggested for the middle.
const SUGGESTED: u32 = 25;
/// The headings of the columns.
const HEADS: [&str; 2 * JOURNEY_STEPS + 1] = [
    "3 steps before",
    "2 steps before",
    "1 step before",
    "",
    "1 step after",
    "2 steps after",
    "3 steps after",
];

/// The middle that an address names, and those that can be chosen.
#[derive(Default)]
pub struct JourneyChoice {
    kind: MiddleKind,
    around: String,
    middle: Option<NamedMiddle>,
    suggestions: Vec<String>,
    shows_goals: bool,
}

impl JourneyChoice {
    /// Loads the middle and the suggestions.
    ///
    /// # Errors
    /// Fails as [`journey_middle::find`] does, and with `Error::Forbidden` when pages are hidden.
    pub fn load(reader: &DataReader<'_>, query: &Query, params: &QueryParams) -> Result<Self> {
        let kind = MiddleKind::read(params.get(OF))?;
        let shows_goals = query.visibility.shows_conversions();
        let dimensions = [catalogue::pages(), catalogue::events()];
        let shown = dimensions.into_iter().filter(|dimension| query.visibility.counts_by(dimension));
        let tables = shown.map(|dimension| TableWant {
            dimension,
            table: TableQuery::top(dimension, SUGGESTED),
            is_brief: true,
        });
        let wants = Wants { tables: tables.collect(), ..Wants::default() };
        let of_pages = wants.tables.iter().position(|want| want.dimension.value_kind == ValueKind::Page);
        let kinds: Vec<ValueKind> = wants.tables.iter().map(|want| want.dimension.value_kind).collect();
        let tables = reader.run(&query.with(wants))?.tables;
        let around = params.get(AROUND).unwrap_or_default().trim().to_owned();
        let most_viewed = of_pages.and_then(|place| tables[place].rows.first());
        let middle = match most_viewed.filter(|_| kind == MiddleKind::Page && around.is_empty()) {
            Some(page) => Some(NamedMiddle::page(&page.name.filter)),
            None => journey_middle::find(reader, query, kind, Some(&around))?,
        };
        let found = tables.iter().zip(kinds).flat_map(|(table, kind)| {
            table.rows.iter().map(move |row| match kind {
                ValueKind::Page if !row.name.is_elsewhere => reading::text(kind, &row.name),
                _ => row.name.filter.clone(),
            })
        });
        let mut suggestions: Vec<String> = found.collect();
        if shows_goals {
            let goals = goals::list(reader.connection, query.site.id)?;
            suggestions.extend(goals.into_iter().map(|goal| goal.settings.name));
        }
        Ok(Self { kind, around, middle, suggestions, shows_goals })
    }

    /// Returns the query of the journey; without a middle, of nothing.
    #[must_use]
    pub fn applied(&self, query: &Query) -> Query {
        let middle = self.middle.as_ref().map(|named| named.middle.clone());
        query.with(Wants {
            journey: middle.map(|middle| JourneyWant { middle, pages: PAGES }),
            ..Wants::default()
        })
    }

    /// Renders the form that chooses the middle.
    fn draw(&self, page: &ReportPage) -> Markup {
        let around = match &self.middle {
            Some(named) if self.around.is_empty() => shown(named),
            _ => self.around.clone(),
        };
        html! {
            form.break-down.journey-choice method="get" action=(page.address.path) {
                @for (name, value) in page.address.params.hidden_fields(&[OF, AROUND]) { input type="hidden" name=(name) value=(value); }
                label for="of" { "Before and after" }
                select id="of" name=(OF) {
                    @for kind in MiddleKind::VARIANTS {
                        @if *kind != MiddleKind::Goal || self.shows_goals {
                            option value=(kind.name()) selected[*kind == self.kind] { (words(*kind)) }
                        }
                    }
                }
                input name=(AROUND) value=(around) list="middles" aria-label="Page, goal or event" autocomplete="off" spellcheck="false";
                datalist id="middles" { @for suggestion in &self.suggestions { option value=(suggestion) {} } }
                button type="submit" { "Show" }
            }
        }
    }
}

/// Returns the words for a kind of middle.
fn words(kind: MiddleKind) -> &'static str {
    match kind {
        MiddleKind::Page => "the page",
        MiddleKind::Goal => "the goal",
        MiddleKind::Event => "the event",
    }
}

/// Returns the name of the middle as the picture shows it: of a page its path.
fn shown(named: &NamedMiddle) -> String {
    match named.kind {
        MiddleKind::Page => crate::ingest::page_url::readable_path(&named.name),
        MiddleKind::Goal | MiddleKind::Event => named.name.clone(),
    }
}

/// Renders the report.
pub fn draw(page: &ReportPage, choice: &JourneyChoice, answer: Answer) -> Markup {
    let (Some(named), Some(journey)) = (&choice.middle, answer.journey) else {
        return html! { (choice.draw(page)) (page.nothing(None, NumberUnit::Count)) };
    };
    if journey.visits.now == 0 {
        return html! { (choice.draw(page)) (nobody(page, named, &journey)) };
    }
    let name = shown(named);
    let visits = &journey.visits;
    html! {
        (choice.draw(page))
        p.big {
            b { (format::count(visits.now)) } @if visits.now == 1 { " visit " } @else { " visits " } (verb(named.kind)) " " b { (name) }
            @if let Some((before, comparison)) = visits.before.zip(page.query.comparison) {
                " " (ValueChange::of_count(visits.now, before, comparison).draw(GoodChange::Neither))
            }
        }
        (flow(page, &journey, &name).draw())
        p.help.flow-help { "Choose a page to put it in the middle. The first time in each visit counts, and a page viewed several times in a row counts once. " a href="/help/funnels#journeys" { "How to read this" } }
        (side(page, &journey, "Before", [2, 1, 0]))
        (side(page, &journey, "After", [4, 5, 6]))
    }
}

fn verb(kind: MiddleKind) -> &'static str {
    match kind {
        MiddleKind::Page => "viewed",
        MiddleKind::Goal => "reached",
        MiddleKind::Event => "had the event",
    }
}

/// Renders a journey without visits.
fn nobody(page: &ReportPage, named: &NamedMiddle, journey: &Journey) -> Markup {
    html! {
        section.empty {
            h2 { "No visits " (verb(named.kind)) " " (shown(named)) " in this period" }
            (page.it_was(journey.visits.before, NumberUnit::Count))
            p { "Choose another page, goal or event above, or a longer period." }
        }
    }
}

/// Returns the text of a step, and the address to which it leads.
fn told(page: &ReportPage, step: &JourneyStep, middle: &str) -> (String, Option<String>) {
    match step {
        JourneyStep::Page(name) => {
            let href = page.address.link(&[(OF, ""), (AROUND, &name.filter), ("page", "")]);
            (reading::text(ValueKind::Page, name), Some(href))
        }
        JourneyStep::OtherPages => ("Other pages".into(), None),
        JourneyStep::Source(source) => {
            let sources = catalogue::sources();
            let is_known = page.query.visibility.counts_by(sources);
            let href = is_known.then(|| {
                let filters = filter::narrowed_to(&page.address.filters, sources, &source.filter);
                page.address.with_filters(&filters)
            });
            (source.title.clone(), href)
        }
        JourneyStep::Left => ("Left the site".into(), None),
        JourneyStep::Middle => (middle.to_owned(), None),
    }
}

fn class(step: &JourneyStep) -> &'static str {
    match step {
        JourneyStep::Page(_) => "of-page",
        JourneyStep::OtherPages => "of-others",
        JourneyStep::Source(_) => "of-source",
        JourneyStep::Left => "of-end",
        JourneyStep::Middle => "of-middle",
    }
}

fn flow(page: &ReportPage, journey: &Journey, middle: &str) -> Flow {
    let draw = |node: &JourneyNode| {
        let (title, href) = told(page, &node.step, middle);
        FlowBox { title, value: node.visits, href, class: class(&node.step) }
    };
    let columns = journey.columns.iter().map(|nodes| nodes.iter().map(draw).collect());
    let bands = journey.links.iter().map(|links| {
        let band = links.iter().map(|link| FlowBand { from: link.from, to: link.to, value: link.visits });
        band.collect()
    });
    Flow {
        title: format!("What visits did before and after {middle}"),
        heads: HEADS.to_vec(),
        columns: columns.collect(),
        bands: bands.collect(),
    }
}

/// Renders the tables of the steps on one side of the middle, the nearest first.
fn side(page: &ReportPage, journey: &Journey, title: &str, columns: [usize; JOURNEY_STEPS]) -> Markup {
    html! {
        h2.samples { (title) }
        div.journey-steps {
            @for column in columns {
                @if let Some(nodes) = journey.columns.get(column).filter(|nodes| !nodes.is_empty()) {
                    table.list.bars.small-list {
                        thead { tr { th scope="col" { (HEADS[column]) } th.number scope="col" { "Visits" } th.number scope="col" { "Share" } } }
                        tbody { @for node in nodes { (row(page, node, journey.visits.now)) } }
                    }
                }
            }
        }
    }
}

fn row(page: &ReportPage, node: &JourneyNode, visits: i64) -> Markup {
    let (title, href) = told(page, &node.step, "");
    html! {
        tr {
            td.item {
                (report_row::bar(node.visits, visits))
                @if let Some(href) = href { a href=(href) { (title) } } @else { (title) }
                @match &node.step {
                    JourneyStep::Source(_) => span.quiet.beside { "Visit started on the next page" },
                    JourneyStep::Page(_) | JourneyStep::OtherPages | JourneyStep::Left | JourneyStep::Middle => {},
                }
            }
            td.number { (format::count(node.visits)) }
            td.number.quiet { (format::percent(report_row::permille(node.visits, visits))) }
        }
    }
}
