//! Preferences → Public access: guest links, which show chosen reports to whoever has the address. Whatever is changed
//! here holds for the very next request.

mod page;

pub use page::only;

use super::{Tabs, view_only};
use crate::access::capability::ManageGuestLinks;
use crate::access::guest_links::{self, Change, Password};
use crate::access::{account, embedding};
use crate::app::App;
use crate::clock::{Timestamp, Zone};
use crate::error::{Error, Problem, Result};
use crate::http::client;
use crate::http::entry::Entry;
use crate::http::reply::see_other;
use crate::id::{LinkId, SiteId, Token};
use crate::reports::catalogue;
use crate::reports::view::View as Seen;
use crate::reports::wanted::{self, Operator, Wanted};
use crate::store::links::{self, Choice, Link};
use crate::store::segments::Segment;
use crate::web::asked::Asked;
use crate::web::chips;
use crate::web::frame::Place;
use crate::web::shell;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};

/// The form's fields, of which `report` comes once for every report that is chosen.
type Fields = Form<Vec<(String, String)>>;

/// A link as somebody typed it.
struct Typed {
    name: String,
    expires: String,
    embed_origins: String,
    /// The link has a password, or is to have one.
    has_password: bool,
    is_white_label: bool,
    /// The conditions that it keeps, each as an address has it.
    kept: Vec<String>,
    /// Conditions as they were typed: what is compared, how, and with what.
    added: Vec<[String; 3]>,
    /// The segment whose conditions are copied.
    copied: String,
    seen: Seen,
}

/// Rows of the form in which conditions are typed.
const CONDITION_ROWS: usize = 3;

impl Typed {
    /// What a new link begins with.
    fn new() -> Self {
        Self {
            name: String::new(),
            expires: String::new(),
            embed_origins: String::new(),
            has_password: false,
            is_white_label: false,
            kept: Vec::new(),
            added: Vec::new(),
            copied: String::new(),
            seen: Seen::usual(),
        }
    }

    fn of(link: &Link, zone: &Zone) -> Self {
        // A link ends with a day: the last one is that of the moment before.
        let last = link.expires_at.map(|end| zone.day(Timestamp(end.0 - 1)).to_string());
        Self {
            name: link.name.clone(),
            expires: last.unwrap_or_default(),
            embed_origins: link.embed_origins.join("\n"),
            has_password: link.password.is_some(),
            is_white_label: link.is_white_label,
            kept: conditions(link.segment.as_deref().unwrap_or_default()),
            added: Vec::new(),
            copied: String::new(),
            seen: Seen::read(Some(&link.view)),
        }
    }

    fn read(fields: &[(String, String)]) -> Self {
        Self {
            name: value(fields, "name").trim().to_owned(),
            expires: value(fields, "expires").trim().to_owned(),
            embed_origins: value(fields, "embed_origins").to_owned(),
            has_password: !value(fields, "has_password").is_empty(),
            is_white_label: !value(fields, "white_label").is_empty(),
            kept: values(fields, "condition"),
            added: (0..CONDITION_ROWS)
                .map(|row| added(fields, row))
                .filter(|[.., value]| !value.is_empty())
                .collect(),
            copied: value(fields, "segment").to_owned(),
            seen: view_only::read(fields),
        }
    }

    /// The conditions that are meant: those that were there, those of a segment, and those that were typed.
    fn segment(&self, known: &[(Segment, Vec<Wanted>)]) -> Result<Vec<Wanted>> {
        let mut meant = Vec::new();
        for kept in &self.kept {
            meant.extend(wanted::read(kept)?);
        }
        let copied = known.iter().find(|(segment, _)| segment.id.to_string() == self.copied);
        meant.extend(copied.into_iter().flat_map(|(_, conditions)| conditions.clone()));
        for [filter, test, value] in &self.added {
            let parts = catalogue::dimension_of_filter(filter).zip(Operator::find(test));
            let (dimension, operator) =
                parts.ok_or_else(|| Error::invalid("segment", "Choose what to filter by."))?;
            meant.push(Wanted::typed(dimension, operator, value)?);
        }
        let mut once: Vec<Wanted> = Vec::new();
        for condition in meant {
            if !once.contains(&condition) {
                once.push(condition);
            }
        }
        wanted::check(&once)?;
        Ok(once)
    }

