//! Which visits a question is about: conditions named as in Clicky's grammar, all of which must hold, so that any view
//! is a link.

use super::catalogue;
use super::columns::{DayColumns, Key, pair};
use super::dimension::{By, Dimension, Naming, family};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::VisitId;
use crate::ingest::agent::Hardware;
use crate::ingest::names;
use crate::ingest::source::Medium;
use crate::limits;
use crate::store::labels;
use rusqlite::Connection;
use std::collections::HashSet;

/// What stands for a value that is not known.
pub const UNKNOWN: &str = "(unknown)";

/// One condition as a person gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it is about.
    pub dimension: &'static Dimension,
    /// The value, as the address has it.
    pub value: String,
}

/// Reads the conditions among the parameters of an address; others are passed over.
pub fn wanted(parameters: &[(String, String)]) -> Result<Vec<Wanted>> {
    let conditions = parameters.iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, value)| {
        Some(Wanted { dimension: catalogue::dimension_of_filter(name)?, value: value.clone() })
    });
    let wanted: Vec<Wanted> = conditions.collect();
    if wanted.len() > limits::CONDITIONS_MAX {
        return Err(Error::invalid(
            "filter",
            format!("That are too many filters. Choose {} at most.", limits::CONDITIONS_MAX),
        ));
    }
    Ok(wanted)
}

/// The visits that a question is about.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    conditions: Vec<Condition>,
    /// Visits from this one on are left out.
    before: Option<VisitId>,
}

#[derive(Clone, Debug)]
enum Condition {
    /// Visits with one of these keys.
    OneOf(By, HashSet<Key>),
    /// Visits with so many actions.
    Actions(u32, u32),
    /// Visits of so many seconds.
    Seconds(u32, u32),
}

impl Filter {
    /// All visits.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Visits for which all of these hold. What nobody ever had matches nothing.
    pub fn of(connection: &Connection, domain: &str, wanted: &[Wanted]) -> Result<Self> {
        let conditions = wanted.iter().map(|wanted| condition(connection, domain, wanted));
        Ok(Self { conditions: conditions.collect::<Result<_>>()?, before: None })
    }

    /// The same, of visits that began before a moment.
    #[must_use]
    pub fn before(&self, moment: Timestamp) -> Self {
        Self { conditions: self.conditions.clone(), before: Some(VisitId::first_at(moment)) }
    }

    /// Whether it lets every visit pass.
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && self.before.is_none()
    }

    /// Which visits of a day pass; none when all do.
    pub fn mask(&self, day: &DayColumns) -> Option<Vec<bool>> {
        if self.is_everything() {
            return None;
        }
        let visits = &day.visits;
        let mut mask = vec![true; visits.len()];
        if let Some(before) = self.before {
            let end = visits.ids.partition_point(|id| *id < before.0);
            mask[end..].fill(false);
        }
        for condition in &self.conditions {
            match condition {
                Condition::OneOf(by, keys) => one_of(&mut mask, day, *by, keys),
                Condition::Actions(least, most) => {
                    let holds = |row: usize| (*least..=*most).contains(&visits.actions[row]);
                    mask.iter_mut().enumerate().for_each(|(row, passes)| *passes &= holds(row));
                }
                Condition::Seconds(least, most) => {
                    let holds = |row: usize| (*least..=*most).contains(&visits.seconds(row));
                    mask.iter_mut().enumerate().for_each(|(row, passes)| *passes &= holds(row));
                }
            }
        }
        Some(mask)
    }
}

fn one_of(mask: &mut [bool], day: &DayColumns, by: By, keys: &HashSet<Key>) {
    let meant = |keys_of_day: &[Key]| keys_of_day.iter().map(|key| keys.contains(key)).collect::<Vec<_>>();
    let belongings = match by {
        By::Property(property) => {
            let column = day.visits.column(property);
            let meant = meant(&column.keys);
            mask.iter_mut().zip(&column.codes).for_each(|(passes, code)| *passes &= meant[*code as usize]);
            return;
        }
        By::Actions(kind) => day.actions(kind),
        By::Custom => &day.custom,
        By::ActionCount | By::TimeOnSite => return,
    };
    let meant = meant(&belongings.items.keys);
    let mut has_one = vec![false; mask.len()];
    for (visit, code) in belongings.visits.iter().zip(&belongings.items.codes) {
        has_one[*visit as usize] |= meant[*code as usize];
    }
    mask.iter_mut().zip(has_one).for_each(|(passes, has_one)| *passes &= has_one);
}

