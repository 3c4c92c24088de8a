//! Which visits a question is about: conditions named as in Clicky's grammar, all of which must hold, so that any view
//! is a link.

use super::catalogue;
use super::columns::numbers::of_any_width;
use super::columns::stretch::{Rows, Stretch, Wants};
use super::columns::{Key, Of, Part, pair};
use super::dimension::{By, Dimension, Naming, family};
use super::questions::place;
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
use std::ops::Range;

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

    /// Whether visits must fulfil something, beside having begun in time.
    pub fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// The visit from which on none count, if there is an end.
    pub fn end(&self) -> Option<VisitId> {
        self.before
    }

    /// Keys of columns that have to be looked at first.
    pub fn heads(&self) -> impl Iterator<Item = Part> + '_ {
        let of = self.conditions.iter().map(|condition| Of::from(condition.by()));
        of.filter(|of| matches!(of, Of::Property(_) | Of::Bag(_))).map(Part::Head)
    }

    /// What the conditions mean among the keys of a stretch, whose last visits may be too late. None when no visit can
    /// pass.
    pub fn meant(&self, _: &Connection, stretch: &Stretch, is_cut: bool) -> Result<Option<Meant>> {
        let mut meant = Meant { conditions: Vec::new(), is_cut };
        for condition in &self.conditions {
            let Condition::OneOf(by, keys) = condition else {
                meant.conditions.push(Vec::new());
                continue;
            };
            let known: Vec<bool> =
                stretch.head(Of::from(*by)).keys.all().map(|key| keys.contains(&key)).collect();
            if !known.contains(&true) {
                return Ok(None);
            }
            meant.conditions.push(known);
        }
        Ok(Some(meant))
    }

    /// What must be loaded to tell which visits pass.
    pub fn needs(&self, meant: &Meant, wants: &mut Wants) {
        self.conditions.iter().for_each(|condition| wants.rows_by(condition.by()));
        if meant.is_cut {
            wants.parts.push(Part::Ids);
        }
    }

    /// Which visits of some rows pass.
    pub fn rows(&self, stretch: &Stretch, range: Range<usize>, meant: &Meant) -> Rows {
        if meant.is_everything() {
            return Rows::all(range);
        }
        let mut holds = vec![true; range.len()];
        if let Some(end) = self.before.filter(|_| meant.is_cut) {
            let end = stretch.ids().place(end).clamp(range.start, range.end);
            holds[end - range.start..].fill(false);
        }
        for (condition, meant) in self.conditions.iter().zip(&meant.conditions) {
            condition.narrow(&mut holds, stretch, &range, meant);
        }
        Rows::picked(range, holds)
    }
}

/// What the conditions of a filter mean in one stretch.
#[derive(Clone, Debug)]
pub struct Meant {
    /// Of each condition, which keys of its column are meant.
    conditions: Vec<Vec<bool>>,
    /// Visits may be too late.
    is_cut: bool,
}

impl Meant {
    /// Whether every visit passes.
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && !self.is_cut
    }
}

impl Condition {
    fn by(&self) -> By {
        match self {
            Self::OneOf(by, _) => *by,
            Self::Actions(..) => By::ActionCount,
            Self::Seconds(..) => By::TimeOnSite,
        }
    }

    /// Takes those rows out that do not pass.
    fn narrow(&self, holds: &mut [bool], stretch: &Stretch, range: &Range<usize>, meant: &[bool]) {
        let start = range.start;
        let mut keep = |passes: &dyn Fn(usize) -> bool| {
            holds.iter_mut().zip(start..).for_each(|(holds, row)| *holds = *holds && passes(row));
        };
        let of = Of::from(self.by());
        let codes = stretch.codes(of);
        match (self, of) {
            (Self::Actions(least, most), _) => {
                let actions = stretch.numbers(Part::Actions);
                keep(&|row| (u64::from(*least)..=u64::from(*most)).contains(&actions.get(row)));
            }
            (Self::Seconds(least, most), _) => {
                let seconds = stretch.numbers(Part::Seconds);
                keep(&|row| (u64::from(*least)..=u64::from(*most)).contains(&seconds.get(row)));
            }
            (Self::OneOf(..), Of::Bag(bag)) => {
                let mut has_one = vec![false; range.len()];
                let rows = Rows::picked(range.clone(), holds.to_vec());
                of_any_width!(codes, |code| stretch.each_in(bag, &rows, |visit, row| {
                    has_one[visit - start] |= meant[place(code(row))];
                }));
                holds.iter_mut().zip(has_one).for_each(|(holds, has_one)| *holds &= has_one);
            }
            (Self::OneOf(..), _) => of_any_width!(codes, |code| {
                holds.iter_mut().zip(start..).for_each(|(holds, row)| *holds &= meant[place(code(row))]);
            }),
        }
    }
}

fn condition(connection: &Connection, domain: &str, wanted: &Wanted) -> Result<Condition> {
    let dimension = wanted.dimension;
    Ok(match dimension.by {
        By::ActionCount => {
            let (least, most) = numbers(&wanted.value)?;
            Condition::Actions(least, most)
        }
        By::TimeOnSite => {
            let (least, most) = numbers(&wanted.value)?;
            Condition::Seconds(least, most)
        }
        by => Condition::OneOf(by, keys(connection, domain, wanted)?),
    })
}

/// `4`, `4-6` or `21-`.
fn numbers(text: &str) -> Result<(u32, u32)> {
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
