//! Account → Billing → one sub-account: its parent sets its plan and sees its months. No other user gets here, and
//! neither does a parent who acts for the sub-account: notes are for the one who sets the plan.

use super::{PATH, bills};
use crate::access::capability::ManageSubAccounts;
use crate::accounts::billing::bill::Bill;
use crate::accounts::billing::plan::{self, PlanForm};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::AccountAccess;
use crate::model::id::UserId;
use crate::model::month::Month;
use crate::store::plans::{self, Plan};
use crate::store::sub_accounts;
use crate::store::users::{self, User};
use crate::web::account::page as tabbed;
use crate::web::account::statement;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::ui::field::{self, Field};
use crate::web::ui::format;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The values of the plan form, as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SubAccountPlanForm {
    name: String,
    price: String,
    currency: String,
    actions: String,
    contact: String,
    notes: String,
    sites: String,
}

impl SubAccountPlanForm {
    /// Returns the stored plan as form values; the user's e-mail address as contact if there is no plan yet.
    fn from_plan(user: &User, plan: Option<&Plan>, sites_max: Option<i64>) -> Self {
        let form = plan.map_or_else(
            || PlanForm { contact: user.email.clone(), ..PlanForm::default() },
            PlanForm::from_plan,
        );
        let PlanForm { name, price, currency, actions, contact, notes } = form;
        let sites = sites_max.map(|most| most.to_string()).unwrap_or_default();
        Self { name, price, currency, actions, contact, notes, sites }
    }

    /// Returns the plan and the limit of sites, or all problems of the form.
    fn check(&self) -> Result<(Plan, Option<i64>)> {
        let form = PlanForm {
            name: self.name.clone(),
            price: self.price.clone(),
            currency: self.currency.clone(),
            actions: self.actions.clone(),
            contact: self.contact.clone(),
            notes: self.notes.clone(),
        };
        match (form.check(), plan::sites_max(&self.sites)) {
            (Ok(plan), Ok(sites_max)) => Ok((plan, sites_max)),
            (plan, sites_max) => {
                let problems = [plan.err(), sites_max.err()].into_iter().flatten().map(Error::problems);
                Err(Error::Invalid(problems.collect::<Result<Vec<_>>>()?.concat()))
            }
        }
    }
}

struct View {
    user: User,
    has_plan: bool,
    state: FormState<SubAccountPlanForm>,
    /// The months since the plan began, the newest first.
    bills: Vec<Bill>,
}

impl View {
    fn path(&self) -> String {
        path(self.user.id)
    }
}

fn path(user: UserId) -> String {
    format!("{PATH}/{user}")
}

/// `GET /account/billing/{user}`: shows the plan and the months of a sub-account.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user is not a sub-account of the caller, and when the data file cannot be
/// read.
pub async fn show(
    account: AccountAccess<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    child: Path<String>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [("saved", "Saved. It holds from this month on; closed months stay as they are.")];
    answer(&app, &request, &account, &child, FormState::opened(None, &params, &notices)).await
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &AccountAccess<ManageSubAccounts>,
    child: &str,
    state: FormState<Option<SubAccountPlanForm>>,
) -> Result<HttpResponse> {
    let (parent, child) = (account.user.user, child_id(child));
    let (user, stored, bills) = app
        .view(move |snapshot| {
            let user = sub_accounts::get(snapshot.connection, parent, child)?;
            let plan = plans::find(snapshot.connection, child, Month::current(snapshot.now))?;
            let sites_max = users::sites_max(snapshot.connection, child)?;
            let stored = SubAccountPlanForm::from_plan(&user, plan.as_ref(), sites_max);
            Ok((user, (plan.is_some(), stored), bills(snapshot, child)?))
        })
        .await?;
    let frame = load::frame(app, request, &account.user, "Billing").await?;
    let view = View { user, has_plan: stored.0, state: state.or(stored.1), bills };
    Ok(view.state.response(page(&frame, &view)))
}

/// Parses a user ID; 0, which no user has, if it is none.
fn child_id(child: &str) -> UserId {
    UserId::parse(child).unwrap_or(UserId(0))
}

