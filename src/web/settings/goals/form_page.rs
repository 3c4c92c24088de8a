//! The page with the form of one goal: its preview, and the code that reports it.

use super::goal_code::{self, GoalCode};
use super::goal_form::{BY_CODE, GoalForm};
use super::rule_text;
use crate::access::capability::ManageGoals;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::ingest::goal_match;
use crate::model::goal::RuleKind;
use crate::reports::catalogue::{self, ReportKind};
use crate::reports::data_reader::DataReader;
use crate::reports::date_range::DateRange;
use crate::reports::query::{Query, TableWant, Wants};
use crate::reports::table_query::TableQuery;
use crate::store::goals::Goal;
use crate::store::sites::Site;
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings::Tabs;
use crate::web::ui::field::{self, Choice, Field};
use crate::web::ui::format;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The days that a preview covers.
const PREVIEW: &str = "last-30-days";
/// The most suggestions for one kind of rule.
const SUGGESTIONS: u32 = 100;
/// The reports whose items are suggested, by the kind of the rule.
const SUGGESTED: [(RuleKind, &str); 6] = [
    (RuleKind::Page, "pages"),
    (RuleKind::Event, "events"),
    (RuleKind::Download, "downloads"),
    (RuleKind::Outbound, "links-outbound"),
    (RuleKind::Custom, "custom"),
    (RuleKind::Campaign, "campaigns"),
];

/// The page of a goal.
pub struct FormPage {
    /// The goal; `None` for a new one.
    pub goal: Option<Goal>,
    /// The form.
    pub state: FormState<GoalForm>,
    /// The preview.
    pub preview: Preview,
}

/// The preview of a rule.
pub enum Preview {
    /// Nothing was asked for.
    None,
    /// The number of visits that would have reached the goal.
    Visits(i64),
    /// A sentence: what is wrong with the rule, or why there is nothing to match.
    Sentence(String),
}

impl Preview {
    /// Loads the preview of a form.
    ///
    /// # Errors
    /// Fails when too many previews are asked for, and when the data file cannot be read.
    pub async fn load(app: &Data<App>, site: &Site, form: &GoalForm, requester: Requester) -> Result<Self> {
        if form.kind != BY_CODE && form.pattern.trim().is_empty() {
            return Ok(Self::None);
        }
        let rule = match form.rule() {
            Ok(Some(rule)) => rule,
            Ok(None) => {
                return Ok(Self::Sentence(
                    "It counts from the first time your page or server reports it.".into(),
                ));
            }
            Err(error) => {
                let problems = error.problems()?;
                return Ok(Self::Sentence(problems.into_iter().map(|problem| problem.sentence).collect()));
            }
        };
        let range = DateRange::parse(PREVIEW, site.zone.day(app.clock.now()))?;
        let (site, visits) = (site.clone(), range.visits(&site.zone));
        let _permit = app.limited_work.preview_permit(requester).await?;
        let visits = app
            .read(move |connection| goal_match::count_matches(connection, &site, &rule, visits.clone()))
            .await?;
        Ok(Self::Visits(visits))
    }

    fn draw(&self) -> Markup {
        html! {
            @match self {
                Self::None => span.quiet { "Type what to match, and see how many visits it would have matched." },
                Self::Visits(0) => { b { "No visit" } " of the last 30 days would have matched. Check the spelling, or leave it if you expect it only from now on." },
                Self::Visits(visits) => {
                    "This would have matched " b { (format::grouped(*visits)) @if *visits == 1 { " visit" } @else { " visits" } } " in the last 30 days."
                },
                Self::Sentence(sentence) => (sentence),
            }
        }
    }
}

/// The texts that are suggested for each kind of rule.
pub type Suggestions = Vec<(RuleKind, Vec<String>)>;

struct View {
    tabs: Tabs,
    page: FormPage,
    suggestions: Suggestions,
    site: Site,
    origin: String,
}

