//! The form of an alert, with what it would have told and what it told.

use super::form_values::{AS_BEFORE, AlertForm};
use super::history;
use super::preview::Preview;
use super::room::AlertRoom;
use crate::alerts::{description, rights, rules};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::requester;
use crate::limits;
use crate::model::alert::{Alert, AlertKind, GoalMode};
use crate::model::clock::Zone;
use crate::model::id::{AlertId, GoalId};
use crate::model::webhook::Webhook;
use crate::reports::data_reader::DataReader;
use crate::reports::visibility::Visibility;
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, AlertScope};
use crate::store::segments::Segment;
use crate::store::sites::Site;
use crate::store::unsubscribes::{self, LetterKind};
use crate::store::{goals, users, webhooks};
use crate::web::filters::open_segments::OpenSegments;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::ui::field::{self, Choice, Field};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use strum::VariantArray;

/// The fields of the form as they are sent.
type Fields = Vec<(String, String)>;

/// What a form is about.
#[derive(Clone)]
enum Target {
    /// The choice of a kind.
    Choice,
    /// A new alert.
    New(AlertKind),
    /// An alert that is there.
    Known(Box<Alert>),
}

/// The things that a form offers, and the history of the alert.
struct Offers {
    goals: Vec<(String, String)>,
    goal_ids: Vec<GoalId>,
    segments: Vec<Segment>,
    webhooks: Vec<Webhook>,
    /// The description of the alert.
    description: Option<String>,
    events: Vec<AlertEvent>,
    /// True if the letters of an own alert were ended by the link in one.
    has_ended_mail: bool,
    /// True if the person of an own alert confirmed their e-mail address.
    has_mailbox: bool,
}

async fn find<R: AlertRoom>(app: &Data<App>, access: &SiteAccess<R>, name: &str) -> Result<Target> {
    let scope = R::scope(access)?;
    if name == "new" {
        return Ok(Target::Choice);
    }
    if let Some(kind) = name.strip_prefix("new-") {
        let kind: AlertKind = kind.parse().map_err(|_| Error::Missing("kind of alert"))?;
        let is_shown = rights::shows_kind(access.visibility(), kind);
        return if is_shown { Ok(Target::New(kind)) } else { Err(Error::Missing("kind of alert")) };
    }
    let id = AlertId::parse(name).ok_or(Error::Missing("alert"))?;
    let alert = app.read(move |connection| alerts::get(connection, scope, id)).await?;
    // What an alert tells shows in its form, too.
    let is_shown = rights::may_have(&access.grant, &alert.settings);
    if is_shown { Ok(Target::Known(Box::new(alert))) } else { Err(Error::Missing("alert")) }
}

impl Target {
    fn kind(&self) -> Option<AlertKind> {
        match self {
            Self::Choice => None,
            Self::New(kind) => Some(*kind),
            Self::Known(alert) => Some(alert.settings.kind),
        }
    }

    fn alert(&self) -> Option<&Alert> {
        if let Self::Known(alert) = self { Some(alert) } else { None }
    }
}

impl Offers {
    fn load(
        reader: &DataReader<'_>,
        site: &Site,
        scope: AlertScope,
        alert: Option<&Alert>,
        (segments, shows_goals): (&OpenSegments, bool),
    ) -> Result<Self> {
        let connection = reader.connection;
        let goals = if shows_goals { goals::list(connection, site.id)? } else { Vec::new() };
        let segments = segments.load(reader)?.into_iter().map(|(segment, _)| segment);
        // An alert for everyone has no private segment.
        let segments = segments.filter(|segment| scope.owner.is_some() || segment.is_shared);
        let description =
            alert.map(|alert| description::describe(connection, site, &alert.settings)).transpose()?;
        let events = match alert {
            Some(alert) => alert_events::list(connection, alert.id, limits::ALERT_EVENTS_LISTED)?,
            None => Vec::new(),
        };
        let webhooks = if scope.owner.is_none() { webhooks::list(connection, site.id)? } else { Vec::new() };
        let has_ended_mail = match (alert, scope.owner) {
            (Some(alert), Some(owner)) => {
                unsubscribes::is_ended(connection, LetterKind::Alert, alert.id.0, Some(owner))?
            }
            _ => false,
        };
        let has_mailbox = match scope.owner {
            Some(owner) => users::get(connection, owner)?.has_proved_email(),
            None => true,
        };
        Ok(Self {
            has_mailbox,
            goal_ids: goals.iter().map(|goal| goal.id).collect(),
            goals: goals.into_iter().map(|goal| (goal.id.to_string(), goal.settings.name)).collect(),
            segments: segments.collect(),
            webhooks,
            description,
            events,
            has_ended_mail,
        })
    }
}