fn condition(connection: &Connection, domain: &str, wanted: &Wanted) -> Result<Condition> {
    let dimension = wanted.dimension;
    Ok(match dimension.by {
        By::ActionCount => {
            let (least, most) = range(&wanted.value)?;
            Condition::Actions(least, most)
        }
        By::TimeOnSite => {
            let (least, most) = range(&wanted.value)?;
            Condition::Seconds(least, most)
        }
        by => Condition::OneOf(by, keys(connection, domain, wanted)?),
    })
}

/// `4`, `4-6` or `21-`.
fn range(text: &str) -> Result<(u32, u32)> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let read = match text.split_once('-') {
        None => number(text).map(|value| (value, value)),
        Some((least, "")) => number(least).map(|least| (least, u32::MAX)),
        Some((least, most)) => number(least).zip(number(most)),
    };
    read.ok_or_else(|| Error::invalid("filter", "Write a number such as 4, or a range such as 4-6 or 21-."))
}

fn keys(connection: &Connection, domain: &str, wanted: &Wanted) -> Result<HashSet<Key>> {
    let value = wanted.value.as_str();
    if value == UNKNOWN {
        return Ok(HashSet::from([0]));
    }
    let label =
        |text: &str| -> Result<Option<Key>> { Ok(labels::find(connection, text)?.map(i64::cast_unsigned)) };
    let beginning = |start: &str, is_meant: &dyn Fn(&str) -> bool| -> Result<Vec<Key>> {
        let found = labels::list_beginning(connection, start)?.into_iter();
        Ok(found.filter(|(_, text)| is_meant(text)).map(|(label, _)| label.cast_unsigned()).collect())
    };
    let mut keys = HashSet::new();
    match wanted.dimension.naming {
        Naming::Text | Naming::Address => keys.extend(label(value)?),
        Naming::Page => {
            keys.extend(label(value)?);
            if value.starts_with('/') {
                for start in ["https://", "http://", "https://www.", "http://www."] {
                    keys.extend(label(&format!("{start}{domain}{value}"))?);
                }
            }
        }
        Naming::Family => {
            keys.extend(label(value)?);
            keys.extend(beginning(&format!("{value} "), &|text| family(text) == value)?);
        }
        Naming::Host => {
            for scheme in ["https://", "http://"] {
                keys.extend(beginning(&format!("{scheme}{value}/"), &|_| true)?);
            }
        }
        Naming::Language => {
            keys.extend(label(value)?);
            keys.extend(beginning(&format!("{value}-"), &|_| true)?);
        }
        Naming::Country => keys.extend(names::country_code(value).map(label).transpose()?.flatten()),
        Naming::Place => {
            if let Some((place, country)) = value.rsplit_once(", ") {
                let country = names::country_code(country).map(label).transpose()?.flatten().unwrap_or(0);
                keys.extend(label(place)?.map(|place| pair(country, place)));
            }
        }
        Naming::Medium => keys.extend(
            Medium::ALL
                .iter()
                .find(|medium| medium.title() == value)
                .map(|medium| medium.code().cast_unsigned()),
        ),
        Naming::Hardware => keys.extend(
            Hardware::ALL
                .iter()
                .find(|hardware| hardware.name() == value)
                .map(|hardware| hardware.code().cast_unsigned()),
        ),
        Naming::Pair => {
            if let Some((key, text)) = value.split_once(": ") {
                keys.extend(label(key)?.zip(label(text)?).map(|(key, text)| pair(key, text)));
            }
        }
        Naming::Visitor => keys.extend(value.parse::<i64>().ok().map(i64::cast_unsigned)),
        Naming::ActionCount | Naming::TimeOnSite => {}
    }
    Ok(keys)
}