impl FormPage {
    /// Returns the response with this page.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub async fn answer(
        self,
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<ManageGoals>,
        origin: &str,
    ) -> Result<HttpResponse> {
        let frame = SiteFrameRequest::new(request, access)?;
        let title =
            self.goal.as_ref().map_or_else(|| "Add a goal".to_owned(), |goal| goal.settings.name.clone());
        let range = DateRange::parse("last-30-days", access.site.zone.day(app.clock.now()))?;
        let query = Query::new(access.site.clone(), range, access.visibility().clone());
        let loaded = app.view(move |reader| {
            Ok((frame.load(reader, &title, NavItem::Preferences)?, suggestions(reader, &query)?))
        });
        let (frame, suggestions) = loaded.await?;
        let view = View {
            tabs: Tabs::for_screen(access, "goals"),
            page: self,
            suggestions,
            site: access.site.clone(),
            origin: origin.to_owned(),
        };
        Ok(view.page.state.response(draw(&frame, &view)))
    }

    /// Returns the name by which pages report the goal.
    fn code(&self) -> &str {
        let typed = self.state.form.name.trim();
        let named = self.goal.as_ref().map_or(typed, |goal| goal.code.as_str());
        if named.is_empty() { "Order" } else { named }
    }
}

/// Returns the texts of the site that rules of each kind could match, most frequent first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn suggestions(reader: &DataReader<'_>, query: &Query) -> Result<Suggestions> {
    let dimensions = SUGGESTED.iter().filter_map(|(kind, report)| match catalogue::find(report)?.kind {
        ReportKind::Items(dimension) => Some((*kind, dimension)),
        _ => None,
    });
    let dimensions: Vec<_> = dimensions.collect();
    let tables = dimensions.iter().map(|(_, dimension)| TableWant {
        dimension,
        table: TableQuery::top(dimension, SUGGESTIONS),
        is_brief: true,
    });
    let answer = reader.run(&query.with(Wants { tables: tables.collect(), ..Wants::default() }))?;
    let texts = answer.tables.into_iter().map(|table| {
        let text = |row: crate::reports::results::table::TableRow| {
            row.name.address.filter(|address| address.starts_with('/')).unwrap_or(row.name.filter)
        };
        table.rows.into_iter().map(text).collect::<Vec<String>>()
    });
    Ok(dimensions.into_iter().map(|(kind, _)| kind).zip(texts).collect())
}

const COUNTS: [Choice<'static>; 2] = [
    Choice {
        value: "once",
        label: "Once a visit",
        help: Some("However often it happens in a visit, it's one conversion. Right for most goals."),
    },
    Choice {
        value: "every",
        label: "Every time",
        help: Some("For orders, if someone may order twice in one visit."),
    },
];

fn draw(frame: &Frame, view: &View) -> Markup {
    let (page, path) = (&view.page, Tabs::path(view.site.id, "goals"));
    let own =
        format!("{path}/{}", page.goal.as_ref().map_or_else(|| "new".to_owned(), |goal| goal.id.to_string()));
    let check = format!("{own}/check");
    let (form, problems) = (&page.state.form, page.state.problems.as_slice());
    view.tabs.page(frame, &html! {
        p.crumbs { a href=(path) { "← All goals" } }
        h2.form-title { @match &page.goal { Some(goal) => (goal.settings.name), None => "Add a goal" } }
        (page.state.refusal("Nothing was saved yet: see the notes below."))
        form.settings.goal-form method="post" action=(own) {
            (name(form, problems))
            (rule(view))
            div.goal-preview {
                div id="goal-preview" role="status" hx-post=(check) hx-trigger="input delay:400ms from:closest form" hx-select="#goal-preview > *" hx-select-oob="#goal-code" hx-target="this" hx-swap="innerHTML" hx-sync="this:replace" { p { (page.preview.draw()) } }
                button type="submit" formaction=(check) formnovalidate { "Check" }
            }
            (field::choices("count", "What counts", &COUNTS, &form.count))
            (revenue(view))
            div.buttons {
                button.primary type="submit" { "Save goal" }
                a.button href=(path) { "Cancel" }
            }
        }
        (code(view))
    })
}

fn name(form: &GoalForm, problems: &[crate::error::Problem]) -> Markup {
    let field = Field {
        name: "name",
        label: "Name",
        kind: "text",
        value: &form.name,
        autocomplete: "off",
        help: Some("As it should read in reports, such as Order or Newsletter."),
        is_required: true,
    };
    field::input(&field, problems)
}