/// `POST /account/billing/{user}`: sets the plan of a sub-account from this month on.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user is not a sub-account of the caller, when the sign-in has ended, and when
/// the data file cannot be written.
pub async fn change(
    account: AccountAccess<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    child: Path<String>,
    form: Form<SubAccountPlanForm>,
) -> Result<HttpResponse> {
    let (parent, user, month) = (account.user.user, child_id(&child), Month::current(app.clock.now()));
    let (plan, sites_max) = match form.check() {
        Ok(checked) => checked,
        Err(error) => {
            let state = FormState::refused(Some(form.into_inner()), error.problems()?);
            return answer(&app, &request, &account, &child, state).await;
        }
    };
    account
        .write(&app, move |tx| {
            sub_accounts::get(tx, parent, user)?;
            plan::set(tx, user, month, &plan, sites_max)
        })
        .await?;
    Ok(form_state::done(&path(user), "saved"))
}

/// Returns a sub-account and its bill for the month in an address.
async fn bill_of(
    app: &Data<App>,
    account: &AccountAccess<ManageSubAccounts>,
    address: Path<(String, String)>,
) -> Result<(User, Bill)> {
    let parent = account.user.user;
    app.view(move |snapshot| {
        let user = sub_accounts::get(snapshot.connection, parent, child_id(&address.0))?;
        let bill = statement::for_month(bills(snapshot, user.id)?, &address.1)?;
        Ok((user, bill))
    })
    .await
}

/// `GET /account/billing/{user}/statements/{month}`: shows a month's statement of a sub-account.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such sub-account or month, and when the data file cannot be read.
pub async fn statement(
    account: AccountAccess<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    address: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (user, bill) = bill_of(&app, &account, address).await?;
    let frame = load::frame(&app, &request, &account.user, "Billing").await?;
    let content = html! {
        p { "Sub-account " b { (user.username) } }
        (statement::statement(&bill, &path(user.id)))
    };
    Ok(load::html(tabbed(&frame, PATH, &content)))
}

/// `GET /account/billing/{user}/statements/{month}.csv`: returns a month's statement of a sub-account as CSV.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such sub-account or month, with `Error::Invalid` for a bad option of
/// the file, and when the data file cannot be read.
pub async fn file(
    account: AccountAccess<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    address: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (user, bill) = bill_of(&app, &account, address).await?;
    statement::file(&bill, &statement::file_name(&bill, &format!("{}-", user.id)), &request)
}

fn page(frame: &Frame, view: &View) -> Markup {
    tabbed(
        frame,
        PATH,
        &html! {
            p { a href={ (PATH) "#sub-accounts" } { "← All sub-accounts" } }
            (view.state.notice())
            section {
                h2 { "Plan of " (view.user.username) }
                @if !view.has_plan { p { "There is no plan yet. From the month in which you set one, every month is counted and closed." } }
                (form(view))
            }
            @if let Some(now) = view.bills.first() {
                section { h2 { (format::month_of_year(now.month)) " so far" } (statement::usage(now)) }
                section { h2 { "Months" } (statement::list(&view.bills, &view.path())) }
            }
        },
    )
}

fn form(view: &View) -> Markup {
    let (form, problems) = (&view.state.form, &view.state.problems);
    let text = |name: &'static str, label: &'static str, value: &str, help: Option<&'static str>, needed| {
        let field =
            Field { name, label, kind: "text", value, autocomplete: "off", help, is_required: needed };
        field::input(&field, problems)
    };
    let notes = html! { "For you alone: the sub-account never sees them." };
    html! {
        form.settings method="post" action=(view.path()) {
            (text("name", "Name of the plan", &form.name, None, true))
            div.field-pair {
                (text("price", "Price a month", &form.price, Some("Such as 19 or 19.50."), true))
                (text("currency", "Currency", &form.currency, Some("Three letters, such as EUR."), true))
            }
            div.field-pair {
                (text("actions", "Included actions a month", &form.actions, Some("Empty: any number. Nothing stops when there are more: the statement says so."), false))
                (text("sites", "Sites they may own", &form.sites, Some("Empty: any number. Those there are stay."), false))
            }
            (text("contact", "Billing contact", &form.contact, Some("To whom the bill goes. The sub-account sees it."), false))
            (field::lines("notes", "Notes", &form.notes, &notes, problems))
            button.primary type="submit" { "Save the plan" }
            p.help { "It holds from this month on. Closed months stay as they are." }
        }
    }
}
