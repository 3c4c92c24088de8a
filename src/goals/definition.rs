//! The definition of goals: adding, changing, removing them and bringing them back.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::ingest::clean_text;
use crate::limits;
use crate::model::id::{GoalId, SiteId};
use crate::store::goals::{self, Goal, GoalSettings};
use crate::store::sites::Site;
use crate::store::unsealed_goals;
use rusqlite::{Connection, Transaction};

/// Adds a goal. Its code is what pages and programs send: the name unless another one is given. A goal of that code that a
/// page named is set up, and a removed one comes back with these settings.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a setting is not valid, the name or the code is taken, or the site has too many goals,
/// and when the data file cannot be written.
pub fn add(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    code: Option<&str>,
    settings: GoalSettings,
) -> Result<GoalId> {
    let settings = checked(settings)?;
    let has_code = code.is_some_and(|code| !code.trim().is_empty());
    let code = checked_code(code.filter(|_| has_code).unwrap_or(&settings.name))?;
    let earlier = goals::find_of_code(tx, site.id, &code)?;
    let id = earlier.as_ref().map(|goal| goal.id);
    check_name_is_free(tx, site, &settings.name, id)?;
    match earlier {
        Some(goal) if goal.removed_at.is_none() && goal.is_set_up => {
            let field = if has_code { "code" } else { "name" };
            let name = &goal.settings.name;
            Err(Error::invalid(field, format!("“{code}” is the code of the goal “{name}” already.")))
        }
        Some(goal) => {
            check_room(tx, site, &goal)?;
            goals::update(tx, site.id, goal.id, &settings)?;
            let was_removed = goal.removed_at.is_some();
            if was_removed {
                unsealed_goals::unseal(tx, site.id, goal.id)?;
            }
            if was_removed || counts_otherwise(&goal.settings, &settings) {
                goals::begin_matching(tx, site.id, goal.id)?;
            }
            actor.record(tx, site.id, AuditAction::AddGoal, &describe(site, &code, &settings))?;
            Ok(goal.id)
        }
        None => {
            check_count(tx, site)?;
            let id = goals::create(tx, site.id, &code, &settings, true, actor.at)?;
            if settings.rule.is_some() {
                goals::begin_matching(tx, site.id, id)?;
            }
            actor.record(tx, site.id, AuditAction::AddGoal, &describe(site, &code, &settings))?;
            Ok(id)
        }
    }
}

/// Changes the settings of a goal, which keeps its code. One that a page named is set up.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such goal, with `Error::Invalid` when a setting is not valid or the name is
/// taken, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: GoalId,
    settings: GoalSettings,
) -> Result<()> {
    let before = present(tx, site, id)?;
    let settings = checked(settings)?;
    if before.is_set_up && before.settings == settings {
        return Ok(());
    }
    check_name_is_free(tx, site, &settings.name, Some(id))?;
    if !before.is_set_up {
        check_count(tx, site)?;
    }
    goals::update(tx, site.id, id, &settings)?;
    if counts_otherwise(&before.settings, &settings) {
        goals::begin_matching(tx, site.id, id)?;
    }
    let about = describe(site, &before.code, &settings);
    let renamed = if before.settings.name == settings.name {
        String::new()
    } else {
        format!(", before {}", before.settings.name)
    };
    actor.record(tx, site.id, AuditAction::ChangeGoal, &format!("{about}{renamed}"))
}

/// Removes a goal. Its conversions stay and count no more.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such goal, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: GoalId) -> Result<()> {
    let goal = present(tx, site, id)?;
    goals::set_removed(tx, site.id, id, Some(actor.at))?;
    unsealed_goals::unseal(tx, site.id, id)?;
    actor.record(tx, site.id, AuditAction::RemoveGoal, &goal.settings.name)
}

/// Brings a removed goal back, with the conversions of the time in which it was away.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such removed goal, with `Error::Invalid` when its name is taken or the site
/// has too many goals, and when the data file cannot be written.
pub fn bring_back(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: GoalId) -> Result<()> {
    let goal = goals::get(tx, site.id, id)?;
    if goal.removed_at.is_none() {
        return Err(Error::Missing("removed goal"));
    }
    check_room(tx, site, &goal)?;
    check_name_is_free(tx, site, &goal.settings.name, Some(id))?;
    goals::set_removed(tx, site.id, id, None)?;
    unsealed_goals::unseal(tx, site.id, id)?;
    goals::begin_matching(tx, site.id, id)?;
    actor.record(tx, site.id, AuditAction::BringGoalBack, &goal.settings.name)
}

