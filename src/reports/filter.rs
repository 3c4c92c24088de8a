//! Which visits a question is about: conditions, all of which must hold. Texts are compared with the dictionary of keys
//! of a day, each distinct key once, and never with the rows.

use super::columns::numbers::{Numbers, of_any_width};
use super::columns::stretch::{Rows, Stretch, Wants};
use super::columns::{Key, Of, Part, Property, pair, unpair};
use super::dimension::{By, Naming, family};
use super::naming::host;
use super::questions::place;
use super::wanted::{self, Operator, UNKNOWN, Wanted};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::VisitId;
use crate::ingest::agent::Hardware;
use crate::ingest::names::{country_name, language_family, primary};
use crate::ingest::page;
use crate::ingest::source::Medium;
use crate::store::labels;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// The visits that a question is about.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    conditions: Vec<Condition>,
    /// So many of the conditions, the first ones, say which visits there are at all, for whoever asks.
    within: usize,
    /// Visits from this one on are left out.
    before: Option<VisitId>,
}

/// One condition: visits that have something for which the test holds, or, negated, nothing.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What of a visit is looked at.
    pub by: By,
    /// What is meant.
    pub test: Test,
    /// Visits that have it are left out instead.
    pub is_negated: bool,
}

/// What is meant by a condition.
#[derive(Clone, Debug)]
pub enum Test {
    /// Keys that are known beforehand.
    Keys(Keys),
    /// Keys with a name that fits.
    Names(Arc<Names>),
    /// Numbers within one of these, both ends included.
    Numbers(Vec<(u32, u32)>),
}

/// Keys that are known beforehand.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    whole: HashSet<Key>,
    /// First halves of pairs: custom data by its key alone.
    first: HashSet<Key>,
}

/// A comparison of names, and which keys have been compared already.
#[derive(Debug)]
pub struct Names {
    naming: Naming,
    operator: Operator,
    /// In small letters.
    values: Vec<String>,
    /// Also what has no name.
    means_unknown: bool,
    known: Mutex<HashMap<Key, bool>>,
}

impl Filter {
    /// All visits.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Visits for which all of these hold. What nobody ever had matches nothing.
    pub fn of<'w>(
        connection: &Connection,
        domain: &str,
        wanted: impl IntoIterator<Item = &'w Wanted>,
    ) -> Result<Self> {
        let conditions = wanted.into_iter().map(|wanted| Condition::of(connection, domain, wanted));
        Ok(Self { conditions: conditions.collect::<Result<_>>()?, within: 0, before: None })
    }

    /// The same, where visits are not there at all for which the first so many do not hold: a visitor's first of a day is
    /// the first of those that are there.
    #[must_use]
    pub fn within(self, conditions: usize) -> Self {
        Self { within: conditions.min(self.conditions.len()), ..self }
    }

    /// The same, of visits that began before a moment.
    #[must_use]
    pub fn before(&self, moment: Timestamp) -> Self {
        Self { before: Some(VisitId::first_at(moment)), ..self.clone() }
    }

    /// The same, of visits before this one.
    #[must_use]
    pub fn below(&self, visit: VisitId) -> Self {
        Self { before: Some(self.before.map_or(visit, |end| end.min(visit))), ..self.clone() }
    }

    /// The same, of visits of which something of this kind is known.
    #[must_use]
    pub fn having(&self, by: By) -> Self {
        let unknown = Keys { whole: HashSet::from([0]), ..Keys::default() };
        let mut filter = self.clone();
        filter.conditions.push(Condition { by, test: Test::Keys(unknown), is_negated: true });
        filter
    }

    /// Whether visits must fulfil something, beside having begun in time.
    pub fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Whether it lets every visit pass.
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && self.before.is_none()
    }

    /// The visit from which on none count, if there is an end.
    pub fn end(&self) -> Option<VisitId> {
        self.before
    }

    /// Keys of columns that have to be looked at first.
    pub fn heads(&self) -> impl Iterator<Item = Part> + '_ {
        let of = self.conditions.iter().map(|condition| Of::from(condition.by));
        of.filter(|of| matches!(of, Of::Property(_) | Of::Bag(_))).map(Part::Head)
    }

    /// What the conditions mean among the keys of a stretch, whose last visits may be too late. None when no visit can
    /// pass.
    pub fn meant(&self, connection: &Connection, stretch: &Stretch, is_cut: bool) -> Result<Option<Meant>> {
        let mut meant = Meant { conditions: Vec::new(), is_cut };
        for condition in &self.conditions {
            let keys: Vec<Key> = match Of::from(condition.by) {
                Of::ActionCount | Of::TimeOnSite => Vec::new(),
                of => stretch.head(of).keys.all().collect(),
            };
            let known = condition.test.meant(connection, &keys)?;
            let is_impossible = !condition.is_negated && !known.contains(&true);
            if is_impossible && !matches!(condition.test, Test::Numbers(_)) {
                return Ok(None);
            }
            meant.conditions.push(known);
        }
        Ok(Some(meant))
    }

    /// What must be loaded to tell which visits pass.
    pub fn needs(&self, meant: &Meant, wants: &mut Wants) {
        self.conditions.iter().for_each(|condition| wants.rows_by(condition.by));
        if self.within > 0 {
            wants.rows_by(By::Property(Property::Visitor));
        }
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
        let mut firsts = None;
        for (place, (condition, meant)) in self.conditions.iter().zip(&meant.conditions).enumerate() {
            condition.narrow(&mut holds, stretch, &range, meant);
            if place + 1 == self.within {
                firsts = Some(stretch.firsts(&range, &holds));
            }
        }
        let rows = Rows::picked(range, holds);
        match firsts {
            Some(firsts) => rows.with_firsts(firsts),
            None => rows,
        }
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
    fn of(connection: &Connection, domain: &str, wanted: &Wanted) -> Result<Self> {
        Ok(Self {
            by: wanted.dimension.by,
            test: Test::of(connection, domain, wanted)?,
            is_negated: wanted.operator.is_negated(),
        })
    }

    /// Takes those rows out that do not pass.
    fn narrow(&self, holds: &mut [bool], stretch: &Stretch, range: &Range<usize>, meant: &[bool]) {
        let is_wanted = !self.is_negated;
        let of = Of::from(self.by);
        let codes = stretch.codes(of);
        match of {
            Of::ActionCount => self.narrow_numbers(holds, stretch.numbers(Part::Actions), range),
            Of::TimeOnSite => self.narrow_numbers(holds, stretch.numbers(Part::Seconds), range),
            Of::Property(_) => of_any_width!(codes, |code| {
                for (holds, row) in holds.iter_mut().zip(range.clone()) {
                    *holds &= meant[place(code(row))] == is_wanted;
                }
            }),
            Of::Bag(bag) => of_any_width!(codes, |code| {
                stretch.narrow_by(bag, (holds, range), is_wanted, |row| meant[place(code(row))]);
            }),
        }
    }

    fn narrow_numbers(&self, holds: &mut [bool], numbers: &Numbers, range: &Range<usize>) {
        for (holds, row) in holds.iter_mut().zip(range.clone()) {
            let number = u32::try_from(numbers.get(row)).unwrap_or(u32::MAX);
            *holds &= self.test.holds(number) != self.is_negated;
        }
    }
}

