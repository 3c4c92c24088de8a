//! A site's dashboard: five numbers with how they went, the chart of one of them, and a panel for every subject.

use super::account::panels::Arrangement;
use super::asked::Asked;
use super::chart::{self, Chart, Series, Steps};
use super::chips::{self, Bar};
use super::format::{self, Unit};
use super::frame::{Frame, Place};
use super::visitors::{self, Row};
use super::{item, kept, map, shell, site_home};
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::Result;
use crate::http::entry::Look;
use crate::reports::catalogue::{self, Answer, Report, Tally};
use crate::reports::comparison::Comparison;
use crate::reports::dimension::{Dimension, Naming};
use crate::reports::inquiry::{Compared, Course, Inquiry, Scope};
use crate::reports::measures::Measures;
use crate::reports::site_list;
use crate::reports::table::{Line, Part, Table};
use crate::reports::view::View as Seen;
use crate::reports::wanted::{self, Wanted};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// Rows of a panel.
const PANEL_ROWS: u32 = 10;
/// Countries that the map of the panel may show.
const MAP_ROWS: u32 = 300;

/// The numbers above the chart, by the names of their reports.
const TALLIES: [&str; 5] = ["visitors", "visitors-unique", "actions", "time-average", "bounce-rate"];

/// A panel: its name in addresses, its title, and its sides with the report of each.
struct PanelPlan {
    name: &'static str,
    title: &'static str,
    sides: &'static [(&'static str, &'static str)],
}

const fn panel(
    name: &'static str,
    title: &'static str,
    sides: &'static [(&'static str, &'static str)],
) -> PanelPlan {
    PanelPlan { name, title, sides }
}

const PANELS: [PanelPlan; 8] = [
    panel(
        "pages",
        "Pages",
        &[("Most seen", "pages"), ("Entrance", "pages-entrance"), ("Exit", "pages-exit")],
    ),
    panel(
        "sources",
        "Sources",
        &[("Ways", "traffic-sources"), ("Domains", "links-domains"), ("Links", "links")],
    ),
    panel(
        "places",
        "Countries",
        &[("Countries", "countries"), ("Cities", "cities"), ("Languages", "languages")],
    ),
    panel("searches", "Searches", &[("Engines", "searches-engines"), ("Words", "searches")]),
    panel(
        "machines",
        "Browsers",
        &[("Browsers", "web-browsers"), ("Systems", "operating-systems"), ("Devices", "hardware")],
    ),
    panel(
        "campaigns",
        "Campaigns",
        &[("Campaigns", "campaigns"), ("Sources", "campaign-sources"), ("Mediums", "campaign-mediums")],
    ),
    panel(
        "events",
        "Events and files",
        &[
            ("Events", "events"),
            ("Downloads", "downloads"),
            ("Outbound", "links-outbound"),
            ("Media", "video"),
        ],
    ),
    panel("engagement", "Engagement", &[("Time", "engagement-times"), ("Actions", "engagement-actions")]),
];

/// The panel of the latest visits, after those of reports.
pub const VISITORS: (&str, &str) = ("visitors", "Latest visitors");

/// The names of all panels, as they come.
pub fn panel_names() -> Vec<&'static str> {
    PANELS.iter().map(|plan| plan.name).chain([VISITORS.0]).collect()
}

/// What a panel is called.
pub fn panel_title(name: &str) -> &'static str {
    PANELS.iter().find(|plan| plan.name == name).map_or(VISITORS.1, |plan| plan.title)
}

/// What is asked of the file.
struct Answers {
    totals: Compared<Measures>,
    courses: Compared<Course>,
    panels: Vec<(Table, Option<i64>)>,
    visits: Vec<crate::reports::visits::Visit>,
}

struct View {
    base: String,
    path: String,
    asked: Asked,
    filters: Vec<Wanted>,
    bar: Bar,
    tallies: Vec<TallyView>,
    chart: Option<Chart>,
    panels: Vec<PanelView>,
    visits: Vec<Row>,
    visits_count: i64,
    is_live: bool,
    /// Where the range reaches back further than visits do.
    note: Markup,
}

struct TallyView {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    unit: Unit,
    value: i64,
    before: Option<(i64, Comparison)>,
    is_good_when_less: bool,
    spark: Vec<i64>,
    spark_before: Option<Vec<i64>>,
    link: String,
    is_current: bool,
}

struct PanelView {
    plan: &'static PanelPlan,
    sides: Vec<(&'static str, &'static str)>,
    report: &'static Report,
    dimension: &'static Dimension,
    table: Table,
    /// What there was in the days that are compared, where there is nothing now.
    before: Option<i64>,
}