/// Has all goals of a site matched with all visits so far, as after an import.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn match_all_again(tx: &Transaction<'_>, site: SiteId) -> Result<()> {
    goals::list(tx, site)?.into_iter().try_for_each(|goal| goals::begin_matching(tx, site, goal.id))
}

/// Returns a goal that is not removed.
fn present(connection: &Connection, site: &Site, id: GoalId) -> Result<Goal> {
    let goal = goals::get(connection, site.id, id)?;
    if goal.removed_at.is_some() { Err(Error::Missing("goal")) } else { Ok(goal) }
}

/// Returns settings with a trimmed name, if they are valid.
fn checked(mut settings: GoalSettings) -> Result<GoalSettings> {
    settings.name = settings.name.trim().to_owned();
    let length = settings.name.chars().count();
    if !is_plain(&settings.name) || !(1..=limits::GOAL_NAME_CHARS_MAX).contains(&length) {
        let most = limits::GOAL_NAME_CHARS_MAX;
        return Err(Error::invalid("name", format!("Give the goal a name of 1 to {most} characters.")));
    }
    if let Some(rule) = &settings.rule {
        rule.compile()?;
    }
    if settings.revenue.is_some_and(|revenue| revenue.abs() > limits::REVENUE_MAX) {
        return Err(Error::invalid("revenue", "That's more revenue than one conversion can have."));
    }
    Ok(settings)
}

/// Returns the code as hits would arrive with it.
fn checked_code(code: &str) -> Result<String> {
    let code = code.trim();
    match clean_text::word(code).filter(|clean| clean == code) {
        Some(code) if code == goals::OTHER => {
            let sentence = "“(other)” counts the goals that a site has no room for. Choose another name.";
            Err(Error::invalid("code", sentence))
        }
        Some(code) => Ok(code),
        None => {
            let most = limits::WORD_BYTES_MAX;
            Err(Error::invalid("code", format!("Give a code of 1 to {most} plain characters.")))
        }
    }
}

/// Returns true for a text without control characters and invisible letters.
pub(super) fn is_plain(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_control() || clean_text::is_invisible(letter))
}

/// Checks that no other goal goes by a name, neither as its name nor as its code.
fn check_name_is_free(connection: &Connection, site: &Site, name: &str, id: Option<GoalId>) -> Result<()> {
    let same = |text: &str| text.to_lowercase() == name.to_lowercase();
    let goals = goals::list(connection, site.id)?;
    let taken = goals
        .iter()
        .filter(|goal| Some(goal.id) != id)
        .find(|goal| same(&goal.settings.name) || goal.code == name);
    match taken {
        None => Ok(()),
        Some(goal) if same(&goal.settings.name) => {
            Err(Error::invalid("name", "There's a goal of that name already. Choose another name."))
        }
        Some(goal) => Err(Error::invalid(
            "name",
            format!("“{name}” is the code of the goal “{}”. Choose another name.", goal.settings.name),
        )),
    }
}

/// Checks that there is room for a goal, unless it is there and set up already.
fn check_room(connection: &Connection, site: &Site, goal: &Goal) -> Result<()> {
    if goal.removed_at.is_some() || !goal.is_set_up { check_count(connection, site) } else { Ok(()) }
}

/// Checks that there is room for one more goal that is set up. Found ones do not count: else whoever sends enough names keeps
/// others from setting goals up.
fn check_count(connection: &Connection, site: &Site) -> Result<()> {
    if goals::count_set_up(connection, site.id)? < limits::GOALS_PER_SITE_MAX {
        return Ok(());
    }
    let most = limits::GOALS_PER_SITE_MAX;
    Err(Error::invalid(
        "name",
        format!("A site has room for {most} goals that are set up. Remove one first."),
    ))
}

/// Returns true if conversions made under other settings are not those of these.
fn counts_otherwise(before: &GoalSettings, after: &GoalSettings) -> bool {
    before.rule != after.rule
        || before.revenue != after.revenue
        || before.is_every_time != after.is_every_time
}

/// Returns the line of the audit log for a goal.
fn describe(site: &Site, code: &str, settings: &GoalSettings) -> String {
    let GoalSettings { name, rule, revenue, is_every_time } = settings;
    let name = if code == name { name.clone() } else { format!("{name} (code {code})") };
    let rule = match rule {
        None => "named by pages".to_owned(),
        Some(rule) if rule.kind.is_number() => format!("{} {}", rule.kind.name(), rule.pattern),
        Some(rule) => format!("{} {} {}", rule.kind.name(), rule.matching.name(), rule.pattern),
    };
    let revenue = revenue.map(|revenue| site.currency.text(revenue));
    let every_time = is_every_time.then(|| "every time".to_owned());
    [Some(name), Some(rule), revenue, every_time].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