fn rule(view: &View) -> Markup {
    let (form, problems) = (&view.page.state.form, view.page.state.problems.as_slice());
    let kind = form.rule_kind();
    let sentence = field::problem(problems, "pattern");
    html! {
        fieldset data-goal-kind {
            legend { "How visitors reach it" }
            (field::select("kind", "Visitors reach this goal when …", rule_text::KINDS, &form.kind, problems))
            div.field-pair.rule data-of-kinds="page event download outbound actions seconds custom campaign" hidden[kind.is_none() && form.kind == BY_CODE] {
                div data-of-kinds="page event download outbound custom campaign" hidden[kind.is_some_and(RuleKind::is_number)] {
                    (field::select("match", "Comparison", rule_text::MATCHES, &form.matching, problems))
                }
                div.field {
                    label for="pattern" { "What to match" }
                    input id="pattern" name="pattern" type="text" value=(form.pattern) autocomplete="off" autocapitalize="off" spellcheck="false"
                        list=[kind.map(|kind| format!("suggest-{}", kind.name()))]
                        aria-invalid=[sentence.map(|_| "true")] aria-describedby="pattern-help pattern-problem";
                    div id="pattern-help" {
                        @for (name, _) in rule_text::KINDS {
                            @if let Ok(one) = name.parse::<RuleKind>() {
                                @let (label, help) = rule_text::pattern_field(one);
                                p.help data-of-kinds=(name) hidden[kind != Some(one)] { (label) ": " (help) }
                            }
                        }
                    }
                    @if let Some(sentence) = sentence { p.problem id="pattern-problem" { (sentence) } }
                }
            }
            p.help data-of-kinds=(BY_CODE) hidden[form.kind != BY_CODE] { "Your page or server reports it by name: the code is below. Nothing else is needed." }
            @for (kind, texts) in &view.suggestions { (field::suggestions(&format!("suggest-{}", kind.name()), texts)) }
        }
    }
}

fn revenue(view: &View) -> Markup {
    let (form, problems) = (&view.page.state.form, view.page.state.problems.as_slice());
    let sentence = field::problem(problems, "amount");
    html! {
        fieldset.choices {
            legend { "Revenue" }
            div.choice-line {
                input type="radio" id="revenue-sent" name="revenue" value="sent" checked[form.revenue != "fixed"];
                label for="revenue-sent" { "As your page sends it" span.help { "0 where it sends none." } }
            }
            div.choice-line {
                input type="radio" id="revenue-fixed" name="revenue" value="fixed" checked[form.revenue == "fixed"];
                label for="revenue-fixed" { "The same amount each time" span.help { "What one is worth to you, such as a newsletter sign-up." } }
            }
            div.field.amount {
                label for="amount" { "Amount in " (view.site.currency) }
                input.short id="amount" name="amount" type="text" inputmode="decimal" value=(form.amount) autocomplete="off" aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "amount-problem")];
                @if let Some(sentence) = sentence { p.problem id="amount-problem" role="alert" { (sentence) } }
            }
        }
    }
}

fn code(view: &View) -> Markup {
    let form = &view.page.state.form;
    let code = GoalCode::new(
        view.page.code(),
        view.site.currency,
        form.revenue != "fixed",
        (view.site.id, &view.origin),
    );
    let call = form.rule_kind().filter(|_| !form.pattern.trim().is_empty());
    let call = call.and_then(|kind| goal_code::call_for(kind, form.pattern.trim()));
    html! {
        section.goal-code id="goal-code" {
            h2 { "Page code" }
            @if form.kind == BY_CODE {
                p { "Any of these reports the goal. Use the one that fits." }
            } @else {
                p { "Visits that match the rule count without any further code." @if call.is_some() { " What the rule looks for is sent so:" } }
                @if let Some(call) = &call { (field::copyable("What the rule looks for", "goal-code-rule", call)) }
                p { "Your page can also report the goal itself, with revenue:" }
            }
            (goal_code::draw(&code))
        }
    }
}