/// How a tally's numbers are written.
pub fn unit_of(tally: Tally) -> Unit {
    match tally {
        Tally::ActionsAverage => Unit::Hundredths,
        Tally::TimeAverage | Tally::TimeTotal => Unit::Seconds,
        Tally::BounceRate => Unit::Permille,
        Tally::Visits | Tally::Uniques | Tally::New | Tally::Online | Tally::Actions | Tally::Kind(_) => {
            Unit::Count
        }
    }
}

/// The sides of a panel that may be seen.
fn open_sides(
    plan: &'static PanelPlan,
    seen: &Seen,
) -> impl Iterator<Item = (&'static str, &'static str)> + Clone {
    plan.sides
        .iter()
        .copied()
        .filter(move |(_, name)| catalogue::find(name).is_some_and(|report| seen.shows(report)))
}

/// The report that a side of a panel shows, and what it counts by.
fn side(
    plan: &'static PanelPlan,
    (asked, seen): (&Asked, &Seen),
) -> Option<(&'static Report, &'static Dimension)> {
    let wanted = asked.get(plan.name);
    let known = open_sides(plan, seen).map(|(_, report)| report);
    let name = known.clone().find(|report| Some(*report) == wanted).or_else(|| known.clone().next())?;
    let report = catalogue::find(name)?;
    match report.answer {
        Answer::Items(dimension) => Some((report, dimension)),
        _ => None,
    }
}

/// `GET /sites/{site}`: the page code before the first visit, the dashboard after it.
pub async fn show(
    entry: Look<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: Asked,
) -> Result<HttpResponse> {
    if let Some(link) = &entry.link {
        shell::count_opening(&app, &request, link);
    }
    let site = entry.site.id;
    let has_visits = app.read(move |connection| site_list::has_visits(connection, site)).await?;
    if !has_visits && entry.may(Capability::SeeTrackingCode) {
        return site_home::show(&entry, &app, &request).await;
    }
    let scope = asked.scope(&app, &entry)?;
    let stored = entry.user.as_ref().and_then(|user| user.preferences.panels.as_deref());
    let shown: Vec<_> = Arrangement::read(&panel_names(), stored).shown().collect();
    let plans = shown.iter().filter_map(|name| PANELS.iter().find(|plan| plan.name == *name));
    let sides: Vec<_> = plans.filter_map(|plan| Some((plan, side(plan, (&asked, entry.view()))?))).collect();
    let shows_visits = shown.contains(&VISITORS.0) && entry.may(Capability::SeeLiveVisitorList);
    let (answers, scope) =
        ask(&app, (&entry, shows_visits), scope, sides.iter().map(|(_, (_, dimension))| *dimension)).await?;
    let mut frame = shell::site_frame(&app, &request, &entry, ("Dashboard", Place::Dashboard)).await?;
    let path = entry.base();
    let panels = sides.into_iter().zip(answers.panels);
    let today = entry.site.zone.day(app.clock.now());
    let view = View {
        tallies: tallies((&asked, entry.view()), &path, &answers.totals, &answers.courses),
        chart: main_chart((&asked, entry.view()), &path, &answers.courses),
        panels: panels
            .map(|((plan, (report, dimension)), (table, before))| {
                let sides = open_sides(plan, entry.view()).collect();
                PanelView { plan, sides, report, dimension, table, before }
            })
            .collect(),
        visits: answers
            .visits
            .iter()
            .map(|visit| Row::of((&path, entry.view()), &entry.site.zone, visit))
            .collect(),
        visits_count: answers.totals.now.visits,
        is_live: scope.range.last >= today,
        bar: chips::bar(&app, &entry, (&asked, &path), &scope.wanted).await?,
        note: kept::of_dashboard(kept::since(&app, &entry.site, &scope).await?, &scope),
        filters: scope.wanted,
        base: path.clone(),
        path: path.clone(),
        asked: asked.clone(),
    };
    frame.range = Some(asked.control(&app, &entry, &path, scope.range));
    Ok(shell::html(page(&frame, &view)))
}