    /// What is meant, or everything that is wrong with it.
    fn check(&self, zone: &Zone, now: Timestamp, known: &[(Segment, Vec<Wanted>)]) -> Result<Choice> {
        let mut problems = Vec::new();
        if let Err(error) = guest_links::check_name(&self.name) {
            problems.extend(error.problems()?);
        }
        let expires_at = match account::last_day(&self.expires, zone, now) {
            Ok(end) => end,
            Err(error) => {
                problems.extend(error.problems()?);
                None
            }
        };
        let embed_origins = match embedding::origins(&self.embed_origins) {
            Ok(origins) => origins,
            Err(error) => {
                problems.extend(error.problems()?);
                Vec::new()
            }
        };
        let segment = match self.segment(known) {
            Ok(conditions) => wanted::write(&conditions),
            Err(error) => {
                let told = error.problems()?.into_iter();
                problems.extend(told.map(|problem| Problem { field: "segment", ..problem }));
                String::new()
            }
        };
        problems.extend(view_only::problem(&self.seen));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Choice {
            name: self.name.clone(),
            expires_at,
            view: self.seen.store(),
            embed_origins,
            is_white_label: self.is_white_label,
            segment: Some(segment).filter(|text| !text.is_empty()),
        })
    }
}

fn value<'a>(fields: &'a [(String, String)], wanted: &str) -> &'a str {
    fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
}

fn values(fields: &[(String, String)], wanted: &str) -> Vec<String> {
    fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).collect()
}

/// What was typed in one row of conditions.
fn added(fields: &[(String, String)], row: usize) -> [String; 3] {
    ["filter", "test", "value"].map(|part| value(fields, &format!("{part}-{row}")).trim().to_owned())
}

/// Conditions one by one, each as an address has it.
fn conditions(text: &str) -> Vec<String> {
    let read = wanted::read(text).unwrap_or_default();
    read.iter().map(|condition| wanted::write(std::slice::from_ref(condition))).collect()
}

struct View {
    tabs: Tabs,
    path: String,
    origin: String,
    zone: Zone,
    now: Timestamp,
    links: Vec<Link>,
    notice: Option<&'static str>,
    /// A link that was enabled opens nothing all the same.
    has_run_out: bool,
}

struct FormView {
    tabs: Tabs,
    path: String,
    /// The link that is changed; none: a new one.
    link: Option<Link>,
    typed: Typed,
    /// The segments whose conditions may be copied.
    segments: Vec<(Segment, Vec<Wanted>)>,
    problems: Vec<Problem>,
}

/// `GET /sites/{site}/preferences/public-access`
pub async fn show(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    asked: Asked,
) -> Result<HttpResponse> {
    let frame = shell::site_frame(&app, &request, &entry, ("Public access", Place::Preferences)).await?;
    let site = entry.site.id;
    let notice = match asked.get("done") {
        Some("made") => Some("The link is made. Whoever has its address sees what you chose."),
        Some("saved") => Some("Saved. It holds from the next look on."),
        Some("disabled") => Some("The link opens nothing now, also not in pages that are open."),
        Some("enabled") => Some("The link opens again."),
        Some("renewed") => Some("The link has a new address. The old one opens nothing any more."),
        Some("removed") => Some("The link is removed."),
        Some("gone") => Some("That link was removed already."),
        _ => None,
    };
    let view = View {
        tabs: Tabs::of(&entry, "public-access"),
        path: Tabs::path(site, "public-access"),
        origin: client::origin(&request, &app.config),
        zone: entry.site.zone.clone(),
        now: app.clock.now(),
        links: app.read(move |connection| links::list(connection, site)).await?,
        notice,
        has_run_out: asked.get("done") == Some("run-out"),
    };
    Ok(shell::html(page::list(&frame, &view)))
}

/// The link that an address names; none for a new one.
async fn named(app: &Data<App>, site: SiteId, name: &str) -> Result<Option<Link>> {
    if name == "new" {
        return Ok(None);
    }
    let id = LinkId::parse(name).ok_or(Error::Missing("link"))?;
    app.read(move |connection| links::get(connection, site, id)).await.map(Some)
}

/// `GET /sites/{site}/preferences/public-access/{link}`
pub async fn edit(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let link = named(&app, entry.site.id, &path.1).await?;
    let typed = link.as_ref().map_or_else(Typed::new, |link| Typed::of(link, &entry.site.zone));
    form(&app, &request, &entry, (link, typed, Vec::new())).await
}

