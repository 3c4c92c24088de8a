//! The months of an account as parts of pages and as CSV. A bill holds only what its reader may see.

use crate::accounts::billing::bill::Bill;
use crate::error::{Error, Result};
use crate::http::csv_file::{self, CsvFile};
use crate::model::clock::Zone;
use crate::model::month::Month;
use crate::web::ui::format;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// Returns the bill of the month in an address.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such month.
pub fn for_month(bills: Vec<Bill>, name: &str) -> Result<Bill> {
    let month = Month::parse(name);
    bills.into_iter().find(|bill| Some(bill.month) == month).ok_or(Error::Missing("statement"))
}

/// Returns the file name of a month's statement; `prefix` stands before the month.
pub fn file_name(bill: &Bill, prefix: &str) -> String {
    format!("statement-{prefix}{}.csv", bill.month)
}

/// Returns a month's statement as a CSV response.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad option of the file, and with `Error::Internal` when it cannot be written.
pub fn file(bill: &Bill, name: &str, request: &HttpRequest) -> Result<HttpResponse> {
    let names =
        ["month", "state", "plan", "price", "currency", "included", "contact", "site", "actions", "over"];
    let mut file = CsvFile::with_head(csv_file::CsvReader::from_request(request)?, &names)?;
    let total = ("All sites", bill.actions, bill.over().to_string());
    let rows = bill.rows.iter().map(|row| (row.name.as_str(), row.actions, String::new()));
    for (site, actions, over) in rows.chain([total]) {
        file.row([
            bill.month.to_string(),
            if bill.closed_at.is_some() { "closed" } else { "open" }.into(),
            bill.plan.clone(),
            bill.price.amount(),
            bill.price.currency.clone(),
            bill.actions_max.map_or_else(|| "unlimited".into(), |most| most.to_string()),
            bill.contact.clone().unwrap_or_default(),
            site.into(),
            actions.to_string(),
            over,
        ])?;
    }
    Ok(csv_file::file(name).body(file.finish()?))
}

/// Returns the number of included actions as text.
pub fn included(actions_max: Option<i64>) -> String {
    match actions_max {
        Some(1) => "1 action a month".into(),
        Some(most) => format!("{} actions a month", format::grouped(most)),
        None => "any number of actions".into(),
    }
}

/// Renders the price and what it includes.
pub fn facts(bill: &Bill) -> Markup {
    html! {
        dt { "Plan" } dd { (bill.plan) }
        dt { "Price" } dd { (bill.price) " a month" }
        dt { "Included" } dd { (included(bill.actions_max)) }
        @if let Some(contact) = &bill.contact { dt { "Billing contact" } dd { (contact) } }
    }
}

/// Renders the used actions as a bar; nothing for a plan without a limit.
pub fn meter(actions: i64, actions_max: Option<i64>) -> Markup {
    html! {
        @if let Some(most) = actions_max {
            meter min="0" max=(most.max(actions).max(1)) high=(most) optimum="0" value=(actions)
                aria-label="Actions against what the plan includes" { (actions) " of " (most) }
        }
    }
}

/// Renders the used actions as a sentence.
fn sentence(bill: &Bill) -> Markup {
    let (actions, over) = (format::grouped(bill.actions), format::grouped(bill.over()));
    html! {
        @match bill.actions_max {
            None => { b { (actions) } " actions. The plan includes any number." }
            Some(most) if bill.over() > 0 => {
                b.over { "Over the plan: " } b { (actions) } " actions, " (over) " more than the " (format::grouped(most)) " that it includes."
            }
            Some(most) => {
                b { (actions) } " of " (format::grouped(most)) " actions, " (percent(bill.actions, most)) " % of what the plan includes."
            }
        }
    }
}

fn percent(part: i64, whole: i64) -> i64 {
    part.saturating_mul(100) / whole.max(1)
}

/// Renders the actions of each site, and their total.
pub fn usage(bill: &Bill) -> Markup {
    html! {
        p { (sentence(bill)) }
        (meter(bill.actions, bill.actions_max))
        table.list.bill {
            thead { tr { th scope="col" { "Site" } th.number scope="col" { "Actions" } th.wide scope="col" { "Share of the month" } } }
            tbody {
                @for row in &bill.rows {
                    tr {
                        td { (row.name) }
                        td.number { (format::grouped(row.actions)) }
                        td.wide { meter min="0" max=(bill.actions.max(1)) value=(row.actions) aria-label="Share of the month's actions" { (percent(row.actions, bill.actions)) " %" } }
                    }
                }
                @if bill.rows.is_empty() { tr { td colspan="3" { span.quiet { "No site belonged to the account." } } } }
            }
            tfoot { tr { th scope="row" { "All sites" } td.number { (format::grouped(bill.actions)) } td.wide {} } }
        }
    }
}

/// Renders the rule of when a month closes, and which actions count.
pub fn rule() -> Markup {
    html! {
        p.help { "A month is closed two days after its end. From then on nothing changes its statement. A site counts for whoever owns it when the month is closed: one that is deleted or given away before does not count." }
    }
}

/// Renders the months, the newest first, with links to the page and file of each below a path.
pub fn list(bills: &[Bill], path: &str) -> Markup {
    html! {
        table.list.bills {
            thead {
                tr {
                    th scope="col" { "Month" } th.wide scope="col" { "Plan" } th.number scope="col" { "Price" }
                    th.number scope="col" { "Actions" } th.number.wide scope="col" { "Included" } th.file scope="col" { span.hidden { "File" } }
                }
            }
            tbody {
                @for bill in bills {
                    @let page = format!("{path}/statements/{}", bill.month);
                    tr {
                        td { a href=(page) { (format::month_of_year(bill.month)) } (state(bill)) }
                        td.wide { (bill.plan) }
                        td.number { (bill.price) }
                        td.number { (format::grouped(bill.actions)) }
                        td.number.wide { (bill.actions_max.map_or_else(|| "any number".to_owned(), format::grouped)) }
                        td.file { a href={ (page) ".csv?bom=1" } { "CSV" } }
                    }
                }
            }
        }
        (rule())
    }
}

/// Renders how a month differs from an ordinary one.
fn state(bill: &Bill) -> Markup {
    html! {
        @if bill.closed_at.is_none() { " " span.tag.quiet-tag { "so far" } }
        @if bill.over() > 0 { " " span.tag.over { "over the plan" } }
    }
}

/// Renders one month's statement.
pub fn statement(bill: &Bill, path: &str) -> Markup {
    html! {
        p { a href=(path) { "← All months" } }
        section {
            h2 { (format::month_of_year(bill.month)) (state(bill)) }
            p {
                @match bill.closed_at {
                    Some(at) => { "Closed on " (format::day(Zone::utc().day(at))) ". Nothing changes it any more." }
                    None => { "This month is not closed yet: the numbers are as of now." }
                }
            }
            dl.facts { (facts(bill)) }
            (usage(bill))
            p { a.button href={ (path) "/statements/" (bill.month) ".csv?bom=1" } { "Download as CSV" } }
            (rule())
        }
    }
}