async fn ask(
    app: &Data<App>,
    (entry, shows_visits): (&Look<OpenReport>, bool),
    scope: Scope,
    dimensions: impl Iterator<Item = &'static Dimension>,
) -> Result<(Answers, Scope)> {
    let (site, dimensions) = (entry.site.clone(), dimensions.collect::<Vec<_>>());
    app.report(move |reader| {
        let inquiry = Inquiry::new(reader, &site, &scope)?;
        let overview = inquiry.overview(&dimensions)?;
        let panels = dimensions.iter().zip(overview.items).map(|(dimension, items)| {
            let rows = if dimension.naming == Naming::Country { MAP_ROWS } else { PANEL_ROWS };
            let table = inquiry.table_of(dimension, items, &Part::top(dimension, rows))?;
            let before = table.sum_before.filter(|_| table.count == 0);
            Ok((table, before))
        });
        let answers = Answers {
            panels: panels.collect::<Result<_>>()?,
            totals: overview.totals,
            courses: overview.courses,
            visits: if shows_visits { inquiry.newest_visits(PANEL_ROWS)? } else { Vec::new() },
        };
        Ok((answers, scope))
    })
    .await
}

/// The tally of a report's name.
fn tally_of(name: &str) -> Option<(&'static Report, Tally)> {
    let report = catalogue::find(name)?;
    match report.answer {
        Answer::Tally(tally) => Some((report, tally)),
        _ => None,
    }
}

/// The tallies that may be seen.
fn shown(seen: &Seen) -> impl Iterator<Item = &'static str> {
    TALLIES.into_iter().filter(move |name| catalogue::find(name).is_some_and(|report| seen.shows(report)))
}

/// The name of the report whose course the chart shows.
fn chosen((asked, seen): (&Asked, &Seen)) -> Option<&'static str> {
    let wanted = asked.get("chart");
    shown(seen).find(|name| Some(*name) == wanted).or_else(|| shown(seen).next())
}

fn tallies(
    (asked, seen): (&Asked, &Seen),
    path: &str,
    totals: &Compared<Measures>,
    courses: &Compared<Course>,
) -> Vec<TallyView> {
    let chosen = chosen((asked, seen));
    let view = |name: &'static str| {
        let (report, tally) = tally_of(name)?;
        let of = |measures: &Measures| tally.value(measures);
        Some(TallyView {
            name,
            title: report.title,
            about: report.about,
            unit: unit_of(tally),
            value: of(&totals.now),
            before: totals.before.as_ref().map(of).zip(asked.comparison()),
            is_good_when_less: tally == Tally::BounceRate,
            spark: courses.now.measures().iter().map(of).collect(),
            spark_before: courses.before.as_ref().map(|before| before.measures().iter().map(of).collect()),
            link: asked.link(path, &[("chart", if name == TALLIES[0] { "" } else { name })]),
            is_current: Some(name) == chosen,
        })
    };
    shown(seen).filter_map(view).collect()
}

