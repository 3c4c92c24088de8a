//! The plan of a user: its rules and its change.

use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::id::UserId;
use crate::model::money::{self, Price};
use crate::model::month::Month;
use crate::store::plans::{self, Plan, Terms};
use crate::store::users;
use rusqlite::Transaction;

/// The input that means any number.
pub const UNLIMITED: &str = "unlimited";

/// The input for a plan, not yet checked.
#[derive(Clone, Debug, Default)]
pub struct PlanForm {
    /// The name of the plan.
    pub name: String,
    /// The price a month, such as `19.00`.
    pub price: String,
    /// The currency, such as `EUR`.
    pub currency: String,
    /// The number of actions included in a month; empty or [`UNLIMITED`] for any number.
    pub actions: String,
    /// The billing contact.
    pub contact: String,
    /// The private notes of the person who sets the plan.
    pub notes: String,
}

impl PlanForm {
    /// Returns the input that describes a plan.
    pub fn from_plan(plan: &Plan) -> Self {
        let terms = &plan.terms;
        Self {
            name: terms.name.clone(),
            price: terms.price.amount(),
            currency: terms.price.currency.clone(),
            actions: terms.actions_max.map(|most| most.to_string()).unwrap_or_default(),
            contact: terms.contact.clone(),
            notes: plan.notes.clone(),
        }
    }

    /// Returns the plan that the input describes.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which names every problem of the fields.
    pub fn check(&self) -> Result<Plan> {
        let mut problems = Vec::new();
        let mut refuse =
            |field: &'static str, sentence: String| problems.push(Problem { field: field.into(), sentence });
        let name = self.name.trim();
        if !is_line(name, 1..=limits::PLAN_NAME_CHARS_MAX) {
            let most = limits::PLAN_NAME_CHARS_MAX;
            refuse("name", format!("Give the plan a name of 1 to {most} characters."));
        }
        let hundredths = money::hundredths(self.price.trim()).unwrap_or_else(|| {
            refuse("price", "Write the price of a month as a number such as 19 or 19.50.".into());
            0
        });
        let currency = money::currency(self.currency.trim()).unwrap_or_else(|| {
            refuse("currency", "Write the currency as three letters, such as EUR or USD.".into());
            String::new()
        });
        let actions_max = number(&self.actions, limits::PLAN_ACTIONS_MAX).unwrap_or_else(|NoNumber| {
            let sentence = "Write the actions included in a month as digits, such as 50000, or unlimited.";
            refuse("actions", sentence.into());
            None
        });
        let contact = self.contact.trim();
        if !is_line(contact, 0..=limits::PLAN_CONTACT_CHARS_MAX) {
            let most = limits::PLAN_CONTACT_CHARS_MAX;
            refuse("contact", format!("Keep the billing contact to {most} characters in one line."));
        }
        let notes = self.notes.trim();
        if notes.chars().count() > limits::PLAN_NOTES_CHARS_MAX || notes.contains('\0') {
            refuse("notes", format!("Keep the notes to {} characters.", limits::PLAN_NOTES_CHARS_MAX));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let price = Price { hundredths, currency };
        let terms = Terms { name: name.to_owned(), price, actions_max, contact: contact.to_owned() };
        Ok(Plan { terms, notes: notes.to_owned() })
    }
}

/// Sets the plan of a user from a month on, and the most sites that they may own; `None` for any number.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn set(
    tx: &Transaction<'_>,
    user: UserId,
    month: Month,
    plan: &Plan,
    sites_max: Option<i64>,
) -> Result<()> {
    plans::set(tx, user, month, plan)?;
    allow_sites(tx, user, sites_max)
}

/// Sets the most sites that a user may own; `None` for any number.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn allow_sites(tx: &Transaction<'_>, user: UserId, sites_max: Option<i64>) -> Result<()> {
    users::update_sites_max(tx, user, sites_max)
}

/// Returns the largest number of sites of a user from input; `None` for any number.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the input is neither a number up to `PLAN_SITES_MAX` nor [`UNLIMITED`].
pub fn sites_max(text: &str) -> Result<Option<i64>> {
    number(text, limits::PLAN_SITES_MAX).map_err(|NoNumber| {
        Error::invalid("sites", "Write the number of sites as digits, such as 3, or unlimited.")
    })
}

fn is_line(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// The error for input that is neither a number within its limit nor [`UNLIMITED`].
struct NoNumber;

/// Parses a number within a limit; `None` for any number.
///
/// # Errors
///
/// Fails with [`NoNumber`].
fn number(text: &str, most: i64) -> Result<Option<i64>, NoNumber> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case(UNLIMITED) {
        return Ok(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_number && *number <= most);
    number.map(Some).ok_or(NoNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> PlanForm {
        let [name, price, currency, actions] = ["Small", "19,5", "eur", "50000"].map(str::to_owned);
        PlanForm { name, price, currency, actions, ..PlanForm::default() }
    }

    #[test]
    fn a_plan_is_written_as_it_is_read() {
        let plan = form().check().unwrap();
        assert_eq!(plan.terms.price.to_string(), "19.50 EUR");
        assert_eq!(plan.terms.actions_max, Some(50_000));
        assert_eq!(PlanForm::from_plan(&plan).check().unwrap(), plan);
        for any in ["", "unlimited", " Unlimited "] {
            let plan = PlanForm { actions: any.into(), ..form() }.check().unwrap();
            assert_eq!(plan.terms.actions_max, None, "{any}");
            assert_eq!(PlanForm::from_plan(&plan).check().unwrap(), plan);
        }
    }

    #[test]
    fn every_problem_of_a_plan_is_named() {
        let wrong = PlanForm {
            name: " ".into(),
            price: "1.900".into(),
            currency: "€".into(),
            actions: "-1".into(),
            contact: "a\nb".into(),
            notes: "x".repeat(2_001),
        };
        let Err(Error::Invalid(problems)) = wrong.check() else { panic!("accepted") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.clone()).collect();
        assert_eq!(fields, ["name", "price", "currency", "actions", "contact", "notes"]);
    }

    #[test]
    fn a_number_of_sites_is_digits_or_unlimited() {
        assert_eq!((sites_max("3").unwrap(), sites_max("").unwrap()), (Some(3), None));
        for wrong in ["-1", "three", "1.5", "99999999", "９"] {
            assert!(sites_max(wrong).is_err(), "{wrong}");
        }
    }
}