impl Test {
    /// Finds out what is meant.
    pub fn of(connection: &Connection, domain: &str, wanted: &Wanted) -> Result<Self> {
        let naming = wanted.dimension.naming;
        let is_exact = !wanted.operator.is_partial();
        Ok(match naming {
            Naming::ActionCount | Naming::TimeOnSite => {
                Self::Numbers(wanted.values.iter().map(|value| wanted::range(value)).collect::<Result<_>>()?)
            }
            Naming::Text | Naming::Page | Naming::Address | Naming::Pair | Naming::Visitor if is_exact => {
                Self::Keys(Keys::of(connection, domain, wanted)?)
            }
            _ => Self::Names(Arc::new(Names {
                naming,
                operator: wanted.operator,
                values: wanted.values.iter().map(|value| value.to_lowercase()).collect(),
                means_unknown: is_exact && wanted.values.iter().any(|value| value == UNKNOWN),
                known: Mutex::default(),
            })),
        })
    }

    /// Whether a number is meant.
    pub fn holds(&self, number: u32) -> bool {
        match self {
            Self::Numbers(ranges) => ranges.iter().any(|(least, most)| (*least..=*most).contains(&number)),
            Self::Keys(_) | Self::Names(_) => false,
        }
    }

    /// Which keys of a dictionary are meant.
    pub fn meant(&self, connection: &Connection, keys: &[Key]) -> Result<Vec<bool>> {
        match self {
            Self::Keys(known) => Ok(keys.iter().map(|key| known.has(*key)).collect()),
            Self::Names(names) => names.meant(connection, keys),
            Self::Numbers(_) => Ok(vec![false; keys.len()]),
        }
    }
}

impl Keys {
    fn has(&self, key: Key) -> bool {
        self.whole.contains(&key) || !self.first.is_empty() && self.first.contains(&unpair(key).0)
    }