/// The chart of a tally over the steps of a range, with the days that are compared.
pub fn course_chart(
    (report, tally): (&'static Report, Tally),
    (courses, comparison): (&Compared<Course>, Option<Comparison>),
    select: Option<String>,
) -> Chart {
    let values = |course: &Course| course.measures().iter().map(|step| tally.value(step)).collect();
    let now = Series { name: report.title.into(), values: values(&courses.now), is_before: false };
    let before = courses.before.as_ref().zip(comparison).map(|(before, comparison)| Series {
        name: comparison.title().into(),
        values: values(before),
        is_before: true,
    });
    Chart {
        title: format!("{} over time", report.title),
        steps: match &courses.now {
            Course::Days(days, _) => Steps::Days(days.clone()),
            Course::Hours(_) => Steps::Hours,
        },
        series: std::iter::once(now).chain(before).collect(),
        unit: unit_of(tally),
        select,
        comparison,
    }
}

fn main_chart((asked, seen): (&Asked, &Seen), path: &str, courses: &Compared<Course>) -> Option<Chart> {
    let tally = tally_of(chosen((asked, seen))?)?;
    Some(course_chart(tally, (courses, asked.comparison()), Some(asked.link(path, &[("date", "")]))))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let is_empty = view.visits_count == 0;
    frame.page(&html! {
        h1.hidden { "Dashboard" }
        (view.bar.draw())
        (view.note)
        div id="overview" data-refresh[view.is_live] {
            ul.cards { @for tally in &view.tallies { (tally_card(tally)) } }
        }
        @if let Some(chart) = &view.chart { (chart.draw()) }
        @if is_empty && !view.filters.is_empty() {
            section.empty {
                h2 { "No such visit in this range" }
                p { "No visit passes all filters above. Take one away, or choose a longer range." }
                p { a.button.primary href=(view.asked.link_of(&view.path, &[])) { "Take the filters away" } }
            }
        } @else if is_empty {
            section.empty {
                h2 { "No visit in this range" }
                p { "Here you see what was looked at, where visitors came from and what they browse with. Choose a longer range above." }
                p { a.button.primary href=(view.asked.link(&view.path, &[("date", "last-30-days")])) { "Show the last 30 days" } }
            }
        } @else {
            div.panels {
                @for panel in &view.panels { (panel_box(view, panel)) }
            }
            @if !view.visits.is_empty() { (latest(view)) }
        }
    })
}

fn tally_card(tally: &TallyView) -> Markup {
    html! {
        li.card-tally.current[tally.is_current] {
            a href=(tally.link) title=(tally.about) aria-current=[tally.is_current.then_some("true")] data-swap {
                span.quiet { (tally.title) }
                span.figure { b data-tally=(tally.name) { (tally.unit.short(tally.value)) }
                    @if let Some(before) = tally.before { (chart::change((tally.value, before.0), tally.is_good_when_less, (tally.unit, before.1))) } }
                (chart::spark(&tally.spark, tally.spark_before.as_deref()))
            }
        }
    }
}

fn panel_box(view: &View, panel: &PanelView) -> Markup {
    let id = format!("panel-{}", panel.plan.name);
    let (sum, table) = (panel.table.sum, &panel.table);
    let comparison = view.asked.comparison();
    let column = comparison.filter(|_| table.is_compared());
    html! {
        section.panel id=(id) aria-labelledby={ (id) "-title" } {
            div.panel-head {
                h2 id={ (id) "-title" } { (panel.plan.title) }
                ul.tabs aria-label={ "Sides of " (panel.plan.title) } hx-boost="true" hx-target={ "#" (id) } hx-select={ "#" (id) } hx-swap="outerHTML" {
                    @for (name, report) in &panel.sides {
                        li { a href=(view.asked.link(&view.path, &[(panel.plan.name, report)])) aria-current=[(*report == panel.report.name).then_some("true")] { (name) } }
                    }
                }
            }
            @if panel.dimension.naming == Naming::Country { (map::countries(&table.lines, comparison, &|line| Some(only(view, panel, line)))) }
            @if table.lines.is_empty() {
                p.nothing.quiet { "Nothing in this range" @if let Some((before, comparison)) = panel.before.filter(|before| *before > 0).zip(comparison) { ", " (chart::against(before, (Unit::Count, comparison))) } ". " (panel.report.about) }
            } @else {
                table.list.small-list.bars {
                    thead.silent { tr { th scope="col" { span.hidden { (panel.report.title) } } th.number scope="col" { span.hidden { "Count" } } th.number.wide scope="col" { span.hidden { "Share" } }
                        @if let Some(comparison) = column { th.number scope="col" { span.hidden { "Against " (comparison.words()) } } } } }
                    tbody {
                        @for line in table.lines.iter().take(10) {
                            @let value = line.measures.hits;
                            tr {
                                td { (item::bar(value, table.highest))
                                    a.row-link.cut href=(only(view, panel, line)) title={ "Only this: " (line.name.title) } { (item::picture(&line.name.picture)) " " (item::words(panel.dimension.naming, &line.name)) }
                                    (chips::row_without((&view.asked, &view.path), (&view.filters, panel.dimension), (&line.name.title, &line.name.filter))) }
                                td.number { (format::count(value)) }
                                td.number.quiet.wide { (format::percent(item::permille(value, sum))) }
                                @if let (Some(comparison), Some(before)) = (column, &line.before) { td.number { (chart::change((value, before.hits), false, (Unit::Count, comparison))) } }
                            }
                        }
                    }
                }
            }
            p.panel-foot { a href=(view.asked.link_to(&format!("{}/reports/{}", view.base, panel.report.name))) { "All " (panel.report.title.to_lowercase()) " →" } }
        }
    }
}

/// The dashboard for the visits of one line alone.
fn only(view: &View, panel: &PanelView, line: &Line) -> String {
    let only = wanted::only_this(&view.filters, panel.dimension, &line.name.filter);
    view.asked.link_of(&view.path, &only)
}

fn latest(view: &View) -> Markup {
    html! {
        section.panel id="panel-visitors" aria-labelledby="panel-visitors-title" {
            div.panel-head { h2 id="panel-visitors-title" { (VISITORS.1) } }
            div id="latest" data-refresh[view.is_live] { (visitors::list(&view.visits)) }
            p.panel-foot { a href=(view.asked.link(&format!("{}/visitors", view.base), &[("chart", "")])) { "All visitors →" } }
        }
    }
}