/// `GET /sites/{site}/alerts/{alert}` and its like: shows the form of an alert, or the choice of a kind.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such alert, and when the data file cannot be read.
pub async fn edit<R: AlertRoom>(
    access: SiteAccess<R>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let target = find(&app, &access, &path.1).await?;
    Page { target, fields: None, shows_past: true, refused: None }.answer(&app, &request, &access).await
}

/// `POST /sites/{site}/alerts/{alert}/check` and its like: shows the form again, with what the alert would have told.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such alert, and when the data file cannot be read.
pub async fn check<R: AlertRoom>(
    access: SiteAccess<R>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    fields: Form<Fields>,
) -> Result<HttpResponse> {
    let target = find(&app, &access, &path.1).await?;
    let fields = Some(fields.into_inner());
    Page { target, fields, shows_past: true, refused: None }.answer(&app, &request, &access).await
}

/// `POST /sites/{site}/alerts/{alert}` and its like: adds or changes an alert.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such alert, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn save<R: AlertRoom>(
    access: SiteAccess<R>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    fields: Form<Fields>,
) -> Result<HttpResponse> {
    let (target, scope, fields) =
        (find(&app, &access, &path.1).await?, R::scope(&access)?, fields.into_inner());
    let kind = target.kind().ok_or(Error::Missing("kind of alert"))?;
    let (site, actor, open) = (access.site.clone(), access.actor.clone(), OpenSegments::new(&access));
    let alert = target.alert().cloned();
    let (of_site, known, shows_goals) =
        (site.clone(), alert.clone(), access.visibility().shows_conversions());
    let offers = app
        .view(move |reader| Offers::load(reader, &of_site, scope, known.as_ref(), (&open, shows_goals)))
        .await?;
    let before = alert.as_ref().map(|alert| &alert.settings);
    let saved = match AlertForm::read(kind, &fields).settings(&site, &offers.segments, before) {
        Ok(settings) => {
            let id = alert.map(|alert| alert.id);
            access
                .write(&app, move |tx| match id {
                    Some(id) => rules::change(tx, &actor, &site, scope, id, settings.clone()),
                    None => rules::add(tx, &actor, &site, scope, settings.clone()).map(drop),
                })
                .await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(form_state::done(&R::path(access.site.id), "saved")),
        Err(error) => {
            let refused = Some(error.problems()?);
            let page = Page { target, fields: Some(fields), shows_past: false, refused };
            page.answer(&app, &request, &access).await
        }
    }
}

/// The page with the form of an alert.
struct Page {
    target: Target,
    /// What was typed; `None` for a form that is opened.
    fields: Option<Fields>,
    /// True if it says what the alert would have told.
    shows_past: bool,
    /// The problems of a refused form.
    refused: Option<Vec<crate::error::Problem>>,
}

struct View {
    target: Target,
    /// The path of the list.
    list: String,
    /// The path of the form.
    own: String,
    is_own: bool,
    state: FormState<AlertForm>,
    preview: Preview,
    offers: Offers,
    zone: Zone,
    currency: String,
}

impl Page {
    async fn answer<R: AlertRoom>(
        self,
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<R>,
    ) -> Result<HttpResponse> {
        let (frame, scope) = (SiteFrameRequest::new(request, access)?, R::scope(access)?);
        let (open, site) = (OpenSegments::new(access), access.site.clone());
        let (known, of_site) = (self.target.alert().cloned(), site.clone());
        let shows_goals = access.visibility().shows_conversions();
        let loaded = app.view(move |reader| {
            let offers = Offers::load(reader, &of_site, scope, known.as_ref(), (&open, shows_goals))?;
            Ok((frame.load(reader, "Alerts", R::item())?, offers))
        });
        let ((frame, offers), list) = (loaded.await?, R::path(site.id));
        let Some(kind) = self.target.kind() else {
            return Ok(load::html(R::page(access, &frame, &draw_choice(&list, access.visibility()))));
        };
        let before = self.target.alert().map(|alert| &alert.settings);
        let form = match (&self.fields, before) {
            (Some(fields), _) => AlertForm::read(kind, fields),
            (None, Some(settings)) => {
                let form = AlertForm::from_settings(&site, settings, &offers.segments);
                AlertForm { by_mail: form.by_mail && !offers.has_ended_mail, ..form }
            }
            (None, None) => AlertForm::proposed(&site, kind, &offers.goal_ids),
        };
        let preview = if self.shows_past {
            let settings = form.settings(&site, &offers.segments, before);
            let asks = requester::person(app, request, &access.user);
            Preview::load(app, site.clone(), scope, settings, asks).await?
        } else {
            Preview::None
        };
        let state = match self.refused {
            Some(problems) => FormState::refused(form, problems),
            None => FormState::new(form),
        };
        let name = match &self.target {
            Target::Known(alert) => alert.id.to_string(),
            _ => format!("new-{}", kind.name()),
        };
        let view = View {
            target: self.target,
            own: format!("{list}/{name}"),
            list,
            is_own: R::IS_OWN,
            state,
            preview,
            offers,
            zone: site.zone.clone(),
            currency: site.currency.to_string(),
        };
        Ok(view.state.response(R::page(access, &frame, &view.draw())))
    }
}

/// Renders the choice of a kind, of those that the person may see.
fn draw_choice(list: &str, visibility: &Visibility) -> Markup {
    let about = |kind: AlertKind| match kind {
        AlertKind::Spike => "Far more visits than at this time in the last four weeks.",
        AlertKind::Drop => "Far fewer visits than at this time in the last four weeks.",
        AlertKind::Online => "Many visitors at once.",
        AlertKind::Goal => "Each conversion, the first one of a day, or more than a number.",
        AlertKind::Revenue => "More than an amount in a day.",
        AlertKind::Referrer => "A site that never sent visitors before sends many.",
        AlertKind::NotFound => "Visitors follow broken links.",
        AlertKind::Outage => "A page can't be reached, and when it's up again. Set up uptime checks first.",
        AlertKind::Certificate => "Visitors would see a warning soon. Set up uptime checks first.",
        AlertKind::Silence => "Nothing is counted: is the page code still there?",
    };
    let kinds = AlertKind::VARIANTS.iter().copied().filter(|kind| rights::shows_kind(visibility, *kind));
    html! {
        p.crumbs { a href=(list) { "← All alerts" } }
        h2 { "What should we watch?" }
        ul.plain.rows {
            @for kind in kinds {
                li { div { a href={ (list) "/new-" (kind.name()) } { (kind.title()) } p.quiet { (about(kind)) } } }
            }
        }
    }
}

impl View {
    fn draw(&self) -> Markup {
        let form = &self.state.form;
        let check = format!("{}/check", self.own);
        html! {
            p.crumbs { a href=(self.list) { "← All alerts" } }
            h2 { @match &self.offers.description { Some(description) => (description), None => (form.kind.title()) } }
            @if let Some(Alert { stopped: Some((_, because)), .. }) = self.target.alert() {
                p.problem { "This alert stopped. " (because) " Save it to turn it on again." }
            }
            (self.state.refusal("Nothing was saved yet: see the notes below."))
            @for problem in self.state.problems.iter().filter(|problem| problem.field == "kind") { p.problem role="alert" { (problem.sentence) } }
            form.settings method="post" action=(self.own) {
                (self.numbers())
                (self.narrowing())
                fieldset.choices {
                    legend { "How we tell " @if self.is_own { "you" } @else { "people" } }
                    p.help { @if self.is_own { "It's always in your list of alerts, behind the bell." } @else { "Everyone with access who may see these numbers finds it behind the bell. Each person can turn off the mail." } }
                    (field::switch("by_mail", "By mail", Some("To confirmed e-mail addresses only."), form.by_mail))
                    @if !self.offers.has_mailbox { p.problem { "Your e-mail address isn't confirmed, so you won't get mail. " a href="/account/profile" { "Confirm it" } } }
                    @if form.kind.can_end() { (field::switch("tells_end", "Also when it's back to normal", None, form.tells_end)) }
                    (self.webhooks())
                }
                div.goal-preview {
                    div id="alert-preview" role="status" hx-post=(check) hx-trigger="input delay:400ms from:closest form" hx-select="#alert-preview > *" hx-target="this" hx-swap="innerHTML" hx-sync="this:replace" { (self.preview.draw()) }
                    button type="submit" formaction={ (check) "#alert-preview" } formnovalidate { "Check" }
                }
                div.buttons {
                    button.primary type="submit" { "Save alert" }
                    a.button href=(self.list) { "Cancel" }
                }
            }
            @if self.target.alert().is_some() { (history::draw(&self.offers.events, &self.zone)) }
        }
    }

    /// Renders the fields that say from which number on it is told.
    fn numbers(&self) -> Markup {
        let (form, problems) = (&self.state.form, self.state.problems.as_slice());
        let number = |name: &'static str, label: &'static str, value: &str, help: Option<&'static str>| {
            let field =
                Field { name, label, kind: "text", value, autocomplete: "off", help, is_required: true };
            html! { div.amount { (field::input(&field, problems)) } }
        };
        let goals: Vec<(&str, &str)> =
            self.offers.goals.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
        let modes = [
            Choice { value: GoalMode::Each.name(), label: "Each time it's reached", help: None },
            Choice { value: GoalMode::First.name(), label: "The first time each day", help: None },
            Choice {
                value: GoalMode::Over.name(),
                label: "When it's reached more often in a day than",
                help: None,
            },
        ];
        html! {
            @if form.kind == AlertKind::Goal {
                @if goals.is_empty() {
                    p.problem { "This site has no goals yet. Set one up first." }
                }
                (field::select("goal", "Goal", goals.iter().copied(), &form.goal, problems))
                (field::choices("mode", "Tell", &modes, &form.mode))
                (number("threshold", "Conversions a day", &form.threshold, Some("Only for the last choice.")))
            } @else {
                @match form.kind {
                    AlertKind::Spike => (number("percent", "Percent more visits than usual", &form.percent, Some("100 means twice as many as at this time in the last four weeks."))),
                    AlertKind::Drop => (number("percent", "Percent fewer visits than usual", &form.percent, Some("80 means a fifth of what came at this time in the last four weeks."))),
                    _ => {},
                }
                @if let Some(label) = form.kind.threshold_label() {
                    (number("threshold", label, &form.threshold, None))
                    @if form.kind == AlertKind::Revenue { p.help { "In " (self.currency) "." } }
                }
                @if form.kind == AlertKind::Revenue && !goals.is_empty() {
                    (field::select("goal", "Revenue of", std::iter::once(("", "All goals")).chain(goals.iter().copied()), &form.goal, problems))
                }
            }
        }
    }

    /// Renders the choice of a segment.
    fn narrowing(&self) -> Markup {
        let form = &self.state.form;
        let ids: Vec<(String, &str)> = self
            .offers
            .segments
            .iter()
            .map(|segment| (segment.id.to_string(), segment.name.as_str()))
            .collect();
        let before = (form.segment == AS_BEFORE).then_some((AS_BEFORE, "The filters it has now"));
        let options = std::iter::once(("", "All visits"))
            .chain(before)
            .chain(ids.iter().map(|(id, name)| (id.as_str(), *name)));
        let problem = field::problem(&self.state.problems, "segment");
        html! {
            @if form.kind.takes_segment() && (!ids.is_empty() || before.is_some()) {
                (field::select("segment", "Visits", options, &form.segment, &self.state.problems))
            } @else if let Some(sentence) = problem { p.problem role="alert" { (sentence) } }
        }
    }

    fn webhooks(&self) -> Markup {
        let chosen = |webhook: &Webhook| self.state.form.webhooks.contains(&webhook.id.to_string());
        html! {
            @if !self.is_own && self.offers.webhooks.is_empty() { p.help { "To tell other programs, such as Slack, add a webhook under Webhooks first." } }
            @for webhook in &self.offers.webhooks {
                @let id = format!("webhook-{}", webhook.id);
                div.choice-line {
                    input type="checkbox" id=(id) name="webhook" value=(webhook.id) checked[chosen(webhook)];
                    label for=(id) { "Webhook “" (webhook.settings.name) "”" }
                }
            }
            @if let Some(sentence) = field::problem(&self.state.problems, "webhooks") { p.problem role="alert" { (sentence) } }
        }
    }
}