    /// What exactly these values are kept as.
    fn of(connection: &Connection, domain: &str, wanted: &Wanted) -> Result<Self> {
        let label = |text: &str| -> Result<Option<Key>> {
            Ok(labels::find(connection, text)?.map(i64::cast_unsigned))
        };
        let mut keys = Self::default();
        for value in &wanted.values {
            if value == UNKNOWN {
                keys.whole.insert(0);
                continue;
            }
            match wanted.dimension.naming {
                Naming::Pair => match value.split_once(": ") {
                    Some((key, text)) => {
                        keys.whole.extend(label(key)?.zip(label(text)?).map(|(key, text)| pair(key, text)));
                    }
                    None => keys.first.extend(label(value)?),
                },
                Naming::Visitor => keys.whole.extend(value.parse::<i64>().ok().map(i64::cast_unsigned)),
                naming => {
                    keys.whole.extend(label(value)?);
                    let is_address = matches!(naming, Naming::Page | Naming::Address);
                    let value = &if is_address { page::escaped(value) } else { value.clone() };
                    keys.whole.extend(label(value)?);
                    if naming == Naming::Page && value.starts_with('/') {
                        for start in ["https://", "http://", "https://www.", "http://www."] {
                            keys.whole.extend(label(&format!("{start}{domain}{value}"))?);
                        }
                    }
                }
            }
        }
        Ok(keys)
    }
}

impl Names {
    fn meant(&self, connection: &Connection, keys: &[Key]) -> Result<Vec<bool>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts = labels::Texts::of(connection)?;
        let meant = keys.iter().map(|key| {
            if let Some(is_meant) = known.get(key) {
                return Ok(*is_meant);
            }
            let is_meant = self.fits(&mut texts, *key)?;
            known.insert(*key, is_meant);
            Ok(is_meant)
        });
        meant.collect()
    }

    /// Whether the name of a key fits: what people read, or what stands for it in an address.
    fn fits(&self, texts: &mut labels::Texts<'_>, key: Key) -> Result<bool> {
        match self.naming {
            Naming::Medium => {
                let medium = Medium::from_code(key.cast_signed()).unwrap_or(Medium::Direct);
                return Ok(self.is(medium.title()) || self.means_unknown && key == 0);
            }
            Naming::Hardware => {
                let hardware = Hardware::from_code(key.cast_signed()).unwrap_or(Hardware::Other);
                return Ok(self.is(hardware.name()) || self.means_unknown && key == 0);
            }
            _ if key == 0 => return Ok(self.means_unknown),
            _ => {}
        }
        let mut text =
            |label: Key| -> Result<String> { Ok(texts.find(label.cast_signed())?.unwrap_or_default()) };
        Ok(match self.naming {
            Naming::Place => {
                let (country, place) = unpair(key);
                let (country, place) =
                    (if country == 0 { String::new() } else { text(country)? }, text(place)?);
                self.is(&place)
                    || self.is_in_address(&format!("{place}, {country}"))
                    || self.is_in_address(&format!("{place}, {}", country_name(&country)))
            }
            Naming::Pair => {
                let (name, value) = unpair(key);
                let (name, value) = (text(name)?, text(value)?);
                self.is(&value) || self.is(&format!("{name}: {value}"))
            }
            _ => self.fits_text(&text(key)?),
        })
    }

    fn fits_text(&self, text: &str) -> bool {
        match self.naming {
            // Never more exactly than the report tells: who may see browsers need not see their versions.
            Naming::Family => self.is(family(text)),
            Naming::Host => self.is(&host(text)),
            Naming::Language => self.is(language_family(text)) || self.is_in_address(primary(text)),
            Naming::Country => self.is(country_name(text)) || self.is_in_address(text),
            Naming::Page | Naming::Address => {
                let read = page::readable(text);
                let is = |text: &str| {
                    self.is(text)
                        || self.operator == Operator::Starts
                            && parts_of(text).is_some_and(|parts| parts.into_iter().any(|part| self.is(part)))
                };
                is(text) || read != text && is(&read)
            }
            _ => self.is(text),
        }
    }

    /// Whether what stands for a name in an address is meant. It has no parts: nobody who looks for names with "de" in
    /// them means Germany's code.
    fn is_in_address(&self, value: &str) -> bool {
        !self.operator.is_partial() && self.is(value)
    }

    fn is(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.values.iter().any(|value| match self.operator {
            Operator::Is | Operator::IsNot | Operator::OneOf => name == *value,
            Operator::Contains | Operator::Lacks => name.contains(value.as_str()),
            Operator::Starts => name.starts_with(value.as_str()),
        })
    }
}

/// The path of an address, and the address without its scheme and without `www.`: what people take for its beginning.
fn parts_of(address: &str) -> Option<[&str; 3]> {
    let (_, rest) = address.split_once("://")?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    Some([path, rest, rest.strip_prefix("www.").unwrap_or(rest)])
}