async fn form(
    app: &Data<App>,
    request: &HttpRequest,
    entry: &Entry<ManageGuestLinks>,
    (link, typed, problems): (Option<Link>, Typed, Vec<Problem>),
) -> Result<HttpResponse> {
    let frame = shell::site_frame(app, request, entry, ("Guest link", Place::Preferences)).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (tabs, path) = (Tabs::of(entry, "public-access"), Tabs::path(entry.site.id, "public-access"));
    let segments = chips::open_segments(app, entry).await?;
    let view = FormView { tabs, path, link, typed, segments, problems };
    Ok(shell::html_with(status, page::form(&frame, &view)))
}

/// `POST /sites/{site}/preferences/public-access/{link}`
pub async fn save(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    (path, fields): (Path<(String, String)>, Fields),
) -> Result<HttpResponse> {
    let (site, now) = (entry.site.id, app.clock.now());
    let link = named(&app, site, &path.1).await?;
    let (typed, secret) = (Typed::read(&fields), value(&fields, "password").to_owned());
    let has_one = link.as_ref().is_some_and(|link| link.password.is_some());
    let mut problems = Vec::new();
    let known = chips::open_segments(&app, &entry).await?;
    let choice = match typed.check(&entry.site.zone, now, &known) {
        Ok(choice) => Some(choice),
        Err(error) => {
            problems = error.problems()?;
            None
        }
    };
    let needs_new = typed.has_password && (!has_one || !secret.is_empty());
    let wrong = account::password(&secret).filter(|_| needs_new);
    problems.extend(wrong.map(|sentence| Problem { field: "password", sentence: sentence.into() }));
    let Some(choice) = choice.filter(|_| problems.is_empty()) else {
        return form(&app, &request, &entry, (link, typed, problems)).await;
    };
    let hash = if needs_new { Some(app.hash_password(secret).await?) } else { None };
    let password = match (hash, typed.has_password) {
        (Some(hash), _) => Password::New(hash),
        (None, true) => Password::Kept,
        (None, false) => Password::None,
    };
    let (hand, user, token) = (entry.hand.clone(), entry.user.user, Token::generate()?);
    let id = link.as_ref().map(|link| link.id);
    let saved = entry
        .write(&app, move |tx| match (id, &password) {
            (Some(id), password) => guest_links::save(tx, &hand, (site, id), (&choice, password)),
            (None, Password::New(hash)) => {
                guest_links::make(tx, (&hand, Some(user)), (site, &token), (&choice, Some(hash))).map(drop)
            }
            (None, _) => {
                guest_links::make(tx, (&hand, Some(user)), (site, &token), (&choice, None)).map(drop)
            }
        })
        .await;
    match saved {
        Err(Error::Invalid(problems)) => form(&app, &request, &entry, (link, typed, problems)).await,
        saved => back(site, saved, if id.is_some() { "saved" } else { "made" }),
    }
}

/// `POST /sites/{site}/preferences/public-access/{link}/disable`
pub async fn disable(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&entry, &app, &path, (Change::Disable, "disabled")).await
}

/// `POST /sites/{site}/preferences/public-access/{link}/enable`
pub async fn enable(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&entry, &app, &path, (Change::Enable, "enabled")).await
}

/// `POST /sites/{site}/preferences/public-access/{link}/renew`
pub async fn renew(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&entry, &app, &path, (Change::Renew(Token::generate()?), "renewed")).await
}

/// `POST /sites/{site}/preferences/public-access/{link}/remove`
pub async fn remove(
    entry: Entry<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&entry, &app, &path, (Change::Remove, "removed")).await
}

async fn change(
    entry: &Entry<ManageGuestLinks>,
    app: &Data<App>,
    path: &Path<(String, String)>,
    (change, done): (Change, &str),
) -> Result<HttpResponse> {
    // No link has the number 0.
    let (hand, link) = (entry.hand.clone(), (entry.site.id, LinkId::parse(&path.1).unwrap_or(LinkId(0))));
    let changed = entry.write(app, move |tx| guest_links::change(tx, &hand, link, &change)).await;
    let done = if done == "enabled" && matches!(changed, Ok(true)) { "run-out" } else { done };
    back(entry.site.id, changed.map(drop), done)
}

/// Back to the list; what somebody else removed meanwhile is no fault of whoever asks for it.
fn back(site: SiteId, outcome: Result<()>, done: &str) -> Result<HttpResponse> {
    let done = match outcome {
        Ok(()) => done,
        Err(Error::Missing(_)) => "gone",
        Err(error) => return Err(error),
    };
    Ok(see_other(&format!("{}?done={done}", Tabs::path(site, "public-access"))))
}
