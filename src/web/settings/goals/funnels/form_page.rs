//! The page with the form of one funnel.

use super::funnel_form::FunnelForm;
use super::paths::base;
use super::preview::Preview;
use super::step_row::StepRow;
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::SiteAccess;
use crate::limits;
use crate::model::funnel::{Funnel, STEP_KINDS};
use crate::reports::date_range::DateRange;
use crate::reports::query::Query;
use crate::store::goals::{self, Goal};
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings::Tabs;
use crate::web::settings::goals::form_page::{Suggestions, suggestions};
use crate::web::ui::field::{self, Field};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The page of a funnel.
pub struct FormPage {
    /// The funnel; `None` for a new one.
    pub funnel: Option<Funnel>,
    /// The form.
    pub state: FormState<FunnelForm>,
    /// The preview.
    pub preview: Preview,
    /// The place of the step to go on with.
    pub focused: Option<usize>,
}

struct View {
    tabs: Tabs,
    page: FormPage,
    goals: Vec<Goal>,
    suggestions: Suggestions,
    /// The path of the form.
    own: String,
}

impl FormPage {
    /// Returns the response with this page.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn answer(
        self,
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<ManageGoals>,
    ) -> Result<HttpResponse> {
        let (frame, site) = (SiteFrameRequest::new(request, access)?, access.site.id);
        let name = self.funnel.as_ref().map(|funnel| funnel.settings.name.clone());
        let title = name.unwrap_or_else(|| "Add a funnel".to_owned());
        let range = DateRange::parse("last-30-days", access.site.zone.day(app.clock.now()))?;
        let query = Query::new(access.site.clone(), range, access.visibility().clone());
        let loaded = app.view(move |reader| {
            let frame = frame.load(reader, &title, NavItem::Preferences)?;
            Ok((frame, suggestions(reader, &query)?, goals::list_with_removed(reader.connection, site)?))
        });
        let (frame, mut suggestions, goals) = loaded.await?;
        suggestions.retain(|(kind, _)| STEP_KINDS.contains(kind));
        let named = self.funnel.as_ref().map_or_else(|| "new".to_owned(), |funnel| funnel.id.to_string());
        let own = format!("{}/{named}", base(site));
        let view = View { tabs: Tabs::for_screen(access, "goals"), page: self, goals, suggestions, own };
        Ok(view.page.state.response(draw(&frame, &view, &Tabs::path(site, "goals"))))
    }
}

fn draw(frame: &Frame, view: &View, list: &str) -> Markup {
    let (page, own) = (&view.page, &view.own);
    let check = format!("{own}/check");
    let (form, problems) = (&page.state.form, page.state.problems.as_slice());
    view.tabs.page(frame, &html! {
        p.crumbs { a href={ (list) "#funnels" } { "← All funnels" } }
        h2.form-title { @match &page.funnel { Some(funnel) => (funnel.settings.name), None => "Add a funnel" } }
        p { "A funnel shows how many go from step to step, and where you lose the rest." }
        (page.state.refusal("Nothing was saved yet: see the notes below."))
        form.settings.funnel-form method="post" action=(own) {
            // Enter in a field saves, and presses no button of a step.
            button.hidden type="submit" tabindex="-1" aria-hidden="true" { "Save funnel" }
            (name(form, problems))
            @if let Some(sentence) = field::problem(problems, "steps") { p.problem role="alert" { (sentence) } }
            ol.plain.funnel-steps {
                @for (place, step) in form.steps.iter().enumerate() {
                    (StepRow { place, step, count: form.steps.len(), goals: &view.goals, problems, is_focused: page.focused == Some(place), check: &check }.draw())
                }
            }
            (more(form, &check))
            (within(form, problems))
            div.goal-preview {
                div id="funnel-preview" role="status" hx-post=(check) hx-trigger="input delay:400ms from:closest form" hx-select="#funnel-preview > *" hx-target="this" hx-swap="innerHTML" hx-sync="this:replace" { (page.preview.draw()) }
                button type="submit" name="do" value="check" formaction={ (check) "#funnel-preview" } formnovalidate { "Check" }
            }
            div.buttons {
                button.primary type="submit" { "Save funnel" }
                a.button href={ (list) "#funnels" } { "Cancel" }
            }
        }
        @for (kind, texts) in &view.suggestions { (field::suggestions(&format!("suggest-{}", kind.name()), texts)) }
    })
}

fn name(form: &FunnelForm, problems: &[Problem]) -> Markup {
    let field = Field {
        name: "name",
        label: "Name",
        kind: "text",
        value: &form.name,
        autocomplete: "off",
        help: Some("As it should read in reports, such as Checkout."),
        is_required: true,
    };
    field::input(&field, problems)
}

/// Renders the button that adds a step.
fn more(form: &FunnelForm, check: &str) -> Markup {
    let most = limits::FUNNEL_STEPS_MAX;
    html! {
        @if form.steps.len() < most {
            p.buttons { button type="submit" name="do" value="more" formaction={ (check) "#step-" (form.steps.len() + 1) } formnovalidate { "Add a step" } }
        } @else {
            p.quiet { "A funnel has room for " (most) " steps." }
        }
    }
}

fn within(form: &FunnelForm, problems: &[Problem]) -> Markup {
    let sentence = field::problem(problems, "within");
    let is_days = form.within == "days";
    html! {
        fieldset.choices {
            legend { "Time for all steps" }
            div.choice-line {
                input type="radio" id="within-visit" name="within" value="visit" checked[!is_days];
                label for="within-visit" { "One visit" span.help { "Right for most funnels." } }
            }
            div.choice-line {
                input type="radio" id="within-days" name="within" value="days" checked[is_days];
                label for="within-days" { "Several days, counting visitors" span.help { "Only where visitors are recognized for longer than a day: others count within the day." } }
            }
            div.field.amount {
                label for="days" { "Days" }
                input.short id="days" name="days" type="text" inputmode="numeric" value=(form.days) autocomplete="off" aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "days-problem")];
                @if let Some(sentence) = sentence { p.problem id="days-problem" role="alert" { (sentence) } }
            }
        }
    }
}
